#include "api/live_view.hpp"

#include <cmath>
#include <utility>

#include "api/answers.hpp"
#include "api/site_summary.hpp"
#include "base/append.hpp"
#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

constexpr Duration look_every = 1s;

using model::PointId;
using model::SiteModel;

// What a point is called in the stream, for as long as the gateway runs.
std::uint32_t number_of(PointId id) { return std::uint32_t{id.device.value()} << 16U | id.index; }

std::int64_t ms(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// [number, value, validity, time in ms, detail bits]
void append_value(std::string& out, PointId id, const bus::LiveState& live) {
  const auto value = live.value(id);
  if (!value) return;
  if (out.back() != '[') out += ',';
  append(out, "[{},", number_of(id));
  const auto text = live.text(id);
  if (text && !text->empty()) {
    out += dump(*text);
  } else if (std::isfinite(value->value)) {
    append(out, "{}", value->value);
  } else {
    out += "null";
  }
  append(out, ",{},{},{}]", static_cast<int>(value->quality.validity()), ms(value->source_time),
         value->quality.bits());
}

Json point_entry(const SiteModel::Device& device, const SiteModel::PlacedPoint& placed) {
  return {{"n", number_of(placed.id)},
          {"path", placed.path},
          {"device", device.name},
          {"unit", model::to_string(model::info(placed.point.name.quantity).unit)}};
}

void mix(std::size_t& hash, std::size_t next) {
  hash ^= next + 0x9E3779B97F4A7C15U + (hash << 6U) + (hash >> 2U);
}

// Another one whenever devices or points come, go, or have other names; never 0.
std::size_t fingerprint_of_points(const SiteModel& site) {
  std::size_t hash = 1;
  for (const SiteModel::Device& device : site.devices()) {
    mix(hash, std::hash<std::string>{}(device.name));
    for (const SiteModel::PlacedPoint& placed : device.points) {
      mix(hash, std::hash<PointId>{}(placed.id));
      mix(hash, std::hash<std::string>{}(placed.path));
    }
  }
  return hash == 0 ? 1 : hash;
}

// Another one whenever a device has another state, or another place in the configuration; never 0.
std::size_t fingerprint_of_states(const gateway::Gateway& gateway) {
  std::size_t hash = 1;
  for (const gateway::DeviceSection& section : gateway.config().site.devices) {
    mix(hash, std::hash<std::string>{}(section.name));
    mix(hash, section.enabled ? 1 : 0);
  }
  for (const SiteModel::Device& device : gateway.site().devices()) {
    const bus::DeviceEvent* event = gateway.live().state(device.id);
    if (event == nullptr) continue;
    mix(hash, static_cast<std::size_t>(event->state));
    mix(hash, static_cast<std::size_t>(event->time.time_since_epoch().count()));
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace

void LiveView::subscribe(Patterns patterns, bool control) {
  patterns_ = std::move(patterns);
  control_ = control;
  told_control_ = told_controllers_ = 0;
  subscribed_ = true;
  look_at_ = Instant::min();
  told_site_ = 0;
}

void LiveView::take(const model::SampleBatch& batch) {
  const auto found = points_.find(batch.device);
  if (found == points_.end()) return;
  for (const std::uint16_t index : batch.index)
    mark(found->second, {batch.device, index});
  for (const model::TextSample& text : batch.texts)
    mark(found->second, {batch.device, text.index});
}

void LiveView::mark(Points& points, PointId id) {
  if (id.index >= points.wanted.size() || !points.wanted[id.index] || points.waiting[id.index]) return;
  points.waiting[id.index] = true;
  waiting_.push_back(id);
}

std::vector<std::string> LiveView::news() {
  std::vector<std::string> out;
  if (!subscribed_) return out;
  look_around(out);
  tell_values(out);
  return out;
}

// At what changes seldom, once a second.
void LiveView::look_around(std::vector<std::string>& out) {
  if (core_.now() < look_at_) return;
  look_at_ = core_.now() + look_every;
  follow_site(out);
  tell_devices(out);
  tell_alarms(out);
  if (control_) tell_control(out);
}

// The points that are wanted, whenever they may have become others: then all their values are news.
void LiveView::follow_site(std::vector<std::string>& out) {
  const std::size_t site = fingerprint_of_points(gateway_.site());
  if (std::exchange(told_site_, site) == site) return;
  points_.clear();
  waiting_.clear();
  Json entries = Json::array();
  for (const SiteModel::Device& device : gateway_.site().devices()) {
    Points points{.wanted = std::vector<bool>(device.points.size()),
                  .waiting = std::vector<bool>(device.points.size())};
    for (const SiteModel::PlacedPoint& placed : device.points) {
      if (!patterns_.match(placed.path)) continue;
      points.wanted[placed.id.index] = true;
      mark(points, placed.id);
      entries.push_back(point_entry(device, placed));
    }
    points_.emplace(device.id, std::move(points));
  }
  out.push_back(dump({{"type", "points"}, {"points", std::move(entries)}}));
}

void LiveView::tell_values(std::vector<std::string>& out) {
  if (waiting_.empty()) return;
  std::string message =
      fmt::format(R"({{"type":"values","time_ms":{},"values":[)", ms(core_.clock().wall_now()));
  for (const PointId id : waiting_) {
    points_.at(id.device).waiting[id.index] = false;
    append_value(message, id, gateway_.live());
  }
  waiting_.clear();
  if (message.ends_with('[')) return;  // nothing was heard of them yet
  message += "]}";
  out.push_back(std::move(message));
}

// When one has changed: those whose state is another than was told.
void LiveView::tell_devices(std::vector<std::string>& out) {
  const std::size_t states = fingerprint_of_states(gateway_);
  if (std::exchange(told_states_, states) == states) return;
  std::map<std::string, const SiteModel::Device*> placed;
  for (const SiteModel::Device& device : gateway_.site().devices())
    placed.emplace(device.name, &device);
  Json changed = Json::array();
  std::map<std::string, std::string> now;
  for (const gateway::DeviceSection& section : gateway_.config().site.devices) {
    const auto found = placed.find(section.name);
    Json state = device_state_json(gateway_, section, found != placed.end() ? found->second : nullptr);
    std::string text = dump(state);
    const auto told = told_devices_.find(section.name);
    if (told == told_devices_.end() || told->second != text) changed.push_back(std::move(state));
    now.emplace(section.name, std::move(text));
  }
  for (const auto& [name, text] : told_devices_) {
    if (!now.contains(name)) changed.push_back({{"name", name}, {"state", "removed"}});
  }
  told_devices_ = std::move(now);
  if (!changed.empty()) out.push_back(dump({{"type", "devices"}, {"devices", std::move(changed)}}));
}

void LiveView::tell_alarms(std::vector<std::string>& out) {
  std::string alarms = dump({{"type", "alarms"}, {"alarms", alarm_counts(gateway_)}});
  if (alarms == told_alarms_) return;
  told_alarms_ = alarms;
  out.push_back(std::move(alarms));
}

// Whole, whenever it may be another than was told. Ages and countdowns go on by themselves: they are no news.
void LiveView::tell_control(std::vector<std::string>& out) {
  if (const std::string* text = control_news_.control(told_control_)) out.push_back(*text);
  if (const std::string* text = control_news_.controllers(told_controllers_)) out.push_back(*text);
}

}  // namespace iw::api
