#include "gateway/control_json.hpp"

#include <algorithm>
#include <cmath>

#include "gateway/event_json.hpp"
#include "json/json.hpp"
#include "model/point.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Json error_json(const Error& error) {
  return {{"kind", to_string(error.kind)}, {"message", error.message}, {"remedy", error.remedy}};
}

Json optional_json(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Unexpected wrong(std::string_view field, std::string_view expected) {
  return fail(ErrorKind::invalid_argument, fmt::format("{}: expected {}", field, expected));
}

Result<std::string> text_of(const Json& json, std::string_view field, std::string_view otherwise) {
  const auto found = json.find(field);
  if (found == json.end()) return std::string(otherwise);
  if (!found->is_string()) return wrong(field, "a text");
  return found->get<std::string>();
}

Result<double> number_of(const Json& json, std::string_view field, std::optional<double> otherwise) {
  const auto found = json.find(field);
  if (found == json.end() && otherwise) return *otherwise;
  if (found == json.end() || !found->is_number()) return wrong(field, "a number");
  return found->get<double>();
}

// Longer than a claim may last is refused here already, where it would not fit into a Duration.
Result<Duration> duration_of(const Json& json, std::string_view field, std::optional<double> otherwise) {
  const auto number = number_of(json, field, otherwise);
  if (!number) return fail(number.error());
  if (!(std::abs(*number) <= seconds(control::longest_life)))
    return fail(ErrorKind::invalid_argument, "a claim needs an end within 31 days of its start");
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*number));
}

// The unit of a point, from its path; empty: the path has no quantity.
std::string_view unit_of(std::string_view path) {
  const auto name = model::parse_point_name(path.substr(path.rfind('/') + 1));
  return name ? model::to_string(model::info(name->quantity).unit) : std::string_view();
}

// What the device does by itself once the gateway is gone.
Json without_gateway_json(const ControlDesk::View& view) {
  const DeviceFallback& fallback = view.fallback;
  const double safe = view.how.safe_value();
  const bool falls_back = fallback.after > 0ns && view.unguarded.empty();
  const auto& aim = view.actuator.aim();
  const bool in_force = falls_back && (!fallback.told || (aim && aim->revert > 0ns));
  return {{"in_force", in_force},
          {"after_s", falls_back ? Json(seconds(fallback.after)) : Json()},
          {"value", falls_back && fallback.to_value ? Json(safe) : Json()},
          {"words", view.group != nullptr ? "as its members"
                    : falls_back          ? describe(fallback, safe, unit_of(view.point.path))
                                          : describe(DeviceFallback{}, safe, "")},
          {"trouble", view.unguarded}};
}

Json view_json(const ControlDesk::View& view, Instant now) {
  const control::Actuator::Status& status = view.actuator.status();
  Json claims = Json::array();
  for (const control::Claim& claim : view.point.claims)
    claims.push_back(to_json(claim, now));
  Json json{{"path", view.point.path},
            {"unit", unit_of(view.point.path)},
            {"minimum", view.point.rules.minimum},
            {"maximum", view.point.rules.maximum},
            {"default", view.point.rules.fallback},
            {"value", view.point.ruling.value},
            {"code", to_string(view.point.ruling.code)},
            {"why", view.words},
            {"state", model::to_string(status.state)},
            {"written", optional_json(status.written)},
            {"shown", optional_json(status.shown)},
            {"fail_safe", view.fail_safe},
            {"fail_safe_value", view.how.safe_value()},
            {"without_gateway", without_gateway_json(view)},
            {"trouble", view.trouble}};
  if (view.group != nullptr) {
    for (const control::GroupMember& member : view.group->members)
      json["members"].push_back(member.path);
  }
  if (view.point.ruling.winner) json["winner"] = view.point.claims[*view.point.ruling.winner].id.value();
  if (view.point.ruling.limiter) json["limiter"] = view.point.claims[*view.point.ruling.limiter].id.value();
  if (status.error) json["error"] = error_json(*status.error);
  json["claims"] = std::move(claims);
  return json;
}

Json input_json(const ControllerRunner::InputView& view, Instant now) {
  return {{"path", view.input.path},
          {"unit", unit_of(view.input.path)},
          {"value", view.value ? Json(view.value->value) : Json()},
          {"quality", view.value ? Json(model::to_string(view.value->quality)) : Json()},
          {"age_s", view.value ? Json(seconds(now - view.value->received)) : Json()},
          {"oldest_s", seconds(view.input.oldest)},
          {"trouble", view.trouble}};
}

Json switched_json(const SwitchedMode* switched) {
  if (switched == nullptr) return nullptr;
  return {{"by", switched->by}, {"at", exact_time(switched->at)}, {"reason", switched->reason}};
}

Json controller_json(const ControllerDesk::View& view, const SwitchedMode* switched, Instant now) {
  Json inputs = Json::array();
  for (const ControllerRunner::InputView& input : view.inputs)
    inputs.push_back(input_json(input, now));
  Json outputs = Json::array();
  for (std::size_t i = 0; i < view.outputs.size(); ++i) {
    const ControllerRunner::OutputView& output = view.outputs[i];
    const auto wish = std::ranges::find(view.decision.wishes, i, &control::Wish::output);
    const bool wishes = wish != view.decision.wishes.end();
    outputs.push_back({{"path", output.path},
                       {"unit", unit_of(output.path)},
                       {"demand", wishes ? Json(to_string(wish->demand)) : Json()},
                       {"value", wishes ? Json(wish->value) : Json()},
                       {"claim", output.claim != control::ClaimId() ? Json(output.claim.value()) : Json()},
                       {"refused", output.refused}});
  }
  const bool decided = !view.decision.code.empty();
  return {{"name", view.name},
          {"kind", view.kind},
          {"mode", to_string(view.mode)},
          {"configured_mode", to_string(view.configured)},
          {"switched", switched_json(switched)},
          {"level", to_string(view.level)},
          {"code", decided ? Json(view.decision.code) : Json()},
          {"words", view.decision.words},
          {"since", decided ? Json(exact_time(view.since)) : Json()},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)}};
}

}  // namespace

