#include "gateway/gateway.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace iw::gateway {
namespace {

constexpr Duration watch_every = 1s;

// A line only knows that it no longer has the device.
std::string why_removed(const DeviceSection* configured) {
  if (configured == nullptr) return "no longer configured";
  return configured->enabled ? "what is configured of it has changed" : "disabled in the configuration";
}

}  // namespace

Gateway::Gateway(std::unique_ptr<LoadedConfig> config, Surroundings surroundings)
    : core_(surroundings.core),
      field_executor_(surroundings.field_network.executor()),
      log_(surroundings.log),
      config_(std::move(config)),
      site_(config_->site.mrid()),
      recorder_(std::move(surroundings.recorder)),
      events_(std::move(surroundings.events)),
      bus_(core_),
      raw_bus_(core_),
      report_bus_(core_),
      keep_driver_memory_(std::move(surroundings.keep_driver_memory)),
      feed_(core_, {.on_notice = [this](bus::Notice& notice) { take_notice(notice); },
                    .on_batch = [this](const model::SampleBatch& batch) { take_batch(batch); }}),
      field_(std::make_unique<Field>(driver::Surroundings{.network = surroundings.field_network,
                                                          .random = surroundings.random,
                                                          .files = surroundings.files,
                                                          .feed = feed_,
                                                          .log = surroundings.log,
                                                          .memory = surroundings.driver_memory})),
      field_tasks_(field_executor_) {
  if (surroundings.control != nullptr) {
    control_ = std::make_unique<ControlDesk>(
        ControlDesk::Surroundings{
            .core = core_,
            .site = site_,
            .live = live_,
            .log = log_,
            .write = [this](model::WriteCommand command,
                            auto done) { write(std::move(command), std::move(done)); },
            .alarm =
                [this](events::Kind kind, const events::Source& source, std::optional<events::Cause> cause) {
                  if (!events_) return;
                  if (cause) return events_->raise(kind, source, std::move(*cause));
                  events_->clear(kind, source);
                }},
        std::move(surroundings.control));
  }
  controllers_ = std::make_unique<ControllerDesk>(
      ControllerDesk::Surroundings{.core = core_,
                                   .site = site_,
                                   .live = live_,
                                   .log = log_,
                                   .control = control_.get(),
                                   .states = std::move(surroundings.controller_states),
                                   .keep = std::move(surroundings.keep_controller_states)});
}

Gateway::~Gateway() = default;

void Gateway::start() {
  if (recorder_) recorder_->restore_counters(normalizer_);
  if (events_) {
    events_->on_acknowledged([this](const events::Event& event) { acknowledged(event); });
    events_->begin(site_, config_->site.point_limits());
    events_->note(events::Kind::gateway_started, {});
    core_.arm(*this, core_.now() + watch_every);
  }
  place_devices();
  if (control_) control_->begin(config_->site.control);
  controllers_->configure(config_->site.controllers, *config_->zone);
  apply_to_field();
}

void Gateway::reload(std::unique_ptr<LoadedConfig> config) {
  const std::unique_ptr<LoadedConfig> before = std::exchange(config_, std::move(config));  // compared with
  ++reloads_;
  if (events_) events_->configured({}, config_->site.point_limits());
  place_devices();
  if (control_) control_->configure(config_->site.control);
  controllers_->configure(config_->site.controllers, *config_->zone);
  apply_to_field();
}

// The devices of the configuration take their places in the site model; those that are gone leave it when
// their last batches are through. A device whose assets have other names now is placed anew, with the points
// that it described before: its line does not notice.
void Gateway::place_devices() {
  for (auto next = placed_.begin(); next != placed_.end();) {
    const auto& [id, placed] = *next++;
    const DeviceSection* section = configured(id);
    if (section == nullptr && !placed.polled) remove(id);
    if (section != nullptr && assets_of(*section) != placed.assets) site_.remove_device(id);
  }
  for (const DeviceSection& section : config_->site.devices) {
    const model::DeviceId id = ids_.of(section.name);
    placed_[id].polled = section.enabled;
    if (site_.device(id) != nullptr) {
      normalize_as_configured(id);
      continue;
    }
    Placed& placed = placed_[id];
    placed.assets = assets_of(section);
    auto added = site_.add_device(id, section.name, placed.assets);
    if (!added) {
      remove_leaving();
      added = site_.add_device(id, section.name, placed.assets);
    }
    if (!added) {
      log_.error("{}: {}", section.name, added.error().message);
      placed_.erase(id);
    } else if (placed.description) {
      describe(*placed.description);
    }
  }
}

const DeviceSection* Gateway::configured(model::DeviceId device) const {
  const model::SiteModel::Device* known = site_.device(device);
  if (known == nullptr) return nullptr;
  const auto& devices = config_->site.devices;
  const auto section = std::ranges::find(devices, known->name, &DeviceSection::name);
  return section != devices.end() ? &*section : nullptr;
}

