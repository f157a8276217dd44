#include "api/live_values.hpp"

#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

std::string_view to_string(model::RateClass rate) {
  switch (rate) {
    case model::RateClass::fast: return "fast";
    case model::RateClass::normal: return "normal";
    case model::RateClass::slow: return "slow";
    case model::RateClass::thermal: return "thermal";
    case model::RateClass::constant: return "constant";
  }
  return "";
}

Json bound(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

}  // namespace

Json point_json(const model::SiteModel& site, const model::SiteModel::Device& device,
                const model::SiteModel::PlacedPoint& placed) {
  const model::Point& point = placed.point;
  const model::QuantityInfo& quantity = model::info(point.name.quantity);
  const model::Asset* asset = site.asset(placed.id);
  Json texts = Json::object();
  for (const auto& [value, text] : point.texts)
    texts[fmt::format("{}", value)] = text;
  return {{"path", placed.path},
          {"mrid", model::to_string(placed.mrid)},
          {"asset", asset != nullptr ? asset->name : ""},
          {"device", device.name},
          {"quantity", quantity.name},
          {"phase", model::to_string(point.name.phase)},
          {"component", point.name.component},
          {"unit", model::to_string(quantity.unit)},
          {"cim_class", model::to_string(quantity.cim_class)},
          {"rate", to_string(point.rate)},
          {"writable", point.writable},
          {"minimum", bound(point.minimum)},
          {"maximum", bound(point.maximum)},
          {"texts", std::move(texts)},
          {"source", point.source}};
}

Json value_json(const model::SiteModel::PlacedPoint& placed, const bus::LiveState& live, Instant now) {
  Json shown{{"path", placed.path},
             {"value", nullptr},
             {"unit", model::to_string(model::info(placed.point.name.quantity).unit)},
             {"validity", "invalid"},
             {"quality", "waiting"},
             {"time", nullptr},
             {"age_s", nullptr}};
  const auto value = live.value(placed.id);
  if (!value) return shown;
  const auto text = live.text(placed.id);
  if (text && !text->empty()) {
    shown["value"] = *text;
  } else {
    shown["value"] = number(value->value);
  }
  shown["validity"] = model::to_string(value->quality.validity());
  shown["quality"] = model::to_string(value->quality);
  shown["time"] = gateway::format_time(value->source_time);
  shown["age_s"] = std::chrono::duration<double>(now - value->received).count();
  return shown;
}

}  // namespace iw::api
