// interwatt demo: a whole simulated site on real sockets, the gateway polling it, and its values as a live
// table.

#include "gateway/commands/commands.hpp"
#include "gateway/commands/demo_config.hpp"
#include "gateway/commands/demo_past.hpp"
#include "gateway/commands/serve_api.hpp"
#include "gateway/config_store.hpp"
#include "gateway/live_json.hpp"
#include "gateway/live_table.hpp"
#include "gateway/runtime.hpp"
#include "io/posix/folders.hpp"
#include "sim/demo_site.hpp"

namespace iw::gateway {
namespace {

// What charts have behind them at the start.
constexpr Duration past_span = 2h;
constexpr Duration past_step = 2s;

constexpr std::string_view clear_screen = "\033[H\033[J";

struct Options {
  std::uint16_t port = 0;
  double seconds = 0;
  double day_minutes = 10;
  bool once = false;
  bool json = false;
  bool print_config = false;
};

std::string control_hint(const Gateway& gateway) {
  return fmt::format("What is controlled, and why: interwatt control list --data {}",
                     gateway.config().data_folder);
}

// A code and the reason, as a line of the screen.
std::string decisions(const ControllerDesk& desk, const Console& console) {
  std::string text = "\n\n" + console.styled(Style::bold, "Controllers") +
                     console.styled(Style::dim, "   what each wants; the highest level goes first") + "\n";
  for (const ControllerDesk::View& one : desk.view()) {
    text += fmt::format("  {:<14} {:<8} {:<12} {:<12} {}\n", one.name, to_string(one.mode),
                        to_string(one.level), one.decision.code, one.decision.words);
  }
  return text;
}

// What is shown, again and again, until it has been shown for long enough.
class Screen final : private io::Timer {
 public:
  // `api`: its address; empty: there is none.
  Screen(const Options& options, Console& console, Runtime& runtime, Gateway& gateway, std::string api)
      : options_(options),
        console_(console),
        runtime_(runtime),
        gateway_(gateway),
        api_(std::move(api)),
        started_(runtime.core().now()) {
    arm(options.once ? 200ms : 500ms);
  }

 private:
  void arm(Duration in) { runtime_.core().arm(*this, runtime_.core().now() + in); }

  [[nodiscard]] Duration shown_for() const { return runtime_.core().now() - started_; }

  // Everybody was heard of, or had time enough.
  [[nodiscard]] bool settled() const {
    if (shown_for() > 8s) return true;
    for (const model::SiteModel::Device& device : gateway_.site().devices()) {
      if (gateway_.live().state(device.id) == nullptr) return false;
      for (const auto& placed : device.points) {
        if (!gateway_.live().value(placed.id)) return false;
      }
    }
    return true;
  }

  void on_timer() override {
    if (options_.once) {
      if (!settled()) return arm(200ms);
      show();
      return runtime_.stop();
    }
    if (options_.seconds > 0 && shown_for() >= std::chrono::duration<double>(options_.seconds)) {
      if (!console_.is_terminal()) show();
      return runtime_.stop();
    }
    if (console_.is_terminal()) show();
    arm(1s);
  }

  void show() {
    const Instant now = runtime_.core().now();
    if (options_.json) return console_.out(live_json(gateway_.site(), gateway_.live(), now));
    std::string text = console_.is_terminal() && !options_.once ? std::string(clear_screen) : "";
    text += console_.styled(Style::bold, "Interwatt demo") +
            console_.styled(
                Style::dim,
                "   a simulated site: sun, clouds, load and battery; one meter is flaky, one is dead") +
            "\n";
    if (!api_.empty()) text += fmt::format("Dashboard at {}, without a login, for this machine only\n", api_);
    if (gateway_.control() != nullptr) text += control_hint(gateway_) + "\n";
    text += "\n";
    text += live_table(gateway_.site(), gateway_.live(), now, console_);
    text += decisions(gateway_.controllers(), console_);
    const double seconds = std::chrono::duration<double>(shown_for()).count();
    text += console_.styled(
        Style::dim,
        fmt::format("\n+ is into the equipment (import, charging), - is out (export, generation)   "
                    "{} values, {:.0f} a second   Ctrl-C ends",
                    gateway_.bus().samples(), static_cast<double>(gateway_.bus().samples()) / seconds));
    console_.out(text);
  }

