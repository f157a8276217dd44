#include "gateway/live_json.hpp"

#include <cmath>

#include <fmt/chrono.h>

#include "json/json.hpp"

namespace iw::gateway {
namespace {

using json = nlohmann::ordered_json;

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json to_json(const model::SiteModel::PlacedPoint& placed, const bus::LiveState& live, Instant now) {
  json point{{"path", placed.path},
             {"mrid", model::to_string(placed.mrid)},
             {"quantity", model::to_string(placed.point.name.quantity)},
             {"unit", model::to_string(model::info(placed.point.name.quantity).unit)},
             {"source", placed.point.source}};
  const auto value = live.value(placed.id);
  if (!value) {
    point["quality"] = "waiting";
    return point;
  }
  const auto text = live.text(placed.id);
  if (text && !text->empty()) {
    point["text"] = *text;
  } else {
    point["value"] = number(value->value);
  }
  point["quality"] = model::to_string(value->quality);
  point["time"] = format_time(value->source_time);
  point["age_s"] = std::chrono::duration<double>(now - value->received).count();
  return point;
}

json to_json(const model::SiteModel::Device& device, const bus::LiveState& live, Instant now) {
  const bus::DeviceEvent* event = live.state(device.id);
  json points = json::array();
  for (const auto& placed : device.points)
    points.push_back(to_json(placed, live, now));
  return {{"name", device.name},
          {"state", bus::to_string(event != nullptr ? event->state : bus::DeviceState::starting)},
          {"reason", event != nullptr ? event->reason : ""},
          {"manufacturer", device.identity.manufacturer},
          {"model", device.identity.model},
          {"serial_number", device.identity.serial_number},
          {"points", std::move(points)}};
}

}  // namespace

std::string format_time(WallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(seconds.time_since_epoch().count()),
                     (ms - seconds).count());
}

std::string live_json(const model::SiteModel& site, const bus::LiveState& live, Instant now) {
  json devices = json::array();
  for (const model::SiteModel::Device& device : site.devices())
    devices.push_back(to_json(device, live, now));
  return json{{"site", model::to_string(site.site())}, {"devices", std::move(devices)}}.dump(2);
}

std::string sample_json(const model::SiteModel& site, const model::SampleBatch& batch, std::size_t i) {
  const model::PointId id{batch.device, batch.index[i]};
  const model::Point* point = site.point(id);
  return json{{"time", format_time(batch.source_time)},
              {"path", site.path(id)},
              {"value", number(batch.value[i])},
              {"unit", point != nullptr ? model::to_string(model::info(point->name.quantity).unit) : ""},
              {"quality", model::to_string(batch.quality[i])}}
      .dump();
}

}  // namespace iw::gateway
