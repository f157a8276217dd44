// The configuration as a whole: its text, its versions, what a text would mean, and back to a version.

#include <ranges>

#include "api/blocking.hpp"
#include "api/body.hpp"
#include "api/config_change.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "base/line_diff.hpp"
#include "gateway/config_json.hpp"
#include "gateway/line_plan.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using gateway::ConfigStore;
using gateway::ConfigVersion;
using security::Role;

template <class Work>
io::Task<Response> with_store(Surroundings on, Work work) {
  if (on.config_store == nullptr) co_return config_not_editable();
  co_return co_await run_blocking(on.network.executor(), on.blocking, [&] { return work(*on.config_store); });
}

// The file, which is the truth, also when it is not what runs: then with what is wrong with it.
Response config_answer(ConfigStore& store, io::Files& files) {
  const auto text = store.read();
  if (!text) return problem(text.error());
  const std::string tag = gateway::tag_of(*text);
  const ConfigVersion* newest = store.versions().newest();
  Json shown{{"file", store.path()},
             {"text", *text},
             {"tag", tag},
             {"in_force", newest != nullptr && newest->tag == tag},
             {"version", newest != nullptr ? gateway::config_json(*newest) : Json(nullptr)}};
  config::Findings findings;
  (void)gateway::load_checked(store.path(), *text, files, findings);
  findings.sort();
  shown["findings"] = gateway::config_json(findings);
  Response response = json_answer(shown);
  response.headers.add("ETag", etag(tag));
  return response;
}

io::Task<Response> put_config(Surroundings on, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"text", "why"}, body)) co_return *refusal;
  const auto text = text_field(body, "text");
  if (!text) co_return problem(text.error());
  const auto why = text_field(body, "why", "");
  if (!why) co_return problem(why.error());
  co_return co_await change_config(
      on, gate, call,
      {.why = *why, .edit = [text = *text](std::string_view) -> Result<std::string> { return text; }});
}

Json lines_json(const gateway::LoadedConfig& config) {
  Json lines = Json::array();
  gateway::DeviceIds ids;
  for (const driver::LinePlanPtr& line : gateway::plan_lines(config, ids)) {
    const driver::LineBudget budget = line->budget();
    lines.push_back({{"url", budget.url},
                     {"load", number(budget.load)},
                     {"possible", budget.possible()},
                     {"complaint", driver::complaint(budget)}});
  }
  return lines;
}

// What a text would mean, without doing it.
io::Task<Response> check_config(Surroundings on, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"text"}, body)) co_return *refusal;
  const auto text = text_field(body, "text");
  if (!text) co_return problem(text.error());
  co_return co_await with_store(on, [&](ConfigStore& store) {
    config::Findings findings;
    const auto config = gateway::load_checked(store.path(), *text, on.files, findings);
    findings.sort();
    const auto before = store.read();
    Json shown{{"ok", config != nullptr}, {"findings", gateway::config_json(findings)}};
    shown["diff"] = before ? unified_diff(*before, *text, "current", "yours") : "";
    shown["lines"] = config ? lines_json(*config) : Json::array();
    return json_answer(shown);
  });
}

Response versions_answer(ConfigStore& store) {
  Json items = Json::array();
  for (const ConfigVersion& version : std::views::reverse(store.versions().all()))
    items.push_back(gateway::config_json(version));
  return json_answer({{"items", std::move(items)}});
}

Result<std::uint64_t> version_of(const Call& call) {
  const Target as_query{.segments = {}, .query = {{"version", std::string(call.capture("version"))}}};
  return number_of(as_query, "version", 1, UINT64_MAX, 0);
}

io::Task<Response> version_answer(Surroundings on, const Call& call) {
  const auto number = version_of(call);
  if (!number) co_return problem(number.error());
  co_return co_await with_store(on, [&](ConfigStore& store) {
    const auto text = store.versions().text(*number);
    if (!text) return problem(text.error());
    Json shown = gateway::config_json(*store.versions().find(*number));
    shown["text"] = *text;
    return json_answer(shown);
  });
}

// From a version to another, or to the file as it is.
io::Task<Response> diff_answer(Surroundings on, const Call& call) {
  if (auto known = only(call.target, {"from", "to"}); !known) co_return problem(known.error());
  const auto from = number_of(call.target, "from", 1, UINT64_MAX, 0);
  if (!from) co_return problem(from.error());
  const auto to = number_of(call.target, "to", 1, UINT64_MAX, 0);
  if (!to) co_return problem(to.error());
  if (*from == 0) co_return problem(Status::bad_request, "from: which version?", "?from=3&to=5, or ?from=3");
  co_return co_await with_store(on, [&](ConfigStore& store) {
    const auto before = store.versions().text(*from);
    if (!before) return problem(before.error());
    const auto after = *to == 0 ? store.read() : store.versions().text(*to);
    if (!after) return problem(after.error());
    const std::string name = *to == 0 ? "the file" : fmt::format("version {}", *to);
    return json_answer({{"from", *from},
                        {"to", *to == 0 ? Json(nullptr) : Json(*to)},
                        {"diff", unified_diff(*before, *after, fmt::format("version {}", *from), name)}});
  });
}

io::Task<Response> roll_back(Surroundings on, Gatekeeper& gate, const Call& call) {
  if (on.config_store == nullptr) co_return config_not_editable();
  Json body;
  if (auto refusal = read_body(call, {"version", "why"}, body)) co_return *refusal;
  const auto number = number_field(body, "version", 1, INT64_MAX, 0);
  if (!number) co_return problem(number.error());
  if (*number == 0) co_return problem(Status::bad_request, "version: which one?");
  const auto why = text_field(body, "why", "");
  if (!why) co_return problem(why.error());
  const auto version = static_cast<std::uint64_t>(*number);
  const std::string reason = fmt::format("back to version {}{}{}", version, why->empty() ? "" : ": ", *why);
  co_return co_await change_config(
      on, gate, call, {.why = reason, .edit = [store = on.config_store, version](std::string_view) {
                         return store->versions().text(version);
                       }});
}

}  // namespace

void add_config(Routes& routes, Surroundings on, Gatekeeper& gate) {
  routes.get_waiting("/api/v1/config", [on](const Call& /*call*/) {
    return with_store(on, [&files = on.files](ConfigStore& store) { return config_answer(store, files); });
  });
  routes.on(Role::engineer, "PUT", "/api/v1/config",
            [on, &gate](const Call& call) { return put_config(on, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/config/check",
            [on](const Call& call) { return check_config(on, call); });
  routes.on(Role::engineer, "POST", "/api/v1/config/rollback",
            [on, &gate](const Call& call) { return roll_back(on, gate, call); });
  routes.get_waiting("/api/v1/config/versions",
                     [on](const Call& /*call*/) { return with_store(on, versions_answer); });
  routes.get_waiting("/api/v1/config/versions/{version}",
                     [on](const Call& call) { return version_answer(on, call); });
  routes.get_waiting("/api/v1/config/diff", [on](const Call& call) { return diff_answer(on, call); });
}

}  // namespace iw::api
