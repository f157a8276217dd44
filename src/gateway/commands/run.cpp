// interwatt run: the gateway.

#include <CLI/CLI.hpp>

#include "gateway/commands/commands.hpp"
#include "gateway/commands/serve_api.hpp"
#include "gateway/config_file.hpp"
#include "gateway/runtime.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string config = "interwatt.yaml";
  bool verbose = false;
};

// The devices matter more: without it when its port can not be taken.
std::optional<ServedApi> start_api(Runtime& runtime, Gateway& gateway, Log& log) {
  const ApiSection& section = gateway.config().site.api;
  if (!section.enabled) return std::nullopt;
  auto api = serve_api(runtime, gateway, section, log);
  if (!api) {
    log.error("no API at {}: {}; {}", io::to_string(section.listen), api.error().message,
              api.error().remedy.empty() ? "api: {listen: ...} names another place" : api.error().remedy);
    return std::nullopt;
  }
  log.info("dashboard at {0}, API at {0}api/v1/", api->started.address);
  if (api->started.setup_code) {
    log.info(
        "nobody has a password yet: the first one is set in the browser with the code {}, or by "
        "`interwatt user add NAME --role admin`",
        *api->started.setup_code);
  }
  return std::move(*api);
}

int run(const Options& options, Console& console) {
  ConsoleLog log;
  if (options.verbose) log.set_threshold(LogLevel::debug);
  Runtime runtime(log);
  auto config = read_config(options.config, runtime.files(), console);
  if (!config) return 1;
  const auto claimed = runtime.claim(config->data_folder);
  if (!claimed && claimed.error().kind == ErrorKind::busy) {
    console.error(claimed.error());
    return 1;
  }
  log.info("site '{}': {} devices", config->site.site.name, config->site.devices.size());
  Gateway& gateway = runtime.start(std::move(config), Runtime::Keep::history_and_events);
  const auto api = start_api(runtime, gateway, log);
  runtime.on_reload([&] {
    auto changed = read_config(options.config, runtime.files(), console);
    if (!changed) {
      log.error("{} has errors: the running configuration stays as it is", options.config);
      return;
    }
    log.info("configuration reloaded: {} devices", changed->site.devices.size());
    runtime.reload(std::move(changed));
  });
  runtime.run();
  log.info("stopped; {} samples of {} polls", gateway.bus().samples(), gateway.bus().batches());
  return 0;
}

}  // namespace

void add_run(Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.app.add_subcommand("run", "Run the gateway with a configuration.");
  command->add_option("-c,--config", options->config, "configuration file")->capture_default_str();
  command->add_flag("-v,--verbose", options->verbose, "say more");
  command->footer(
      "Examples:\n"
      "  interwatt run -c interwatt.yaml\n"
      "  kill -HUP <pid>        reload the configuration; one with errors is not taken\n");
  command->callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway
