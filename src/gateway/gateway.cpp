#include "gateway/gateway.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace iw::gateway {

Gateway::Gateway(std::unique_ptr<LoadedConfig> config, Surroundings surroundings)
    : core_(surroundings.core),
      field_executor_(surroundings.field_network.executor()),
      log_(surroundings.log),
      config_(std::move(config)),
      site_(config_->site.mrid()),
      recorder_(std::move(surroundings.recorder)),
      bus_(core_),
      raw_bus_(core_),
      report_bus_(core_),
      feed_(core_, {.on_notice = [this](bus::Notice& notice) { take_notice(notice); },
                    .on_batch = [this](const model::SampleBatch& batch) { take_batch(batch); }}),
      field_(std::make_unique<Field>(surroundings.field_network, surroundings.random, surroundings.files,
                                     feed_, surroundings.log)),
      field_tasks_(field_executor_) {}

Gateway::~Gateway() = default;

void Gateway::start() {
  if (recorder_) recorder_->restore_counters(normalizer_);
  place_devices();
  apply_to_field();
}

void Gateway::reload(std::unique_ptr<LoadedConfig> config) {
  config_ = std::move(config);
  place_devices();
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
  if (recorder_) recorder_->record(clean, normalizer_);
  if (!clean.reports.empty()) report_bus_.publish(clean.reports);
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
                 [this](bus::DeviceEvent& event) {
                   const model::SiteModel::Device* device = site_.device(event.device);
                   const std::string name = device != nullptr ? device->name : "a device that is gone";
                   if (event.state == bus::DeviceState::offline) {
                     log_.warning("{} is offline: {}{}{}", name, event.reason,
                                  event.remedy.empty() ? "" : "; ", event.remedy);
                   } else {
                     log_.info("{} is {}: {}", name, bus::to_string(event.state), event.reason);
                   }
                   live_.apply(event);
                   if (listener_) listener_(event);
                   if (event.state == bus::DeviceState::removed && configured(event.device) == nullptr)
                     remove(event.device);
                 },
             },
             notice);
}

void Gateway::stop(std::move_only_function<void()> stopped) {
  field_executor_.post([this, stopped = std::move(stopped)]() mutable {
    auto main = [](Gateway& self, std::move_only_function<void()> then) -> io::Task<void> {
      co_await self.field_->stop();
      self.core_.post([&self, then = std::move(then)]() mutable {
        if (!self.recorder_) return then();
        self.recorder_->stop(std::move(then));
      });
    };
    field_tasks_.spawn(main(*this, std::move(stopped)));
  });
}

void Gateway::write(model::WriteCommand command, std::move_only_function<void(model::WriteResult)> done) {
  field_executor_.post([this, command = std::move(command), done = std::move(done)]() mutable {
    auto main = [](Gateway& self, model::WriteCommand c,
                   std::move_only_function<void(model::WriteResult)> then) -> io::Task<void> {
      model::WriteResult result = co_await self.field_->write(std::move(c));
      self.core_.post(
          [result = std::move(result), then = std::move(then)]() mutable { then(std::move(result)); });
    };
    field_tasks_.spawn(main(*this, std::move(command), std::move(done)));
  });
}

void Gateway::line_status(std::move_only_function<void(std::vector<Field::LineStatus>)> done) {
  field_executor_.post([this, done = std::move(done)]() mutable {
    core_.post([status = field_->status(), done = std::move(done)]() mutable { done(std::move(status)); });
  });
}

}  // namespace iw::gateway