void Gateway::remove(model::DeviceId device) {
  site_.remove_device(device);
  normalizer_.remove(device);
  live_.remove(device);
  raw_live_.remove(device);
  placed_.erase(device);
  controllers_->described(device);
  if (control_) control_->described(device);
}

// Who follows another in its asset does not wait until that one is through.
void Gateway::remove_leaving() {
  for (auto next = placed_.begin(); next != placed_.end();) {
    const model::DeviceId id = (next++)->first;
    if (site_.device(id) != nullptr && configured(id) == nullptr) remove(id);
  }
}

void Gateway::describe(const model::DeviceDescription& description) {
  auto described = site_.describe(description);
  if (!described) {
    remove_leaving();
    described = site_.describe(description);
  }
  if (!described) return log_.error("{}: {}", description.name, described.error().message);
  normalize_as_configured(description.device);
  if (recorder_) recorder_->describe(*site_.device(description.device));
  if (events_) events_->described(description.device);
  controllers_->described(description.device);
  if (control_) control_->described(description.device);
}

void Gateway::normalize_as_configured(model::DeviceId device) {
  const DeviceSection* section = configured(device);
  if (section == nullptr) return;
  std::vector<Normalizer::Point> points;
  for (const model::SiteModel::PlacedPoint& placed : site_.device(device)->points) {
    points.push_back({.mrid = placed.mrid,
                      .how = {.quantity = placed.point.name.quantity,
                              .settings = normalization_of(config_->site, *section, placed.point)}});
  }
  normalizer_.describe(device, std::move(points));
}

void Gateway::take_batch(const model::SampleBatch& raw) {
  raw_live_.apply(raw);
  raw_bus_.publish(raw);
  const normalize::Normalized& clean = normalizer_.apply(raw);
  live_.apply(clean.values);
  bus_.publish(clean.values);
  if (recorder_) recorder_->record(raw, clean, normalizer_);
  if (events_) events_->take(clean.values);
  controllers_->take(clean.values);
  if (!clean.reports.empty()) report_bus_.publish(clean.reports);
  if (control_) control_->take_raw(raw);
}

void Gateway::apply_to_field() {
  field_executor_.post([this, plans = plan_lines(*config_, ids_)] { field_->apply(plans); });
}

void Gateway::take_notice(bus::Notice& notice) {
  std::visit(overloaded{
                 [this](model::DeviceDescription& description) {
                   const model::DeviceId id = description.device;
                   const std::size_t points = description.points.size();
                   const auto placed = placed_.find(id);
                   if (placed == placed_.end()) return;  // removed while it was on its way
                   describe(description);
                   placed->second.description = std::move(description);
                   live_.reset(id, points);
                   raw_live_.reset(id, points);
                 },
                 [this](bus::DeviceEvent& event) { take_event(event); },
                 [this](bus::DeviceAlarms& alarms) {
                   if (events_) events_->take(alarms);
                 },
                 [this](bus::PastValues& values) { recall(values); },
                 [this](bus::DriverMemory& memory) {
                   if (keep_driver_memory_)
                     keep_driver_memory_(std::move(memory.name), std::move(memory.text));
                 },
             },
             notice);
}

void Gateway::take_event(bus::DeviceEvent& event) {
  const model::SiteModel::Device* device = site_.device(event.device);
  const std::string name = device != nullptr ? device->name : "a device that is gone";
  if (event.state == bus::DeviceState::removed) event.reason = why_removed(configured(event.device));
  if (event.state == bus::DeviceState::offline) {
    log_.warning("{} is offline: {}{}{}", name, event.reason, event.remedy.empty() ? "" : "; ", event.remedy);
  } else {
    log_.info("{} is {}: {}", name, bus::to_string(event.state), event.reason);
  }
  live_.apply(event);
  if (events_) events_->take(event);
  if (control_) control_->device_changed(event.device);
  if (listener_) listener_(event);
  if (event.state == bus::DeviceState::removed && configured(event.device) == nullptr) remove(event.device);
}

void Gateway::recall(const bus::PastValues& values) {
  const model::SiteModel::Device* device = site_.device(values.point.device);
  if (!recorder_ || device == nullptr || values.point.index >= device->points.size()) return;
  recorder_->record_past(values, normalizer_);
  log_.info("{}: {} values of the past from the device", device->points[values.point.index].path,
            values.time.size());
}

// The device may want to know.
void Gateway::acknowledged(const events::Event& event) {
  if (event.kind != events::Kind::device_alarm) return;
  const auto section = std::ranges::find(config_->site.devices, event.source.device, &DeviceSection::name);
  if (section == config_->site.devices.end()) return;
  field_executor_.post([this, device = ids_.of(section->name), what = event.source.path,
                        by = event.acknowledged->by] { field_->acknowledge(device, what, by); });
}

// Control first: what it leaves behind must still be written. Only then the controllers let go: nothing that
// they held down comes up in between.
void Gateway::stop(std::move_only_function<void()> stopped) {
  if (control_) {
    control_->stop([this, stopped = std::move(stopped)]() mutable { stop_field(std::move(stopped)); });
    controllers_->stop();
  } else {
    controllers_->stop();
    stop_field(std::move(stopped));
  }
}

