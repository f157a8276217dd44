#include "gateway/control_json.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "gateway/event_json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Json error_json(const Error& error) {
  return {{"kind", to_string(error.kind)}, {"message", error.message}, {"remedy", error.remedy}};
}

Json optional_json(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json view_json(const ControlDesk::View& view, Instant now) {
  const control::Actuator::Status& status = view.actuator.status();
  Json claims = Json::array();
  for (const control::Claim& claim : view.point.claims)
    claims.push_back(to_json(claim, now));
  Json json{{"path", view.point.path},
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
            {"trouble", view.trouble}};
  if (view.point.ruling.winner) json["winner"] = view.point.claims[*view.point.ruling.winner].id.value();
  if (view.point.ruling.limiter) json["limiter"] = view.point.claims[*view.point.ruling.limiter].id.value();
  if (status.error) json["error"] = error_json(*status.error);
  json["claims"] = std::move(claims);
  return json;
}

Result<control::ClaimRequest> parse_request(const Json& json) {
  auto level = control::parse_level(json.value("level", "operator"));
  if (!level) return fail(std::move(level).error());
  auto demand = control::parse_demand(json.value("demand", "set"));
  if (!demand) return fail(std::move(demand).error());
  const double life = json.at("for_s").get<double>();
  const double delay = json.value("in_s", 0.0);
  const double most = seconds(control::longest_life);
  if (!(std::abs(life) <= most) || !(std::abs(delay) <= most))
    return fail(ErrorKind::invalid_argument, "a claim needs an end within 31 days of its start");
  const auto duration = [](double s) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
  };
  return control::ClaimRequest{.path = json.at("path"),
                               .owner = json.at("owner"),
                               .level = *level,
                               .demand = *demand,
                               .value = *demand == control::Demand::off ? 0 : json.at("value").get<double>(),
                               .starts_in = duration(delay),
                               .life = duration(life),
                               .reason = json.value("reason", "")};
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
          {"reason", claim.reason}};
}

Json control_to_json(const ControlDesk& desk, Instant now) {
  Json points = Json::array();
  for (const ControlDesk::View& view : desk.view())
    points.push_back(view_json(view, now));
  return {{"enabled", desk.enabled()}, {"points", std::move(points)}};
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

Result<std::vector<control::ClaimRequest>> parse_claim_requests(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    std::vector<control::ClaimRequest> requests;
    for (const Json& one : json.at("claims")) {
      auto request = parse_request(one);
      if (!request) return fail(std::move(request).error());
      requests.push_back(std::move(*request));
    }
    return requests;
  } catch (const Json::exception& error) {
    return fail(ErrorKind::malformed, fmt::format("these are no claims: {}", error.what()));
  }
}

}  // namespace iw::gateway
