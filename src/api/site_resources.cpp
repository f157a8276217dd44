// The site: what there is, and what it says now.

#include <map>
#include <set>

#include "api/answers.hpp"
#include "api/live_values.hpp"
#include "api/patterns.hpp"
#include "api/resources.hpp"
#include "api/site_summary.hpp"
#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using model::SiteModel;

Json site_json(const Surroundings& on) {
  const gateway::Gateway& gateway = on.gateway;
  return {{"name", gateway.config().site.site.name},
          {"mrid", model::to_string(gateway.site().site())},
          {"version", on.version},
          {"time", gateway::format_time(on.network.executor().clock().wall_now())},
          {"devices", device_counts(gateway)},
          {"alarms", alarm_counts(gateway)}};
}

// What the points of all devices say about the assets: an asset may be served by several.
struct ServedAsset {
  model::Asset asset;
  std::set<std::string> devices;
  std::size_t points = 0;
};

std::map<std::string, ServedAsset> served_assets(const SiteModel& site) {
  std::map<std::string, ServedAsset> all;
  for (const SiteModel::Device& device : site.devices()) {
    for (const auto& [role, asset] : device.assets) {
      ServedAsset& served = all[asset.name];
      served.asset = asset;
      served.devices.insert(device.name);
    }
    for (const SiteModel::PlacedPoint& placed : device.points) {
      if (const model::Asset* asset = site.asset(placed.id)) ++all[asset->name].points;
    }
  }
  return all;
}

Json asset_json(const ServedAsset& served) {
  return {{"name", served.asset.name},
          {"mrid", model::to_string(served.asset.mrid)},
          {"kind", model::to_string(served.asset.kind)},
          {"cim_class", model::cim_class(served.asset.kind)},
          {"devices", served.devices},
          {"points", served.points}};
}

Json assets_json(const SiteModel& site) {
  Json items = Json::array();
  for (const auto& [name, served] : served_assets(site))
    items.push_back(asset_json(served));
  return {{"items", std::move(items)}};
}

// By name or mRID.
Response asset_answer(const SiteModel& site, std::string_view wanted) {
  for (const auto& [name, served] : served_assets(site)) {
    if (name == wanted || model::to_string(served.asset.mrid) == wanted)
      return json_answer(asset_json(served));
  }
  return problem(Status::not_found, fmt::format("there is no asset '{}'", wanted),
                 "GET /api/v1/assets lists them");
}

std::string_view to_string(model::SignRule sign) {
  switch (sign) {
    case model::SignRule::into_is_positive: return "into_is_positive";
    case model::SignRule::never_negative: return "never_negative";
    case model::SignRule::any: return "any";
    case model::SignRule::zero_to_one: return "zero_to_one";
    case model::SignRule::percent: return "percent";
    case model::SignRule::angle: return "angle";
  }
  return "any";
}

// The table of the model: what a point may be, and how other standards call it.
Json quantities_json() {
  Json items = Json::array();
  for (const model::QuantityInfo& quantity : model::quantities()) {
    Json phases = Json::array();
    for (const model::Phase phase : quantity.phases)
      phases.push_back(model::to_string(phase));
    items.push_back({{"name", quantity.name},
                     {"unit", model::to_string(quantity.unit)},
                     {"sign", to_string(quantity.sign)},
                     {"phases", std::move(phases)},
                     {"cim_class", model::to_string(quantity.cim_class)},
                     {"measurement_type", quantity.measurement_type},
                     {"sunspec", quantity.sunspec},
                     {"obis", quantity.obis},
                     {"openadr", quantity.openadr},
                     {"ieee_2030_5_uom", quantity.ieee2030_5.uom},
                     {"bacnet_units", quantity.bacnet_units}});
  }
  return {{"items", std::move(items)}};
}

// What a request says about the points it wants.
class Wanted {
 public:
  explicit Wanted(const io::http::Target& target)
      : paths_(Patterns::of(target, "match")),
        device_(target.parameter("device")),
        asset_(target.parameter("asset")) {}

  [[nodiscard]] bool has(const SiteModel& site, const SiteModel::Device& device,
                         const SiteModel::PlacedPoint& placed) const {
    if (device_ && *device_ != device.name) return false;
    if (asset_) {
      const model::Asset* asset = site.asset(placed.id);
      if (asset == nullptr || *asset_ != asset->name) return false;
    }
    return paths_.match(placed.path);
  }

 private:
  Patterns paths_;
  std::optional<std::string_view> device_;
  std::optional<std::string_view> asset_;
};

template <class Show>
Json items_of(const SiteModel& site, const Wanted& wanted, Show show) {
  Json items = Json::array();
  for (const SiteModel::Device& device : site.devices()) {
    for (const SiteModel::PlacedPoint& placed : device.points) {
      if (wanted.has(site, device, placed)) items.push_back(show(device, placed));
    }
  }
  return items;
}

Response points_answer(const SiteModel& site, const Wanted& wanted) {
  return json_answer({{"items", items_of(site, wanted, [&](const auto& device, const auto& placed) {
                         return point_json(site, device, placed);
                       })}});
}

Response values_answer(const Surroundings& on, const Wanted& wanted) {
  const io::Executor& core = on.network.executor();
  Json items = items_of(on.gateway.site(), wanted, [&](const auto& /*device*/, const auto& placed) {
    return value_json(placed, on.gateway.live(), core.now());
  });
  return json_answer({{"time", gateway::format_time(core.clock().wall_now())}, {"items", std::move(items)}});
}

// What it is, what it says, and what the device said before it was normalised.
Response point_answer(const Surroundings& on, const Call& call) {
  const SiteModel& site = on.gateway.site();
  const std::string path = fmt::format("{}/{}", call.capture("asset"), call.capture("point"));
  const auto id = site.find(path);
  if (!id) return problem(id.error());
  const SiteModel::Device& device = *site.device(id->device);
  const SiteModel::PlacedPoint& placed = device.points[id->index];
  const Instant now = on.network.executor().now();
  Json shown = point_json(site, device, placed);
  shown["live"] = value_json(placed, on.gateway.live(), now);
  shown["raw"] = value_json(placed, on.gateway.raw_live(), now);
  return json_answer(shown);
}

}  // namespace

void add_site(Routes& routes, Surroundings on) {
  routes.get("/api/v1/site", [on](const Call& /*call*/) { return json_answer(site_json(on)); });
  routes.get("/api/v1/assets",
             [on](const Call& /*call*/) { return json_answer(assets_json(on.gateway.site())); });
  routes.get("/api/v1/assets/{asset}",
             [on](const Call& call) { return asset_answer(on.gateway.site(), call.capture("asset")); });
  routes.get("/api/v1/quantities", [](const Call& /*call*/) { return json_answer(quantities_json()); });
  routes.get("/api/v1/points",
             [on](const Call& call) { return points_answer(on.gateway.site(), Wanted(call.target)); });
  routes.get("/api/v1/points/{asset}/{point}", [on](const Call& call) { return point_answer(on, call); });
  routes.get("/api/v1/values", [on](const Call& call) { return values_answer(on, Wanted(call.target)); });
}

}  // namespace iw::api
