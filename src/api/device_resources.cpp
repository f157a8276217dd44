// Devices and lines: who answers, since when, and how busy the roads to them are.

#include <algorithm>

#include "api/answers.hpp"
#include "api/latency_json.hpp"
#include "api/live_values.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "api/site_summary.hpp"
#include "io/operation.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using gateway::DeviceSection;
using gateway::Gateway;
using model::SiteModel;

const SiteModel::Device* placed_device(const Gateway& gateway, std::string_view name) {
  for (const SiteModel::Device& device : gateway.site().devices()) {
    if (device.name == name) return &device;
  }
  return nullptr;
}

// How the values of its points are: what a row in a list of devices shows.
Json points_summary(const Gateway& gateway, const SiteModel::Device& device, Instant now) {
  std::size_t good = 0;
  std::size_t bad = 0;
  std::size_t waiting = 0;
  std::optional<Instant> newest;
  for (const SiteModel::PlacedPoint& placed : device.points) {
    const auto value = gateway.live().value(placed.id);
    if (!value) {
      ++waiting;
      continue;
    }
    ++(value->quality.good() ? good : bad);
    newest = std::max(newest.value_or(value->received), value->received);
  }
  const Json age = newest ? Json(std::chrono::duration<double>(now - *newest).count()) : Json(nullptr);
  return {{"total", device.points.size()},
          {"good", good},
          {"bad", bad},
          {"waiting", waiting},
          {"newest_age_s", age}};
}

Json assets_json(const SiteModel::Device& device) {
  Json assets = Json::array();
  for (const auto& [role, asset] : device.assets)
    assets.push_back({{"role", role}, {"name", asset.name}, {"kind", model::to_string(asset.kind)}});
  return assets;
}

Json caveats_json(const DeviceSection& section) {
  Json caveats = Json::array();
  if (section.described_by == nullptr) return caveats;
  for (const driver::Caveat& caveat : section.described_by->caveats)
    caveats.push_back({{"text", caveat.text}, {"link", caveat.link}});
  return caveats;
}

Json device_json(const Gateway& gateway, const DeviceSection& section, Instant now) {
  const SiteModel::Device* device = placed_device(gateway, section.name);
  Json shown = device_state_json(gateway, section, device);
  shown["enabled"] = section.enabled;
  shown["connect"] = section.connect;
  shown["protocol"] = section.kind->name;
  shown["profile"] = section.profile;
  shown["caveats"] = caveats_json(section);
  if (device == nullptr) return shown;
  shown["identity"] = {{"manufacturer", device->identity.manufacturer},
                       {"model", device->identity.model},
                       {"version", device->identity.version},
                       {"serial_number", device->identity.serial_number}};
  shown["assets"] = assets_json(*device);
  shown["points"] = points_summary(gateway, *device, now);
  return shown;
}

Response devices_answer(const Surroundings& on) {
  Json items = Json::array();
  for (const DeviceSection& section : on.gateway.config().site.devices)
    items.push_back(device_json(on.gateway, section, on.network.executor().now()));
  return json_answer({{"items", std::move(items)}});
}

// With the live values of its points, as they are and as the device gave them.
Response device_answer(const Surroundings& on, std::string_view name) {
  const auto& devices = on.gateway.config().site.devices;
  const auto section = std::ranges::find(devices, name, &DeviceSection::name);
  if (section == devices.end()) {
    return problem(Status::not_found, fmt::format("there is no device '{}'", name),
                   "GET /api/v1/devices lists them");
  }
  const Instant now = on.network.executor().now();
  Json shown = device_json(on.gateway, *section, now);
  Json values = Json::array();
  if (const SiteModel::Device* device = placed_device(on.gateway, name)) {
    for (const SiteModel::PlacedPoint& placed : device->points) {
      Json value = value_json(placed, on.gateway.live(), now);
      value["raw"] = value_json(placed, on.gateway.raw_live(), now)["value"];
      value["writable"] = placed.point.writable;
      value["source"] = placed.point.source;
      values.push_back(std::move(value));
    }
  }
  shown["values"] = std::move(values);
  return json_answer(shown);
}

// ---- Lines

io::Task<std::vector<driver::LineStatus>> line_status(Gateway& gateway) {
  using Status = std::vector<driver::LineStatus>;
  co_return co_await io::awaiting<Status>([&](io::Operation<Status>& done) -> std::optional<Status> {
    gateway.line_status([&done](Status status) { done.complete(std::move(status)); });
    return std::nullopt;
  });
}

Json budget_json(const driver::LineBudget& budget) {
  Json reads = Json::array();
  for (const driver::BudgetItem& item : budget.items) {
    reads.push_back({{"device", item.device},
                     {"what", item.what},
                     {"period_ms", item.period / 1ms},
                     {"takes_ms", std::chrono::duration<double, std::milli>(item.takes).count()},
                     {"share", item.share}});
  }
  return {{"load", number(budget.load)},
          {"possible", budget.possible()},
          {"complaint", driver::complaint(budget)},
          {"devices_known_only_on_line", budget.unknown},
          {"reads", std::move(reads)}};
}

Json line_json(const Gateway& gateway, const driver::LineStatus& status) {
  return {{"url", status.url},
          {"connected", status.connected},
          {"devices", status.devices},
          {"requests", status.requests},
          {"answers", status.answers},
          {"refusals", status.refusals},
          {"timeouts", status.timeouts},
          {"spoiled", status.spoiled},
          {"late", status.late},
          {"connects", status.connects},
          {"connect_failures", status.connect_failures},
          {"skipped", status.skipped},
          {"latency", latency_json(gateway, status)}};
}

// All of them, or that on which one device has answered: a page of one device asks again and again.
io::Task<Response> lines_answer(Surroundings on, const Call& call) {
  if (auto known = only(call.target, {"device"}); !known) co_return problem(known.error());
  const std::string device = text_of(call.target, "device");
  const std::vector<driver::LineStatus> all = co_await line_status(on.gateway);
  gateway::DeviceIds ids;
  const auto plans = gateway::plan_lines(on.gateway.config(), ids);
  const SiteModel::Device* placed = placed_device(on.gateway, device);
  Json items = Json::array();
  for (const driver::LineStatus& status : all) {
    if (!device.empty() && (placed == nullptr || !status.latency.contains(placed->id))) continue;
    Json line = line_json(on.gateway, status);
    const auto plan =
        std::ranges::find_if(plans, [&](const driver::LinePlanPtr& p) { return p->url() == status.url; });
    if (plan != plans.end()) line["predicted"] = budget_json((*plan)->budget());
    items.push_back(std::move(line));
  }
  co_return json_answer({{"items", std::move(items)}});
}

}  // namespace

void add_devices(Routes& routes, Surroundings on) {
  routes.get("/api/v1/devices", [on](const Call& /*call*/) { return devices_answer(on); });
  routes.get("/api/v1/devices/{device}",
             [on](const Call& call) { return device_answer(on, call.capture("device")); });
  routes.get_waiting("/api/v1/lines", [on](const Call& call) { return lines_answer(on, call); });
}

}  // namespace iw::api
