#include "gateway/runtime.hpp"

#include <algorithm>
#include <csignal>

#include "gateway/catch_up.hpp"

namespace iw::gateway {

Runtime::Runtime(Log& log)
    : log_(log),
      core_(&log),
      signals_(core_, [this](int number) { on_signal(number); }),
      field_(std::make_unique<io::posix::LoopThread>("field", &log)),
      answering_(std::make_unique<io::posix::LoopThread>("answering", &log)) {}

Runtime::~Runtime() {
  field_.reset();  // nothing of the field or the storage runs any more; then what lived on them goes
  storage_.reset();
  answering_.reset();
  connectors_.reset();
  outputs_.reset();
  disk_watch_.reset();
  certificate_watch_.reset();
  door_.reset();
  gateway_.reset();
}

Result<void> Runtime::claim(const std::string& data_folder) {
  if (auto made = files_.make_folder(data_folder); !made) return made;
  auto lock = io::posix::FileLock::take(lock_path(data_folder));
  if (!lock) return fail(std::move(lock).error());
  claim_ = std::move(*lock);
  return {};
}

Gateway& Runtime::start(std::unique_ptr<LoadedConfig> config, Keep keep) {
  keep_ = keep;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<EventKeeper> events;
  std::string controller_states;
  std::function<void(std::string)> keep_states;
  std::string driver_memory;
  std::function<void(std::string, std::string)> keep_memory;
  std::unique_ptr<ControlKeeper> control;
  if (keep == Keep::history_and_events) {
    storage_ = std::make_unique<io::posix::LoopThread>("storage", &log_);
    recorder = open_history(*config);
    events = open_events(*config);
    control = open_control(*config);
    const std::string path = config->data_folder + "/controllers.state";
    if (auto states = files_.read(path)) controller_states = std::move(*states);
    keep_states = [this, path](std::string states) {
      write_down("what controllers must know after a restart", path, std::move(states));
    };
    driver_memory = config->data_folder;
    keep_memory = [this, folder = config->data_folder](const std::string& name, std::string text) {
      write_down("what the driver must know after a restart", folder + "/" + name, std::move(text));
    };
  }
  gateway_ = std::make_unique<Gateway>(
      std::move(config), Gateway::Surroundings{.core = core_,
                                               .field_network = field_->network(),
                                               .random = random_,
                                               .files = field_files_,
                                               .log = log_,
                                               .recorder = std::move(recorder),
                                               .events = std::move(events),
                                               .controller_states = std::move(controller_states),
                                               .keep_controller_states = std::move(keep_states),
                                               .driver_memory = std::move(driver_memory),
                                               .keep_driver_memory = std::move(keep_memory),
                                               .control = std::move(control)});
  apply_outputs();
  gateway_->start();
  forget_outputs();
  if (storage_) watch_disk(gateway_->config().data_folder);
  watch_certificates();
  if (gateway_->control() != nullptr) open_door(gateway_->config().data_folder);
  return *gateway_;
}

void Runtime::reload(std::unique_ptr<LoadedConfig> config) {
  gateway_->reload(std::move(config));
  apply_outputs();
  forget_outputs();
  if (disk_watch_) disk_watch_->warn_at(gateway_->config().site.history.warn_full_percent);
  certificate_watch_->watch(certificate_files(gateway_->config()));
}

void Runtime::watch_disk(const std::string& data_folder) {
  disk_watch_ = std::make_unique<DiskWatch>(
      DiskWatch::Surroundings{.core = core_,
                              .storage = storage_->executor(),
                              .look = [data_folder] { return io::posix::disk_space(data_folder); },
                              .tell = [this](const auto& full) { tell_disk(full); }});
  disk_watch_->warn_at(gateway_->config().site.history.warn_full_percent);
}

void Runtime::tell_disk(const std::optional<io::posix::DiskSpace>& full) {
  const events::Source source{.device = {}, .path = "history"};
  if (!full) return gateway_->clear(events::Kind::disk_filling, source);
  constexpr double giga = 1e9;
  gateway_->raise(events::Kind::disk_filling, source,
                  {.message = fmt::format("the disk of the history is {:.0f} % full, {:.1f} GB are free",
                                          full->full_percent(), static_cast<double>(full->free) / giga)});
}

void Runtime::watch_certificates() {
  certificate_watch_ = std::make_unique<CertificateWatch>(CertificateWatch::Surroundings{
      .core = core_,
      .blocking = answering_->executor(),
      .files = answering_files_,
      .tell = [this](std::span<const CertificateReport> reports) { tell_certificates(reports); },
      .changed =
          [this](const CertificateFile& file) {
            log_.info("{}: there is another certificate", file.file);
            if (certificate_changed_) certificate_changed_(file);
          }});
  certificate_watch_->watch(certificate_files(gateway_->config()));
}

// Of a file that is used no more, nobody would tell that it is well.
void Runtime::tell_certificates(std::span<const CertificateReport> reports) {
  if (gateway_->events() == nullptr) return;
  const WallTime now = core_.clock().wall_now();
  std::vector<events::Key> over;
  gateway_->events()->alarms().for_each_active([&](const events::Event& event) {
    const bool is_ours =
        event.kind == events::Kind::certificate_ends || event.kind == events::Kind::certificate_bad;
    const auto still_so = [&](const CertificateReport& report) {
      const auto trouble = trouble_of(report, now);
      return trouble && trouble->kind == event.kind && report.of.file == event.source.path;
    };
    if (is_ours && std::ranges::none_of(reports, still_so)) over.push_back(events::key_of(event));
  });
  for (const events::Key& key : over)
    gateway_->clear(key.kind, {.device = {}, .path = key.path});
  for (const CertificateReport& report : reports) {
    if (auto trouble = trouble_of(report, now))
      gateway_->raise(trouble->kind, {.device = {}, .path = report.of.file}, std::move(trouble->cause));
  }
}

// Most sites have no outputs: then there is no thread for them.
void Runtime::apply_outputs() {
  const std::vector<OutputPlan>& plans = gateway_->config().outputs;
  if (keep_ == Keep::nothing || (plans.empty() && !outputs_)) return;
  if (!outputs_) make_outputs();
  outputs_->apply(gateway_->config().site.site.name, plans);
}

void Runtime::make_outputs() {
  connectors_ = std::make_unique<io::posix::LoopThread>("connectors", &log_);
  outputs_ = std::make_unique<Outputs>(
      Outputs::Surroundings{
          .core = core_,
          .network = connectors_->network(),
          .random = random_,
          .log = log_,
          .on_lost =
              [this](const std::string& output, std::uint64_t samples) {
                gateway_->note(
                    events::Kind::samples_lost,
                    {.message = fmt::format("output {}: {} samples were not delivered", output, samples)});
              },
          .on_trouble = [this](const std::string& output,
                               const std::optional<Error>& trouble) { tell_output(output, trouble); },
          .complete =
              [this](const OutputPlan& plan, std::unique_ptr<connectors::Connector> connector) {
                return with_back_fill(plan, std::move(connector));
              }},
      gateway_->site(), gateway_->bus(), gateway_->report_bus());
}

void Runtime::tell_output(const std::string& output, const std::optional<Error>& trouble) {
  const events::Source source{.device = {}, .path = output};
  if (!trouble) return gateway_->clear(events::Kind::output_lost, source);
  gateway_->raise(
      events::Kind::output_lost, source,
      {.message = fmt::format("output {}: {}", output, trouble->message), .remedy = trouble->remedy});
}

// Of an output that is configured no more, nobody will tell that it is well again.
void Runtime::forget_outputs() {
  if (gateway_->events() == nullptr) return;
  std::vector<std::string> gone;
  const auto& plans = gateway_->config().outputs;
  gateway_->events()->alarms().for_each_active([&](const events::Event& event) {
    const bool known = std::ranges::any_of(
        plans, [&](const OutputPlan& plan) { return plan.forwarder.name == event.source.path; });
    if (event.kind == events::Kind::output_lost && !known) gone.push_back(event.source.path);
  });
  for (const std::string& output : gone)
    tell_output(output, std::nullopt);
}

// Where no history is kept, there is nothing to fill up from.
std::unique_ptr<connectors::Connector> Runtime::with_back_fill(
    const OutputPlan& plan, std::unique_ptr<connectors::Connector> connector) {
  const LoadedConfig& config = gateway_->config();
  if (!config.site.history.enabled || plan.fill_rate == 0) return connector;
  const std::string& output = plan.forwarder.name;
  const std::string state = back_fill_path(config.data_folder, output);
  if (auto made = files_.make_folder(state.substr(0, state.rfind('/'))); !made) {
    log_.warning("output {}: what it misses is not delivered later: {}", output, made.error().message);
    return connector;
  }
  return std::make_unique<CatchUp>(
      std::move(connector),
      BackFill::Surroundings{.files = std::make_unique<io::posix::PosixFiles>(),
                             .clock = connectors_->network().executor().clock(),
                             .log = log_},
      CatchUp::Settings{.output = output,
                        .rate = plan.fill_rate,
                        .missing = {.history = history_folder(config.data_folder), .state = state}});
}

std::vector<OutputStatus> Runtime::outputs() const {
  return outputs_ ? outputs_->status() : std::vector<OutputStatus>();
}

std::vector<ThreadUsage> Runtime::threads() const {
  std::vector<ThreadUsage> all{{.name = "core", .busy = core_.busy()}};
  const auto add = [&](std::string_view name, const std::unique_ptr<io::posix::LoopThread>& thread) {
    if (thread) all.push_back({.name = name, .busy = thread->loop().busy()});
  };
  add("field", field_);
  add("storage", storage_);
  add("answering", answering_);
  add("connectors", connectors_);
  return all;
}

void Runtime::open_door(const std::string& data_folder) {
  auto door = ControlDoor::open(core_.network(), control_door_path(data_folder), *gateway_->control(),
                                gateway_->controllers(), log_);
  if (door) {
    door_ = std::move(*door);
  } else {
    log_.error("`interwatt control` can not reach this gateway: {}; {}", door.error().message,
               door.error().remedy);
  }
}

std::unique_ptr<Recorder> Runtime::open_history(const LoadedConfig& config) {
  if (!config.site.history.enabled) return nullptr;
  const historian::Settings settings = config.site.history.settings(config.data_folder);
  auto historian = historian::Historian::open(storage_files_, settings, core_.now());
  if (!historian) {
    log_.error("no history is kept: {}; {}", historian.error().message, historian.error().remedy);
    return nullptr;
  }
  for (const std::string& damage : historian->recovery().damages)
    log_.warning("history: {}", damage);
  log_.info("history in {}: {} series, {} samples not yet sealed", settings.folder,
            historian->series().size(), historian->recovery().samples);
  return std::make_unique<Recorder>(Recorder::Executors{.core = core_, .storage = storage_->executor()},
                                    std::move(*historian), log_);
}

std::unique_ptr<EventKeeper> Runtime::open_events(const LoadedConfig& config) {
  const auto no_events = [&](const Error& error) {
    log_.error("no events are kept: {}; {}", error.message, error.remedy);
    return nullptr;
  };
  if (auto made = files_.make_folder(config.data_folder); !made) return no_events(made.error());
  auto keeper = EventKeeper::open({.core = core_, .storage = storage_->executor()},
                                  events_path(config.data_folder), {}, log_);
  if (!keeper) return no_events(keeper.error());
  return std::move(*keeper);
}

void Runtime::write_down(std::string_view what, const std::string& path, std::string text) {
  storage_->executor().post([this, what, path, text = std::move(text)] {
    if (auto kept = storage_files_.replace(path, text, 0644); !kept)
      log_.warning("{} is not kept: {}", what, kept.error().message);
  });
}

std::unique_ptr<ControlKeeper> Runtime::open_control(const LoadedConfig& config) {
  auto keeper = ControlKeeper::open({.core = core_, .storage = storage_->executor()}, storage_files_,
                                    config.data_folder, config.site.control.decision_days, log_);
  if (!keeper) {
    log_.error("nothing can be controlled: {}; {}", keeper.error().message, keeper.error().remedy);
    return nullptr;
  }
  return std::move(*keeper);
}

void Runtime::supervised_by(io::Supervisor& supervisor) {
  supervisor_ = &supervisor;
  watchdog_.emplace(core_, field_->executor(), supervisor);
}

void Runtime::run() {
  if (supervisor_ != nullptr) {
    const std::size_t devices = gateway_->config().site.devices.size();
    supervisor_->ready(fmt::format("{}: {} devices", gateway_->config().site.site.name, devices));
    watchdog_->start();
  }
  core_.run();
}

void Runtime::stop() {
  if (std::exchange(stopping_, true)) return;
  if (supervisor_ != nullptr) supervisor_->stopping();
  auto stop_gateway = [this] {
    if (disk_watch_) disk_watch_->stop();
    certificate_watch_->stop();
    gateway_->stop([this] {
      if (!outputs_) return core_.stop();
      outputs_->stop([this] { core_.stop(); });
    });
  };
  auto close_door = [this, stop_gateway] { door_ ? door_->close(stop_gateway) : stop_gateway(); };
  if (!before_stop_) return close_door();
  before_stop_(close_door);
}

void Runtime::on_signal(int number) {
  if (number == SIGHUP) {
    if (reload_) reload_();
  } else if (stopping_) {
    core_.stop();  // asked twice: at once
  } else {
    stop();
  }
}

}  // namespace iw::gateway