  const Options& options_;
  Console& console_;
  Runtime& runtime_;
  Gateway& gateway_;
  std::string api_;
  Instant started_;
};

// At the usual port, or at any when another program has that.
std::optional<ServedApi> start_api(const Options& options, Runtime& runtime, Gateway& gateway,
                                   ConfigStore* store, Log& log) {
  if (options.once) return std::nullopt;
  ApiSection section = gateway.config().site.api;
  auto api = serve_api(runtime, gateway, section, log, security::Role::operate, store);
  if (!api) {
    section.listen.port = 0;
    api = serve_api(runtime, gateway, section, log, security::Role::operate, store);
  }
  if (!api) {
    log.error("no API: {}", api.error().message);
    return std::nullopt;
  }
  return std::move(*api);
}

int demo(const Options& options, Console& console) {
  ConsoleLog log;
  log.set_threshold(LogLevel::error);
  auto kept = io::posix::ScratchFolder::make();  // outlives what writes there
  if (!kept) {
    console.error(kept.error());
    return 1;
  }
  std::optional<ConfigStore> store;  // outlives the thread that uses it
  Runtime runtime(log);
  io::posix::OsRandom random;
  sim::SiteSettings settings{.day_length = std::chrono::duration_cast<Duration>(
                                 std::chrono::duration<double>(options.day_minutes * 60)),
                             .start_at = 10h};
  DemoPast past = demo_past(settings, runtime.core().clock().wall_now(), past_span, past_step);
  settings.battery.initial_soc = past.soc;
  sim::DemoSite site(runtime.core().network(), random, log,
                     {.first_port = options.port, .building = true, .site = settings});
  const auto devices = site.start();
  if (!devices) {
    console.error(devices.error());
    return 1;
  }
  const std::string text = demo_config(*devices);
  if (options.print_config) {
    console.out(text);
    return 0;
  }
  config::Findings findings;
  const std::string with_data = fmt::format("{}data: {}\nhistory: {{reserve: 0}}\n", text, kept->path());
  const std::string file = kept->path() + "/interwatt.yaml";
  if (auto written = runtime.files().replace(file, with_data); !written) {
    console.error(written.error());
    return 1;
  }
  auto config = load_config(file, with_data, runtime.files(), findings);
  console.findings(findings);
  if (!config) return 1;

  io::TaskGroup tasks(runtime.core());
  tasks.spawn(site.run());
  Gateway& gateway = runtime.start(std::move(config),
                                   options.once ? Runtime::Keep::nothing : Runtime::Keep::history_and_events);
  auto opened = ConfigStore::open({.files = runtime.answering_files(), .clock = runtime.core().clock()}, file,
                                  gateway.config().data_folder);
  if (opened) {
    store = std::move(*opened);
    (void)store->take_file({.by = "the demonstration", .why = ""});
  }
  const auto api = start_api(options, runtime, gateway, store ? &*store : nullptr, log);
  if (api && !options.once && !options.json && !console.is_terminal()) {
    console.out(
        fmt::format("Dashboard at {0}, API at {0}api/v1/, without a login, for this machine only\n{1}",
                    api->started.address, control_hint(gateway)));
  }
  const DemoPastTeller teller(std::move(past), runtime.core(), gateway);
  const Screen screen(options, console, runtime, gateway, api ? api->started.address : "");
  runtime.run();
  site.stop();
  while (tasks.running() > 0)
    runtime.core().run_for(10ms);
  return 0;
}

}  // namespace

void add_demo(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("demo", "A simulated site with its gateway, live. Needs no configuration.");
  command.add_option("--port", options->port,
                     "first of the ports the simulated devices take; any when left out");
  command.add_option("--seconds", options->seconds, "end after so long");
  command.add_option("--day", options->day_minutes, "how many minutes a day of the site takes")
      .show_default()
      .within(0.1, 1440.0);
  command.add_flag("--once", options->once, "show the values once all devices were heard of, and end");
  command.add_flag("--json", options->json, "values as JSON (with --once or --seconds)");
  command.add_flag("--print-config", options->print_config, "print the configuration for the site, and end");
  command.footer(
      "Examples:\n"
      "  interwatt demo\n"
      "  interwatt demo --once --json | jq '.devices[].points[] | select(.quantity==\"ActivePower\")'\n"
      "  interwatt demo --port 15020        then, elsewhere: interwatt try modbus://127.0.0.1:15020\n");
  command.callback([options, &program] { program.status = demo(*options, program.console); });
}

}  // namespace iw::gateway
