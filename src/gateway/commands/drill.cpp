// interwatt drill: the unplug test: takes from a site what it may lose one day, and looks whether it does
// what it is to do then.

#include "gateway/commands/commands.hpp"
#include "gateway/commands/confirm.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/demo_config.hpp"
#include "gateway/commands/drill_run.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/config_file.hpp"
#include "io/posix/folders.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string config;  // empty: a simulated site
  std::string device;
  bool without_gateway = false;
  bool plan = false;
  bool yes = false;
  bool json = false;
};

std::vector<std::string> planned(const Options& options, const SiteConfig& site) {
  std::vector<std::string> lines;
  if (!options.without_gateway) {
    lines.emplace_back(
        "loss of the gateway: it is killed; devices that fall back by themselves do, then it starts again");
    lines.emplace_back("loss of the hub or the program server: an order that nobody renews ends");
  }
  for (const DrillLoss& loss : plan_drill(site)) {
    if (options.device.empty() || loss.device == options.device) lines.push_back(to_string(loss));
  }
  lines.emplace_back("the gateway ends: each point is left at its fail-safe value");
  return lines;
}

// With a name that is none, all would be moved but what was meant.
Result<void> check_device(const std::string& device, const SiteConfig& site) {
  if (device.empty()) return {};
  std::vector<std::string> known;
  for (const DrillLoss& loss : plan_drill(site))
    known.push_back(loss.device);
  if (std::ranges::find(known, device) != known.end()) return {};
  return fail(ErrorKind::invalid_argument, fmt::format("no control depends on a device '{}'", device),
              known.empty() ? "leave out --device" : fmt::format("it does on: {}", fmt::join(known, ", ")));
}

void take_out(LoadedConfig& config, const std::string& device) {
  for (DeviceSection& section : config.site.devices)
    if (section.name == device) section.enabled = false;
}

int finish(const Options& options, const DrillReport& report, Console& console) {
  if (options.json) {
    print(console, to_json(report));
  } else {
    show_verdict(report, console);
  }
  return report.passed() ? 0 : 1;
}

DrillRun::Wanted wanted_of(const Options& options, Console& console) {
  DrillRun::Wanted wanted{.device = options.device, .gateway = !options.without_gateway, .progress = {}};
  if (!options.json) wanted.progress = [&console](const DrillStep& step) { show(step, console); };
  return wanted;
}

// ---- a simulated site

int drill_simulated(const Options& options, Console& console) {
  ConsoleLog log;
  log.set_threshold(LogLevel::error);
  auto scratch = io::posix::ScratchFolder::make();  // outlives what writes there
  if (!scratch) return give_up(console, options.json, scratch.error());
  Runtime runtime(log);
  io::posix::OsRandom random;
  sim::DemoSite site(runtime.core().network(), random, log, {.site = {.start_at = 10h}});
  const auto devices = site.start();
  if (!devices) return give_up(console, options.json, devices.error());

  const std::string data = scratch->path() + "/data";
  const std::string file = scratch->path() + "/interwatt.yaml";
  const std::string text = fmt::format("{}data: {}\nhistory: {{enabled: false}}\napi: {{enabled: false}}\n",
                                       demo_config(*devices), data);
  if (auto written = runtime.files().replace(file, text, 0600); !written)
    return give_up(console, options.json, written.error());
  const auto load = [&](const std::string& without) {
    auto config = read_config(file, runtime.files(), console);
    if (config) take_out(*config, without);
    return config;
  };
  const auto config = load("");
  if (!config) return 1;
  if (auto known = check_device(options.device, config->site); !known)
    return give_up(console, options.json, known.error(), 2);
  if (!options.json) {
    console.out("A simulated site: nothing real is touched.");
    for (const std::string& line : planned(options, config->site))
      console.out("  " + line);
  }
  if (options.plan) return 0;

  DrillReport report{.site = config->site.site.name, .simulated = true};
  DrillRun run(runtime,
               {.load = load,
                .cut =
                    [&site](const std::string& device, bool lost) {
                      if (sim::Device* found = site.find(device)) found->faults.silent = lost;
                    },
                .file = file,
                .data_folder = data,
                .said = scratch->path() + "/gateway.log"},
               wanted_of(options, console), report);
  io::TaskGroup tasks(runtime.core());
  tasks.spawn(site.run());
  run.run();
  site.stop();
  while (tasks.running() > 0)
    runtime.core().run_for(10ms);
  return finish(options, report, console);
}

// ---- a real one

int drill_real(const Options& options, Console& console) {
  ConsoleLog log;
  log.set_threshold(LogLevel::error);
  Runtime runtime(log);
  must_be_there("--config", options.config,
                "name the configuration of the site; without -c it is a simulated one");
  const auto config = read_config(options.config, runtime.files(), console);
  if (!config) return 1;
  if (auto known = check_device(options.device, config->site); !known)
    return give_up(console, options.json, known.error(), 2);
  if (!options.json || options.plan) {
    console.out(fmt::format("{}: this moves the real equipment of the site:", config->site.site.name));
    for (const std::string& line : planned(options, config->site))
      console.out("  " + line);
  }
  if (options.plan) return 0;
  if (!options.yes && !can_ask()) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "nobody is there to be asked, so nothing was done",
                    "--yes says that the equipment may be moved; --plan says what would be done"},
                   2);
  }
  if (!options.yes && !confirm(console, "Is everybody who works on the site told, and shall it begin?"))
    return give_up(console, options.json, {ErrorKind::cancelled, "nothing was done"});
  // The lock is taken again when the drill runs the gateway itself.
  if (auto free = runtime.claim(config->data_folder); !free) {
    return give_up(console, options.json,
                   {free.error().kind, free.error().message,
                    "the drill runs the gateway itself: stop that one first (systemctl stop interwatt)"});
  }
  runtime.unclaim();
  auto scratch = io::posix::ScratchFolder::make();
  if (!scratch) return give_up(console, options.json, scratch.error());
  DrillReport report{.site = config->site.site.name};
  DrillRun run(runtime,
               {.load =
                    [&](const std::string& without) {
                      auto loaded = read_config(options.config, runtime.files(), console);
                      if (loaded) take_out(*loaded, without);
                      return loaded;
                    },
                .file = options.config,
                .data_folder = config->data_folder,
                .said = scratch->path() + "/gateway.log"},
               wanted_of(options, console), report);
  run.run();
  return finish(options, report, console);
}

}  // namespace

void add_drill(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "drill", "The unplug test: takes lines and the gateway away, and looks whether the site is safe then.");
  command.add_option("-c,--config", options->config,
                     "a real site, whose gateway is stopped; a simulated one when left out");
  command.add_option("--device", options->device, "only the loss of this device");
  command.add_flag("--no-gateway", options->without_gateway, "without the loss of the gateway itself");
  command.add_flag("--plan", options->plan, "say what would be done, and end");
  command.add_flag("--yes", options->yes, "the equipment of a real site may be moved: do not ask");
  command.add_flag("--json", options->json, "the report for programs");
  command.footer(
      "It runs the gateway itself, with the configuration. Of a real site it closes the line of a device; "
      "cables "
      "stay where\n"
      "they are. Everything is given back at the end. Exit status: 0 all passed, 1 not, 2 wrong use.\n\n"
      "Examples:\n"
      "  interwatt drill\n"
      "  interwatt drill -c interwatt.yaml --plan\n"
      "  interwatt drill -c interwatt.yaml --device 'grid meter' --yes --json > report.json\n");
  command.callback([options, &program] {
    program.status = options->config.empty() ? drill_simulated(*options, program.console)
                                             : drill_real(*options, program.console);
  });
}

}  // namespace iw::gateway