Json to_json(const control::Claim& claim, Instant now) {
  return {{"id", claim.id.value()},
          {"owner", claim.owner},
          {"level", to_string(claim.level)},
          {"demand", to_string(claim.demand)},
          {"value", claim.value},
          {"starts_in_s", std::max(0.0, seconds(claim.start - now))},
          {"ends_in_s", seconds(claim.expiry - now)},
          {"share_of", claim.share_of != control::ClaimId() ? Json(claim.share_of.value()) : Json()},
          {"reason", claim.reason}};
}

Json control_to_json(const ControlDesk& desk, Instant now) {
  Json points = Json::array();
  for (const ControlDesk::View& view : desk.view())
    points.push_back(view_json(view, now));
  return {{"enabled", desk.enabled()}, {"points", std::move(points)}};
}

Json controllers_to_json(const ControllerDesk& desk, Instant now) {
  Json all = Json::array();
  for (const ControllerDesk::View& view : desk.view())
    all.push_back(controller_json(view, desk.switched(view.name), now));
  return all;
}

Json claimed_to_json(std::span<const std::string> paths, const ControlDesk::Claimed& claimed, Instant now) {
  Json all = Json::array();
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    Json one{{"path", paths[i]}};
    if (claimed[i]) {
      one["claim"] = to_json(*claimed[i], now);
    } else {
      one["error"] = error_json(claimed[i].error());
    }
    all.push_back(std::move(one));
  }
  return all;
}

Json to_json(const Decision& decision) {
  return {{"time", exact_time(decision.time)}, {"path", decision.path},
          {"value", decision.value},           {"code", decision.code},
          {"owner", decision.owner},           {"level", decision.level},
          {"limiter", decision.limiter},       {"why", decision.words},
          {"state", decision.state},           {"shown", optional_json(decision.shown)},
          {"trouble", decision.trouble}};
}

Result<Duration> parse_life(const Json& json) { return duration_of(json, "for_s", std::nullopt); }

Result<control::ClaimRequest> parse_claim_request(const Json& json) {
  if (!json.is_object()) return fail(ErrorKind::malformed, "a claim is a JSON object");
  const auto path = text_of(json, "path", "");
  if (!path) return fail(path.error());
  if (path->empty()) return wrong("path", "a point, as battery/ActivePowerSetpoint");
  const auto level = text_of(json, "level", "operator").and_then(&control::parse_level);
  if (!level) return fail(level.error());
  const auto demand = text_of(json, "demand", "set").and_then(&control::parse_demand);
  if (!demand) return fail(demand.error());
  const auto value =
      number_of(json, "value", *demand == control::Demand::off ? std::optional(0.0) : std::nullopt);
  if (!value) return fail(value.error());
  const auto delay = duration_of(json, "in_s", 0);
  if (!delay) return fail(delay.error());
  const auto life = parse_life(json);
  if (!life) return fail(life.error());
  const auto reason = text_of(json, "reason", "");
  if (!reason) return fail(reason.error());
  return control::ClaimRequest{.path = *path,
                               .owner = {},
                               .level = *level,
                               .demand = *demand,
                               .value = *demand == control::Demand::off ? 0 : *value,
                               .starts_in = *delay,
                               .life = *life,
                               .reason = *reason};
}

Result<std::vector<control::ClaimRequest>> parse_claim_requests(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("claims") || !json["claims"].is_array())
    return fail(ErrorKind::malformed, R"(these are no claims: expected {"claims": [...]})");
  std::vector<control::ClaimRequest> requests;
  for (const Json& one : json["claims"]) {
    auto request = parse_claim_request(one);
    if (!request) return fail(std::move(request).error());
    auto owner = text_of(one, "owner", "");
    if (!owner) return fail(std::move(owner).error());
    if (owner->empty()) return wrong("owner", "who claims");
    request->owner = std::move(*owner);
    requests.push_back(std::move(*request));
  }
  return requests;
}

Result<ControllerDesk::ModeRequest> parse_mode_request(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorKind::malformed, "a change of mode is a JSON object");
  const auto mode = text_of(json, "mode", "").and_then(&control::parse_mode);
  if (!mode) return fail(mode.error());
  ControllerDesk::ModeRequest request{.controller = {}, .mode = *mode, .by = {}};
  for (const auto& [field, member] : {std::pair("controller", &ControllerDesk::ModeRequest::controller),
                                      std::pair("by", &ControllerDesk::ModeRequest::by),
                                      std::pair("reason", &ControllerDesk::ModeRequest::reason)}) {
    auto value = text_of(json, field, "");
    if (!value) return fail(std::move(value).error());
    request.*member = std::move(*value);
  }
  if (request.controller.empty()) return wrong("controller", "the name of a controller");
  if (request.by.empty()) return wrong("by", "who switches it");
  return request;
}

}  // namespace iw::gateway