void Gateway::stop_field(std::move_only_function<void()> stopped) {
  field_executor_.post([this, stopped = std::move(stopped)]() mutable {
    auto main = [](Gateway& self, std::move_only_function<void()> then) -> io::Task<void> {
      co_await self.field_->stop();
      self.core_.post([&self, then = std::move(then)]() mutable { self.stop_keeping(std::move(then)); });
    };
    field_tasks_.spawn(main(*this, std::move(stopped)));
  });
}

void Gateway::stop_keeping(std::move_only_function<void()> stopped) {
  disarm();
  if (events_) {
    events_->note(events::Kind::gateway_stopped, {});
    stopped = [this, then = std::move(stopped)]() mutable { events_->stop(std::move(then)); };
  }
  if (!recorder_) return stopped();
  recorder_->stop(std::move(stopped));
}

// What the gateway notices about itself.
void Gateway::on_timer() {
  watch_clock();
  watch_recorder();
  core_.arm(*this, core_.now() + watch_every);
}

void Gateway::watch_clock() {
  const Duration ahead = core_.clock().wall_now().time_since_epoch() - core_.now().time_since_epoch();
  const Duration step = ahead - wall_ahead_.value_or(ahead);
  wall_ahead_ = ahead;
  if (std::chrono::abs(step) < 1s) return;
  const double seconds = std::chrono::duration<double>(step).count();
  log_.warning("the clock was set by {:+.1f} s", seconds);
  events_->note(events::Kind::clock_stepped,
                {.message = fmt::format("the clock was set by {:+.1f} s", seconds)});
}

void Gateway::watch_recorder() {
  if (!recorder_) return;
  const historian::Status& status = recorder_->status();
  const events::Source history{.device = {}, .path = "history"};
  if (status.trouble) {
    events_->raise(events::Kind::disk_trouble, history,
                   {.message = status.trouble->message, .remedy = status.trouble->remedy});
  } else {
    events_->clear(events::Kind::disk_trouble, history);
  }
  const std::uint64_t lost = status.lost + recorder_->dropped() + feed_.dropped();
  if (lost > lost_samples_) {
    events_->note(
        events::Kind::samples_lost,
        {.message = fmt::format("{} samples had no room and are not in the history", lost - lost_samples_)});
    lost_samples_ = lost;
  }
}

void Gateway::write(model::WriteCommand command, std::move_only_function<void(model::WriteResult)> done) {
  field_executor_.post([this, command = std::move(command), done = std::move(done)]() mutable {
    auto main = [](Gateway& self, model::WriteCommand c,
                   std::move_only_function<void(model::WriteResult)> then) -> io::Task<void> {
      model::WriteResult result{.id = c.id, .state = model::WriteState::refused};
      if (const auto line = self.field_->line_of(c.point.device)) {
        result = co_await line->write(std::move(c));
      } else {
        result.error = Error{ErrorKind::not_found, "no line has this device"};
      }
      self.core_.post(
          [result = std::move(result), then = std::move(then)]() mutable { then(std::move(result)); });
    };
    field_tasks_.spawn(main(*this, std::move(command), std::move(done)));
  });
}

void Gateway::ask(Field::Guest guest, std::move_only_function<void(Result<std::vector<std::byte>>)> done) {
  field_executor_.post([this, guest = std::move(guest), done = std::move(done)]() mutable {
    auto main = [](Gateway& self, Field::Guest g,
                   std::move_only_function<void(Result<std::vector<std::byte>>)> then) -> io::Task<void> {
      auto answer = co_await self.field_->ask(std::move(g));
      self.core_.post(
          [answer = std::move(answer), then = std::move(then)]() mutable { then(std::move(answer)); });
    };
    field_tasks_.spawn(main(*this, std::move(guest), std::move(done)));
  });
}

void Gateway::line_status(std::move_only_function<void(std::vector<driver::LineStatus>)> done) {
  field_executor_.post([this, done = std::move(done)]() mutable {
    core_.post([status = field_->status(), done = std::move(done)]() mutable { done(std::move(status)); });
  });
}

void Gateway::recent_requests(RequestsOf of,
                              std::move_only_function<void(std::vector<driver::RequestRecord>)> done) {
  field_executor_.post([this, of = std::move(of), done = std::move(done)]() mutable {
    auto records = std::visit([this](const auto& whose) { return field_->recent_requests(whose); }, of);
    core_.post(
        [records = std::move(records), done = std::move(done)]() mutable { done(std::move(records)); });
  });
}

void Gateway::raw_points(model::DeviceId device,
                         std::move_only_function<void(std::vector<driver::RawPoint>)> done) {
  field_executor_.post([this, device, done = std::move(done)]() mutable {
    core_.post(
        [raw = field_->raw_points(device), done = std::move(done)]() mutable { done(std::move(raw)); });
  });
}

}  // namespace iw::gateway
