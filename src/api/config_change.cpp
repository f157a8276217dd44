#include "api/config_change.hpp"

#include "api/blocking.hpp"
#include "base/line_diff.hpp"
#include "gateway/config_json.hpp"
#include "gateway/device_edits.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using gateway::ConfigOutcome;
using gateway::ConfigWish;

constexpr auto precondition_required = static_cast<Status>(428);  // RFC 6585 3

// The tag of If-Match: "..." or *, which is none; one only.
Result<std::string> made_on(const Call& call) {
  std::string_view tag = call.request.headers.find("If-Match").value_or("");
  if (tag == "*") return std::string();
  const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
  if (!quoted || tag.substr(1, tag.size() - 2).contains('"')) {
    return fail(ErrorKind::invalid_argument, fmt::format("If-Match: '{}' is no entity tag", tag),
                "send the ETag of what was read, one only, or *");
  }
  return std::string(tag.substr(1, tag.size() - 2));
}

std::string part(const std::string& text, const std::string& device) {
  if (device.empty()) return text;
  auto found = gateway::find_device(text, device);
  return found ? std::move(found->text) : std::string();
}

Response conflict(const ConfigOutcome& outcome, const std::string& device) {
  const std::string current = part(outcome.text, device);
  const std::string yours = part(outcome.wished, device);
  Response response =
      problem(Status::precondition_failed,
              fmt::format("{} was changed meanwhile, last by {}",
                          device.empty() ? "the configuration" : device, outcome.version.author.by),
              "look at both, and send the change again with the tag of what is there now",
              {{"current",
                {{"text", current},
                 {"tag", gateway::tag_of(current)},
                 {"version", gateway::config_json(outcome.version)}}},
               {"yours", {{"text", yours}}},
               {"diff", unified_diff(current, yours, "current", "yours")}});
  response.headers.add("ETag", etag(gateway::tag_of(current)));
  return response;
}

Response accepted(const ConfigOutcome& outcome, const std::string& device, Status status) {
  Response response = json_answer({{"version", gateway::config_json(outcome.version)},
                                   {"changed", outcome.state == ConfigOutcome::State::accepted},
                                   {"warnings", gateway::config_json(outcome.findings)}},
                                  status);
  response.headers.add("ETag", etag(gateway::tag_of(part(outcome.text, device))));
  return response;
}

Response answer(const ConfigOutcome& outcome, const ConfigRequest& request) {
  const std::string& now = request.device_now.empty() ? request.device : request.device_now;
  switch (outcome.state) {
    case ConfigOutcome::State::accepted: return accepted(outcome, now, request.done);
    case ConfigOutcome::State::unchanged: return accepted(outcome, now, Status::ok);
    case ConfigOutcome::State::conflict: return conflict(outcome, request.device);
    case ConfigOutcome::State::faulty: return findings_problem(outcome.findings);
    case ConfigOutcome::State::failed: break;
  }
  return problem(outcome.error.value_or(Error{ErrorKind::io, "the configuration could not be changed"}));
}

}  // namespace

std::string etag(std::string_view tag) { return fmt::format("\"{}\"", tag); }

Response config_not_editable() {
  return problem(Status::not_found, "the configuration of this gateway has no file that could be changed",
                 "`interwatt run -c FILE` has one; its log says why when that can not be changed");
}

Response findings_problem(const config::Findings& all) {
  config::Findings findings = all;
  findings.sort();
  std::string first;
  for (const config::Finding& finding : findings) {
    if (finding.severity == config::Severity::error && first.empty())
      first = finding.key.empty() ? finding.message : fmt::format("{}: {}", finding.key, finding.message);
  }
  if (findings.errors() > 1) first += fmt::format(" (and {} more)", findings.errors() - 1);
  return problem(Status::unprocessable_content, first, "", {{"findings", gateway::config_json(findings)}});
}

io::Task<Response> change_config(Surroundings on, Gatekeeper& gate, const Call& call, ConfigRequest request) {
  if (on.config_store == nullptr) co_return config_not_editable();
  ConfigWish wish{.author = {.by = gate.who(call)->name, .why = request.why},
                  .device = request.device,
                  .edit = request.edit};
  if (call.request.headers.has("If-Match")) {
    auto tag = made_on(call);
    if (!tag) co_return problem(tag.error());
    wish.made_on = std::move(*tag);
  } else if (request.needs_match) {
    co_return problem(precondition_required, "which version is this change made on?",
                      "send If-Match with the ETag of what was read, or * for whatever is there",
                      {{"title", "Precondition Required"}});
  }
  auto outcome = co_await run_blocking(on.network.executor(), on.blocking,
                                       [&] { return on.config_store->change(wish); });
  if (outcome.config) on.apply_config(std::move(outcome.config), outcome.version.author.by);
  co_return answer(outcome, request);
}

}  // namespace iw::api
