// What was asked of a line or a device last, how long it took, and what lay on the wire for each point.

#include "api/answers.hpp"
#include "api/latency_json.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "base/hex.hpp"
#include "gateway/event_json.hpp"
#include "io/operation.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using gateway::Gateway;
using model::SiteModel;

const SiteModel::Device* device_named(const Gateway& gateway, std::string_view name) {
  for (const SiteModel::Device& device : gateway.site().devices()) {
    if (device.name == name) return &device;
  }
  return nullptr;
}

Error no_device(std::string_view name) {
  return {ErrorKind::not_found, fmt::format("there is no device '{}'", name),
          "GET /api/v1/devices lists them; one that is switched off is not polled"};
}

Json request_json(const Gateway& gateway, const driver::RequestRecord& record) {
  const SiteModel::Device* device = gateway.site().device(record.device);
  return {{"number", record.number},
          {"time", gateway::exact_time(record.sent)},
          {"device", device != nullptr ? device->name : ""},
          {"peer", record.peer},
          {"function", record.function},
          {"first", record.asked.first},
          {"count", record.asked.count},
          {"outcome", driver::to_string(record.outcome)},
          {"took_ms", milliseconds(record.took)},
          {"request", to_hex(record.request.kept())},
          {"request_bytes", record.request.size},
          {"answer", to_hex(record.answer.kept())},
          {"answer_bytes", record.answer.size},
          {"answer_is_frame", record.answer_is_frame}};
}

Result<Gateway::RequestsOf> requests_of(const Gateway& gateway, const Target& target) {
  if (auto known = only(target, {"line", "device"}); !known) return fail(std::move(known).error());
  const std::string line = text_of(target, "line");
  const std::string name = text_of(target, "device");
  if (line.empty() == name.empty())
    return fail(ErrorKind::invalid_argument, "either line or device is needed", "for example device=meter");
  if (!line.empty()) return line;
  const SiteModel::Device* device = device_named(gateway, name);
  if (device == nullptr) return fail(no_device(name));
  return device->id;
}

io::Task<Response> requests_answer(Surroundings on, const Call& call) {
  auto whose = requests_of(on.gateway, call.target);
  if (!whose) co_return problem(whose.error());
  using Records = std::vector<driver::RequestRecord>;
  const Records records =
      co_await io::awaiting<Records>([&](io::Operation<Records>& done) -> std::optional<Records> {
        on.gateway.recent_requests(std::move(*whose),
                                   [&done](Records all) { done.complete(std::move(all)); });
        return std::nullopt;
      });
  Json items = Json::array();
  for (const driver::RequestRecord& record : records)
    items.push_back(request_json(on.gateway, record));
  co_return json_answer({{"items", std::move(items)}});
}

io::Task<Response> raw_answer(Surroundings on, const Call& call) {
  const std::string name(call.capture("device"));
  const SiteModel::Device* device = device_named(on.gateway, name);
  if (device == nullptr) co_return problem(no_device(name));
  using Points = std::vector<driver::RawPoint>;
  const Points points =
      co_await io::awaiting<Points>([&](io::Operation<Points>& done) -> std::optional<Points> {
        on.gateway.raw_points(device->id, [&done](Points all) { done.complete(std::move(all)); });
        return std::nullopt;
      });
  Json items = Json::array();
  const SiteModel::Device* placed = device_named(on.gateway, name);  // it may have gone meanwhile
  for (const driver::RawPoint& raw : points) {
    if (placed == nullptr || raw.index >= placed->points.size()) continue;
    items.push_back({{"path", placed->points[raw.index].path}, {"source", raw.source}, {"words", raw.words}});
  }
  co_return json_answer({{"items", std::move(items)}});
}

Json buckets_json(const driver::Latency& latency) {
  Json buckets = Json::array();
  const auto& bounds = driver::Latency::bounds;
  for (std::size_t i = 0; i < latency.counts.size(); ++i) {
    buckets.push_back({{"le_ms", i < bounds.size() ? Json(bounds[i].count()) : Json(nullptr)},
                       {"count", latency.counts[i]}});
  }
  return {{"count", latency.count()}, {"sum_ms", milliseconds(latency.sum)}, {"buckets", std::move(buckets)}};
}

}  // namespace

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

Json latency_json(const Gateway& gateway, const driver::LineStatus& status) {
  driver::Latency all;
  Json devices = Json::array();
  for (const auto& [id, latency] : status.latency) {
    all.add(latency);
    const SiteModel::Device* device = gateway.site().device(id);
    if (device == nullptr) continue;
    Json one = buckets_json(latency);
    one["device"] = device->name;
    devices.push_back(std::move(one));
  }
  return {{"all", buckets_json(all)}, {"devices", std::move(devices)}};
}

void add_requests(Routes& routes, Surroundings on) {
  routes.get_waiting("/api/v1/requests", [on](const Call& call) { return requests_answer(on, call); });
  routes.get_waiting("/api/v1/devices/{device}/raw", [on](const Call& call) { return raw_answer(on, call); });
}

}  // namespace iw::api
