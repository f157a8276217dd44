// Before a device is configured: tests, scans and pasted rows as jobs, and the profiles there are.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/body.hpp"
#include "api/commissioning.hpp"
#include "api/gatekeeper.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "commissioning/arguments.hpp"

namespace iw::api {
namespace {

using modbus::Profile;
using security::Role;

// ---- Jobs

Response started(const Commissioning& /*at*/, const Job& job) {
  Response response = json_answer(job.to_json(), Status::accepted);
  response.headers.add("Location", fmt::format("/api/v1/jobs/{}", job.number()));
  return response;
}

Response started(Commissioning& at, const Result<std::uint64_t>& number) {
  if (!number) return problem(number.error());
  return started(std::as_const(at), *at.jobs().find(*number));
}

io::Task<Response> begin_test(Commissioning& at, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "profile"}, body)) co_return *refusal;
  auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  auto profile = text_field(body, "profile", "");
  if (!profile) co_return problem(profile.error());
  co_return started(
      at, at.test({.connect = std::move(*connect), .profile = std::move(*profile)}, gate.who(call)->name));
}

io::Task<Response> begin_scan(Commissioning& at, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "units"}, body)) co_return *refusal;
  const auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  const auto units = text_field(body, "units", "");
  if (!units) co_return problem(units.error());
  co_return started(at, at.scan(*connect, *units, gate.who(call)->name));
}

io::Task<Response> begin_rows(Commissioning& at, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"text"}, body)) co_return *refusal;
  const auto text = text_field(body, "text");
  if (!text) co_return problem(text.error());
  auto rows = parse_rows(*text);
  if (!rows) co_return problem(rows.error());
  co_return started(at, at.test_rows(std::move(*rows), gate.who(call)->name));
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

Json profile_json(const Profile& profile) {
  Json assets = Json::array();
  for (const modbus::ServedAsset& asset : profile.assets)
    assets.push_back({{"role", asset.role}, {"kind", model::to_string(asset.kind)}});
  return {{"id", profile.id},
          {"manufacturer", profile.manufacturer},
          {"models", profile.models},
          {"description", profile.description},
          {"assets", std::move(assets)},
          {"points", profile.map.points.size()}};
}

bool mentions(const Profile& profile, std::string_view word) {
  const auto has = [&](std::string_view text) { return commissioning::contains_any_case(text, word); };
  return has(profile.id) || has(profile.manufacturer) || has(profile.description) ||
         std::ranges::any_of(profile.models, has);
}

io::Task<Response> profiles_answer(Commissioning& at, const Call& call) {
  if (auto known = only(call.target, {"search"}); !known) co_return problem(known.error());
  const std::string word = text_of(call.target, "search");
  const auto all = co_await at.catalogue();
  Json items = Json::array();
  for (const auto& [id, profile] : *all) {
    if (mentions(profile, word)) items.push_back(profile_json(profile));
  }
  co_return json_answer({{"items", std::move(items)}});
}

io::Task<Response> profile_answer(Commissioning& at, const Call& call) {
  const auto all = co_await at.catalogue();
  const auto found = all->find(fmt::format("{}/{}", call.capture("maker"), call.capture("model")));
  if (!found) co_return problem(found.error());
  const Profile& profile = **found;
  Json shown = profile_json(profile);
  shown["points"] = Json::array();
  for (const modbus::RegisterPoint& source : profile.map.points) {
    const model::Point& point = source.point;
    shown["points"].push_back({{"point", model::to_string(point.name)},
                               {"role", point.role},
                               {"unit", model::to_string(model::info(point.name.quantity).unit)},
                               {"writable", point.writable},
                               {"source", point.source}});
  }
  shown["caveats"] = Json::array();
  for (const modbus::Caveat& caveat : profile.caveats)
    shown["caveats"].push_back({{"text", caveat.text}, {"link", caveat.link}});
  const modbus::ConnectionDefaults& connection = profile.connection;
  shown["connection"] = {{"port", connection.port},
                         {"unit", connection.unit},
                         {"timeout_ms", connection.timeout / 1ms},
                         {"max_connections", connection.max_connections}};
  co_return json_answer(shown);
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
