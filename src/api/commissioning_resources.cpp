// Before a device is configured: tests, scans and pasted rows as jobs, and the profiles there are.

#include <algorithm>

#include "api/body.hpp"
#include "api/commissioning.hpp"
#include "api/gatekeeper.hpp"
#include "api/job_answers.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "commissioning/arguments.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using security::Role;

// ---- Jobs

io::Task<Response> begin_test(Commissioning& at, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "profile", "tls"}, body)) co_return *refusal;
  auto tls = tls_field(body);
  if (!tls) co_return problem(tls.error());
  auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  auto profile = text_field(body, "profile", "");
  if (!profile) co_return problem(profile.error());
  co_return started(
      at.jobs(),
      at.test({.connect = std::move(*connect), .profile = std::move(*profile), .tls = std::move(*tls)},
              gate.who(call)->name));
}

io::Task<Response> begin_scan(Commissioning& at, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "units", "tls"}, body)) co_return *refusal;
  auto tls = tls_field(body);
  if (!tls) co_return problem(tls.error());
  const auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  const auto units = text_field(body, "units", "");
  if (!units) co_return problem(units.error());
  co_return started(at.jobs(), at.scan({.connect = *connect, .units = *units, .tls = std::move(*tls)},
                                       gate.who(call)->name));
}

io::Task<Response> begin_rows(Commissioning& at, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"text", "tls"}, body)) co_return *refusal;
  auto tls = tls_field(body);
  if (!tls) co_return problem(tls.error());
  const auto text = text_field(body, "text");
  if (!text) co_return problem(text.error());
  auto rows = parse_rows(*text);
  if (!rows) co_return problem(rows.error());
  co_return started(at.jobs(),
                    at.test_rows({.rows = std::move(*rows), .tls = std::move(*tls)}, gate.who(call)->name));
}

Result<std::uint64_t> number_in(const Call& call) {
  const Target as_query{.segments = {}, .query = {{"job", std::string(call.capture("job"))}}};
  return number_of(as_query, "job", 1, UINT64_MAX, 0);
}

Response no_job(std::uint64_t number) {
  return problem(Status::not_found, fmt::format("there is no job {}", number),
                 "the results of a job are kept for ten minutes");
}

io::Task<Response> job_answer(Commissioning& at, const Call& call) {
  const auto number = number_in(call);
  if (!number) co_return problem(number.error());
  const Job* job = at.jobs().find(*number);
  co_return job != nullptr ? json_answer(job->to_json()) : no_job(*number);
}

io::Task<Response> stop_job(Commissioning& at, const Call& call) {
  const auto number = number_in(call);
  if (!number) co_return problem(number.error());
  if (!at.jobs().stop(*number)) co_return no_job(*number);
  co_return json_answer(at.jobs().find(*number)->to_json());
}

// ---- Profiles

Json profile_json(std::string_view protocol, const driver::Profile& profile, std::size_t points) {
  Json assets = Json::array();
  for (const driver::ServedAsset& asset : profile.assets)
    assets.push_back({{"role", asset.role}, {"kind", model::to_string(asset.kind)}});
  return {{"id", profile.id},
          {"protocol", protocol},
          {"manufacturer", profile.manufacturer},
          {"models", profile.models},
          {"description", profile.description},
          {"assets", std::move(assets)},
          {"points", points}};
}

Json profile_json(const modbus::Profile& profile) {
  return profile_json("modbus", profile, profile.map.points.size());
}
// A device says itself what it has: the points are those that the profile names.
Json profile_json(const bacnet::Profile& profile) {
  return profile_json("bacnet", profile, profile.rules.rules.size());
}

bool mentions(const driver::Profile& profile, std::string_view word) {
  const auto has = [&](std::string_view text) { return commissioning::contains_any_case(text, word); };
  return has(profile.id) || has(profile.manufacturer) || has(profile.description) ||
         std::ranges::any_of(profile.models, has);
}

io::Task<Response> profiles_answer(Commissioning& at, const Call& call) {
  if (auto known = only(call.target, {"search"}); !known) co_return problem(known.error());
  const std::string word = text_of(call.target, "search");
  const auto all = co_await at.catalogues();
  Json items = Json::array();
  const auto add = [&](const auto& catalogue) {
    for (const auto& [id, profile] : catalogue) {
      if (mentions(profile, word)) items.push_back(profile_json(profile));
    }
  };
  add(all->modbus);
  add(all->bacnet);
  co_return json_answer({{"items", std::move(items)}});
}

Json point_json(const model::PointName& name, std::string_view role, bool writable, std::string_view source) {
  return {{"point", model::to_string(name)},
          {"role", role},
          {"unit", model::to_string(model::info(name.quantity).unit)},
          {"writable", writable},
          {"source", source}};
}

Json caveats_json(const driver::Profile& profile) {
  Json caveats = Json::array();
  for (const driver::Caveat& caveat : profile.caveats)
    caveats.push_back({{"text", caveat.text}, {"link", caveat.link}});
  return caveats;
}

Json details(const modbus::Profile& profile) {
  Json shown = profile_json(profile);
  shown["points"] = Json::array();
  for (const modbus::RegisterPoint& source : profile.map.points) {
    const model::Point& point = source.point;
    shown["points"].push_back(point_json(point.name, point.role, point.writable, point.source));
  }
  shown["caveats"] = caveats_json(profile);
  const modbus::ConnectionDefaults& connection = profile.connection;
  shown["connection"] = {{"port", connection.port},
                         {"unit", connection.unit},
                         {"timeout_ms", connection.timeout / 1ms},
                         {"max_connections", connection.max_connections}};
  return shown;
}

Json details(const bacnet::Profile& profile) {
  Json shown = profile_json(profile);
  shown["points"] = Json::array();
  for (const driver::ServedPoint& point : profile.points)
    shown["points"].push_back(point_json(point.name, point.role, point.writable, ""));
  shown["caveats"] = caveats_json(profile);
  return shown;
}

io::Task<Response> profile_answer(Commissioning& at, const Call& call) {
  const auto all = co_await at.catalogues();
  const std::string id = fmt::format("{}/{}", call.capture("maker"), call.capture("model"));
  if (const auto found = all->bacnet.find(id)) co_return json_answer(details(**found));
  const auto found = all->modbus.find(id);
  if (!found) co_return problem(found.error());
  co_return json_answer(details(**found));
}

}  // namespace

void add_commissioning(Routes& routes, Commissioning& at, Gatekeeper& gate) {
  routes.on(Role::engineer, "POST", "/api/v1/commissioning/test",
            [&at, &gate](const Call& call) { return begin_test(at, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/commissioning/scan",
            [&at, &gate](const Call& call) { return begin_scan(at, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/commissioning/rows",
            [&at, &gate](const Call& call) { return begin_rows(at, gate, call); });
  routes.on(Role::engineer, "GET", "/api/v1/jobs", [&at](const Call& /*call*/) -> io::Task<Response> {
    co_return json_answer(at.jobs().to_json());
  });
  routes.on(Role::engineer, "GET", "/api/v1/jobs/{job}",
            [&at](const Call& call) { return job_answer(at, call); });
  routes.on(Role::engineer, "DELETE", "/api/v1/jobs/{job}",
            [&at](const Call& call) { return stop_job(at, call); });
  routes.get_waiting("/api/v1/profiles", [&at](const Call& call) { return profiles_answer(at, call); });
  routes.get_waiting("/api/v1/profiles/{maker}/{model}",
                     [&at](const Call& call) { return profile_answer(at, call); });
}

}  // namespace iw::api
