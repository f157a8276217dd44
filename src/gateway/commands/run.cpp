// interwatt run: the gateway.

#include "gateway/commands/commands.hpp"
#include "gateway/commands/serve_api.hpp"
#include "gateway/commands/serve_bms.hpp"
#include "gateway/config_file.hpp"
#include "gateway/config_store.hpp"
#include "gateway/runtime.hpp"
#include "io/posix/notify_socket.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string config = "interwatt.yaml";
  bool verbose = false;
};

// The devices matter more: without it when its port can not be taken.
std::optional<ServedApi> start_api(Runtime& runtime, Gateway& gateway, ConfigStore* store, Log& log) {
  const ApiSection& section = gateway.config().site.api;
  if (!section.enabled) return std::nullopt;
  auto api = serve_api(runtime, gateway, section, log, {}, store);
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

// Without versions when they can not be kept: the devices matter more.
std::optional<ConfigStore> open_store(Runtime& runtime, const std::string& path,
                                      const std::string& data_folder, Log& log) {
  auto store = ConfigStore::open({.files = runtime.answering_files(), .clock = runtime.core().clock()}, path,
                                 data_folder);
  if (!store) {
    log.error("the configuration can not be changed from here, and has no versions: {}; {}",
              store.error().message, store.error().remedy);
    return std::nullopt;
  }
  (void)store->take_file({.by = "the file", .why = "found at the start"});
  return std::move(*store);
}

// As it stands in the file now, on the core.
class Reload {
 public:
  Reload(Runtime& runtime, Gateway& gateway, Console& console, Log& log)
      : runtime_(runtime), gateway_(gateway), console_(console), log_(log) {}

  void from(ConfigStore& store) {
    runtime_.answering().post([this, &runtime = runtime_, &store] {
      auto outcome = store.take_file({.by = "the file", .why = ""});
      runtime.core().post([this, &store, outcome = std::move(outcome)]() mutable {
        if (outcome.error) console_.error(*outcome.error);
        console_.findings(outcome.findings);
        apply(store.path(), std::move(outcome.config), outcome.version.author.by);
      });
    });
  }
  void from(const std::string& path) {
    apply(path, read_config(path, runtime_.files(), console_), "the file");
  }

 private:
  void apply(const std::string& path, std::unique_ptr<LoadedConfig> config, std::string_view by) {
    if (!config) {
      log_.error("{} has errors: the running configuration stays as it is", path);
      return;
    }
    log_.info("configuration reloaded: {} devices", config->site.devices.size());
    put_into_force(runtime_, gateway_, std::move(config), by);
  }

  Runtime& runtime_;
  Gateway& gateway_;
  Console& console_;
  Log& log_;
};

int run(const Options& options, Console& console) {
  ConsoleLog log;
  if (options.verbose) log.set_threshold(LogLevel::debug);
  std::optional<ConfigStore> store;  // outlives the thread that uses it
  io::posix::NotifySocket systemd(io::posix::NotifySocket::environment());
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
  store = open_store(runtime, options.config, gateway.config().data_folder, log);
  const auto api = start_api(runtime, gateway, store ? &*store : nullptr, log);
  ServedBms bms(runtime, gateway, log);
  runtime.before_stop([&](std::move_only_function<void()> stopped) {
    bms.stop([&api, stopped = std::move(stopped)]() mutable {
      if (!api) return stopped();
      api->service->stop(std::move(stopped));
    });
  });
  Reload reload(runtime, gateway, console, log);
  runtime.on_reload([&] { store ? reload.from(*store) : reload.from(options.config); });
  runtime.supervised_by(systemd);
  runtime.run();
  log.info("stopped; {} samples of {} polls", gateway.bus().samples(), gateway.bus().batches());
  return 0;
}

}  // namespace

void add_run(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand("run", "Run the gateway with a configuration.");
  command.add_option("-c,--config", options->config, "configuration file").show_default();
  command.add_flag("-v,--verbose", options->verbose, "say more");
  command.footer(
      "Examples:\n"
      "  interwatt run -c interwatt.yaml\n"
      "  kill -HUP <pid>        reload the configuration; one with errors is not taken\n");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway
