// Control: what moves the site and why, claims of people and programs, controllers and their modes.
// Everything goes through the desks, which decide and record; the owner of a claim is who is logged in.

#include <algorithm>
#include <array>
#include <span>

#include "api/answers.hpp"
#include "api/blocking.hpp"
#include "api/body.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "gateway/control_json.hpp"
#include "gateway/control_store.hpp"
#include "gateway/event_json.hpp"
#include "io/operation.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using control::Claim;
using control::ClaimId;
using control::ClaimRequest;
using gateway::ControlDesk;
using gateway::Decision;
using security::Role;

constexpr std::size_t most_claims = 200;  // of a request
constexpr std::size_t most_decisions = 2000;
constexpr Duration longest_look = std::chrono::days(31);

// Who may command at all may do so on every point, up to the level of the operator, where the configuration
// does not say otherwise of them.
constexpr ControlDesk::RoleRight role_right = control::Level::people;

Response no_control() {
  return problem(Status::not_found, "nothing can be controlled here",
                 "control: {enabled: true} in the configuration; if it is, the log of the start says why");
}

Response control_answer(const Surroundings& on) {
  const ControlDesk* desk = on.gateway.control();
  if (desk == nullptr) return json_answer({{"enabled", false}, {"points", Json::array()}});
  return json_answer(gateway::control_to_json(*desk, on.network.executor().now()));
}

// ---- Claims

Result<ClaimRequest> claim_of(const Json& json, const std::string& owner) {
  if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      constexpr std::array known{"path", "level", "demand", "value", "for_s", "in_s", "reason"};
      if (std::ranges::find(known, name) == known.end())
        return fail(ErrorKind::invalid_argument, fmt::format("a claim has no field '{}'", name));
    }
  }
  auto request = gateway::parse_claim_request(json);
  if (request) request->owner = owner;
  return request;
}

Result<std::vector<ClaimRequest>> claims_of(const Json& body, const std::string& owner) {
  if (!body.contains("claims") || !body["claims"].is_array() || body["claims"].empty())
    return fail(ErrorKind::invalid_argument, "claims: expected a list of claims");
  if (body["claims"].size() > most_claims)
    return fail(ErrorKind::invalid_argument, fmt::format("claims: more than {} at once", most_claims));
  std::vector<ClaimRequest> requests;
  for (const Json& one : body["claims"]) {
    auto request = claim_of(one, owner);
    if (!request) return fail(std::move(request).error());
    requests.push_back(std::move(*request));
  }
  return requests;
}

// Refused as a whole when nothing of it was accepted.
Response claimed_answer(const std::vector<std::string>& paths, const ControlDesk::Claimed& claimed,
                        Instant now) {
  const auto accepted = [](const Result<Claim>& one) { return one.has_value(); };
  if (!claimed.empty() && std::ranges::none_of(claimed, accepted)) return problem(claimed.front().error());
  return json_answer({{"claims", gateway::claimed_to_json(paths, claimed, now)}},
                     std::ranges::all_of(claimed, accepted) ? Status::created : Status::ok);
}

io::Task<Response> claim(Surroundings on, Gatekeeper& gate, const Call& call) {
  ControlDesk* desk = on.gateway.control();
  if (desk == nullptr) co_return no_control();
  Json body;
  if (auto refusal = read_body(call, {"claims"}, body)) co_return *refusal;
  auto requests = claims_of(body, gate.who(call)->name);
  if (!requests) co_return problem(requests.error());
  std::vector<std::string> paths;
  for (const ClaimRequest& request : *requests)
    paths.push_back(request.path);
  using Claimed = ControlDesk::Claimed;
  const Claimed claimed =
      co_await io::awaiting<Claimed>([&](io::Operation<Claimed>& done) -> std::optional<Claimed> {
        desk->claim(
            std::move(*requests), [&done](Claimed all) { done.complete(std::move(all)); }, role_right);
        return std::nullopt;
      });
  co_return claimed_answer(paths, claimed, on.network.executor().now());
}

io::Task<Response> release(Surroundings on, Gatekeeper& gate, const Call& call) {
  ControlDesk* desk = on.gateway.control();
  if (desk == nullptr) co_return no_control();
  const Target as_query{.segments = {}, .query = {{"claim", std::string(call.capture("claim"))}}};
  const auto id = number_of(as_query, "claim", 1, UINT64_MAX, 0);
  if (!id) co_return problem(id.error());
  const std::string by = gate.who(call)->name;
  using Released = Result<Claim>;
  const Released released =
      co_await io::awaiting<Released>([&](io::Operation<Released>& done) -> std::optional<Released> {
        desk->release(
            ClaimId(*id), by, [&done](Released claim) { done.complete(std::move(claim)); }, role_right);
        return std::nullopt;
      });
  if (!released) co_return problem(released.error());
  co_return json_answer({{"released", gateway::to_json(*released, on.network.executor().now())}});
}

io::Task<Response> stop_all(Surroundings on, Gatekeeper& gate, const Call& call) {
  ControlDesk* desk = on.gateway.control();
  if (desk == nullptr || !desk->enabled()) co_return no_control();
  Json body;
  if (auto refusal = read_body(call, {"for_s", "reason"}, body)) co_return *refusal;
  const auto life = gateway::parse_life(body);
  if (!life) co_return problem(life.error());
  const auto reason = text_field(body, "reason", "");
  if (!reason) co_return problem(reason.error());
  std::vector<std::string> paths;
  for (const ControlDesk::View& view : desk->view())
    if (view.group == nullptr) paths.push_back(view.point.path);
  const std::string by = gate.who(call)->name;
  using Claimed = ControlDesk::Claimed;
  const Claimed claimed =
      co_await io::awaiting<Claimed>([&](io::Operation<Claimed>& done) -> std::optional<Claimed> {
        desk->stop_all(
            by, *life, *reason, [&done](Claimed all) { done.complete(std::move(all)); }, role_right);
        return std::nullopt;
      });
  co_return claimed_answer(paths, claimed, on.network.executor().now());
}

io::Task<Response> preview(Surroundings on, Gatekeeper& gate, const Call& call) {
  const ControlDesk* desk = on.gateway.control();
  if (desk == nullptr) co_return no_control();
  Json body;
  if (auto refusal = read_body(call, {"path", "level", "demand", "value", "for_s", "in_s", "reason"}, body))
    co_return *refusal;
  const auto request = claim_of(body, gate.who(call)->name);
  if (!request) co_return problem(request.error());
  const auto would = desk->preview(*request, role_right);
  if (!would) co_return problem(would.error());
  co_return json_answer({{"path", request->path},
                         {"value", would->ruling.value},
                         {"code", to_string(would->ruling.code)},
                         {"why", would->words}});
}

// ---- Controllers

Json controllers_json(const Surroundings& on) {
  return gateway::controllers_to_json(on.gateway.controllers(), on.network.executor().now());
}

io::Task<Response> set_mode(Surroundings on, Gatekeeper& gate, const Call& call) {
  const std::string name(call.capture("controller"));
  Json body;
  if (auto refusal = read_body(call, {"mode", "reason"}, body)) co_return *refusal;
  const auto mode = text_field(body, "mode").and_then(&control::parse_mode);
  if (!mode) co_return problem(mode.error());
  const auto reason = text_field(body, "reason", "");
  if (!reason) co_return problem(reason.error());
  const gateway::ControllerDesk::ModeRequest request{
      .controller = name, .mode = *mode, .by = gate.who(call)->name, .reason = *reason};
  using Switched = Result<void>;
  const Switched switched =
      co_await io::awaiting<Switched>([&](io::Operation<Switched>& done) -> std::optional<Switched> {
        on.gateway.controllers().set_mode(
            request, [&done](Switched how) { done.complete(std::move(how)); }, role_right);
        return std::nullopt;
      });
  if (!switched) co_return problem(switched.error());
  const Json all = controllers_json(on);
  const auto one = std::ranges::find_if(all, [&](const Json& item) { return item["name"] == name; });
  if (one == all.end()) co_return problem(Status::not_found, "it is no longer configured");
  co_return json_answer(*one);
}

// ---- The past

struct Look {
  std::string path;
  WallTime from;
  WallTime to;
};

Result<Look> look_of(const Target& target, WallTime now) {
  if (auto known = only(target, {"point", "from", "to"}); !known) return fail(std::move(known).error());
  auto from = time_of(target, "from", now);
  if (!from) return fail(std::move(from).error());
  auto to = time_of(target, "to", now);
  if (!to) return fail(std::move(to).error());
  Look look{.path = text_of(target, "point"), .from = from->value_or(now), .to = to->value_or(now + 1s)};
  if (look.to < look.from) return fail(ErrorKind::invalid_argument, "to: it is before from");
  if (look.to - look.from > longest_look)
    return fail(ErrorKind::invalid_argument, "more than 31 days at once", "ask for less with from and to");
  return look;
}

io::Task<Response> decisions_answer(Surroundings on, const Call& call) {
  if (on.gateway.control() == nullptr) co_return no_control();
  io::Executor& core = on.network.executor();
  const auto look = look_of(call.target, core.clock().wall_now());
  if (!look) co_return problem(look.error());
  const std::string folder = gateway::control_folder(on.gateway.config().data_folder);
  const auto found = co_await run_blocking(core, on.blocking, [&] {
    return gateway::read_decisions(on.files, folder, look->path, look->from, look->to);
  });
  if (!found) co_return problem(found.error());
  const std::size_t over = found->size() > most_decisions ? found->size() - most_decisions : 0;
  Json items = Json::array();
  for (const Decision& decision : std::span(*found).subspan(over))
    items.push_back(gateway::to_json(decision));
  co_return json_answer({{"items", std::move(items)}, {"left_out", over}});
}

}  // namespace

void add_control(Routes& routes, Surroundings on, Gatekeeper& gate) {
  routes.get("/api/v1/control", [on](const Call& /*call*/) { return control_answer(on); });
  routes.get("/api/v1/controllers",
             [on](const Call& /*call*/) { return json_answer({{"items", controllers_json(on)}}); });
  routes.on(Role::operate, "PUT", "/api/v1/controllers/{controller}/mode",
            [on, &gate](const Call& call) { return set_mode(on, gate, call); });
  routes.get_waiting("/api/v1/control/decisions",
                     [on](const Call& call) { return decisions_answer(on, call); });
  routes.on(Role::operate, "POST", "/api/v1/control/claims",
            [on, &gate](const Call& call) { return claim(on, gate, call); });
  routes.on(Role::operate, "DELETE", "/api/v1/control/claims/{claim}",
            [on, &gate](const Call& call) { return release(on, gate, call); });
  routes.on(Role::operate, "POST", "/api/v1/control/preview",
            [on, &gate](const Call& call) { return preview(on, gate, call); });
  routes.on(Role::operate, "POST", "/api/v1/control/stop-all",
            [on, &gate](const Call& call) { return stop_all(on, gate, call); });
}

}  // namespace iw::api
