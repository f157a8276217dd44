// interwatt try: is there a device, and what does it say? Before any configuration exists.

#include "commissioning/trial_json.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/device_report.hpp"
#include "gateway/commands/profile_choice.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/sunspec/driver.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;

struct Options {
  TargetOptions target;
  std::string profile;
  std::string folder;
};

// What to write into the configuration, now that it works.
void show_next_step(const Target& target, const Trial& trial, Console& console) {
  console.out("");
  console.out(console.styled(Style::dim, "For the configuration:"));
  console.out(
      fmt::format("  - name: {}\n    connect: {}\n    profile: {}", "my-device", target.url(),
                  trial.profile != nullptr ? std::string_view(trial.profile->id) : sunspec::profile_word));
}

io::Task<int> try_device(io::Network& network, io::Files& files, Options options, Target target,
                         Console& console) {
  const bool json = options.target.json;
  modbus::Catalogue catalogue = load_catalogue(files, options.folder, console);
  const modbus::Profile* profile = nullptr;
  const bool sunspec = options.profile == sunspec::profile_word;
  if (!options.profile.empty()) {
    const auto chosen = choose_profile_or_sunspec(catalogue, files, options.profile);
    if (!chosen) co_return give_up(console, json, chosen.error(), 2);
    profile = *chosen;
  }
  Link link(network, files, target);
  TrialSettings settings{.catalogue = catalogue,
                         .profile = profile,
                         .sunspec = sunspec,
                         .on_stage = {},
                         .on_wait = [&console](std::string_view what) { console.progress(what); }};
  if (!json) settings.on_stage = [&console](const Stage& stage) { show(stage, console); };
  const Trial trial = co_await run_trial(link, std::move(settings));
  console.end_progress();
  if (json) {
    print(console, to_json(target, trial));
  } else if (trial.readings && !trial.readings->points.empty()) {
    console.out("");
    console.out(to_table(*trial.readings, console));
    if (trial.ok()) show_next_step(target, trial, console);
  }
  co_return trial.ok() ? 0 : 1;
}

int run(const Options& options, Console& console) {
  if (is_bacnet(options.target.url)) return try_bacnet(options.target, options.profile, console);
  const auto target = parse_target(options.target);
  if (!target) return give_up(console, options.target.json, target.error(), 2);
  return run_tool([&](io::Network& network, io::Files& files) {
    return try_device(network, files, options, *target, console);
  });
}

}  // namespace

void add_try(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "try",
      "Test a connection step by step: route, port, session, identity, values. Needs no configuration.");
  add_target_options(command, options->target);
  command.add_option("--profile", options->profile,
                     "read the values with this profile: an id of the catalogue, a .yaml file, or sunspec");
  command.add_option("--profiles", options->folder, "a folder of own profiles, in addition to the catalogue");
  command.footer(
      "Examples:\n"
      "  interwatt try 'modbus://192.0.2.10?unit=1'\n"
      "  interwatt try 'modbus://192.0.2.10?unit=1' --profile huawei/sun2000 --timeout 3s\n"
      "  interwatt try 'modbus+rtu:///dev/ttyUSB0?baud=9600&parity=even&unit=3' --profile ./my-meter.yaml\n"
      "  interwatt try modbus+tls://192.0.2.10 --ca ca.pem --cert me.pem --key me.key --json\n"
      "  interwatt try 'bacnet://192.0.2.20?device=1234'\n"
      "Exit status: 0 all stages passed, 1 one failed, 2 wrong use.");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway
