// Events and alarms, from the file that the gateway writes: it is read on the blocking executor.

#include <nlohmann/json.hpp>

#include "api/answers.hpp"
#include "api/blocking.hpp"
#include "api/body.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "events/event_store.hpp"
#include "gateway/event_json.hpp"
#include "gateway/event_keeper.hpp"

namespace iw::api {
namespace {

constexpr std::size_t most_events = 1000;

template <class T>
Result<std::optional<T>> word_of(const Target& target, std::string_view name,
                                 Result<T> (*parse)(std::string_view)) {
  const auto text = target.parameter(name);
  if (!text) return std::nullopt;
  auto value = parse(*text);
  if (!value) return fail(std::move(value).error().in(name));
  return *value;
}

Result<events::Query> query_of(const Target& target, WallTime now) {
  if (auto known = only(target, {"since", "until", "asset", "device", "kind", "severity", "open", "text",
                                 "before", "limit"});
      !known) {
    return fail(std::move(known).error());
  }
  auto since = time_of(target, "since", now);
  if (!since) return fail(std::move(since).error());
  auto until = time_of(target, "until", now);
  if (!until) return fail(std::move(until).error());
  auto kind = word_of<events::Kind>(target, "kind", &events::parse_kind);
  if (!kind) return fail(std::move(kind).error());
  auto severity = word_of<events::Severity>(target, "severity", &events::parse_severity);
  if (!severity) return fail(std::move(severity).error());
  auto open = flag_of(target, "open");
  if (!open) return fail(std::move(open).error());
  auto before = number_of(target, "before", 0, UINT64_MAX, 0);
  if (!before) return fail(std::move(before).error());
  auto limit = number_of(target, "limit", 1, most_events, 100);
  if (!limit) return fail(std::move(limit).error());
  events::Query query{.since = *since,
                      .until = *until,
                      .asset = text_of(target, "asset"),
                      .device = text_of(target, "device"),
                      .kind = *kind,
                      .at_least = *severity,
                      .open = *open,
                      .text = text_of(target, "text"),
                      .before = {},
                      .limit = *limit};
  if (*before > 0) query.before = events::EventId(*before);
  return query;
}

Response not_kept() {
  return problem(Status::not_found, "this gateway keeps no events",
                 "the log of its start says why, or it is a demonstration without a data folder");
}

std::string list_json(const std::vector<events::Event>& found, std::size_t limit) {
  std::string text = R"({"items":[)";
  for (const events::Event& event : found) {
    if (text.back() != '[') text += ',';
    text += gateway::event_json(event);
  }
  const bool more = found.size() == limit;
  text += more ? fmt::format(R"(],"next":{}}})", found.back().id.value()) : R"(],"next":null})";
  return text;
}

io::Task<Response> events_answer(Surroundings on, const Call& call) {
  if (on.gateway.events() == nullptr) co_return not_kept();
  io::Executor& core = on.network.executor();
  const auto query = query_of(call.target, core.clock().wall_now());
  if (!query) co_return problem(query.error());
  const std::string path = gateway::events_path(on.gateway.config().data_folder);
  const auto found = co_await run_blocking(core, on.blocking, [&]() -> Result<std::vector<events::Event>> {
    auto store = events::EventStore::open(path, sqlite::Mode::read);
    if (!store) return fail(std::move(store).error());
    return store->query(*query);
  });
  if (!found) co_return problem(found.error());
  co_return json_text(list_json(*found, query->limit));
}

Result<events::EventId> id_of(const Call& call) {
  const Target as_query{.segments = {}, .query = {{"id", std::string(call.capture("id"))}}};
  auto id = number_of(as_query, "id", 1, UINT64_MAX, 0);
  if (!id) return fail(std::move(id).error());
  return events::EventId(*id);
}

io::Task<Response> event_answer(Surroundings on, const Call& call) {
  if (on.gateway.events() == nullptr) co_return not_kept();
  const auto id = id_of(call);
  if (!id) co_return problem(id.error());
  const std::string path = gateway::events_path(on.gateway.config().data_folder);
  const auto found =
      co_await run_blocking(on.network.executor(), on.blocking, [&]() -> Result<events::Event> {
        auto store = events::EventStore::open(path, sqlite::Mode::read);
        if (!store) return fail(std::move(store).error());
        return store->find(*id);
      });
  if (!found) co_return problem(found.error());
  co_return json_text(gateway::event_json(*found));
}

// On record before it is done.
io::Task<Response> acknowledge(Surroundings on, Gatekeeper& gate, const Call& call) {
  if (on.gateway.events() == nullptr) co_return not_kept();
  Json body;
  if (auto refusal = read_body(call, {"comment"}, body)) co_return *refusal;
  const auto comment = text_field(body, "comment", "");
  if (!comment) co_return problem(comment.error());
  const auto id = id_of(call);
  if (!id) co_return problem(id.error());
  const std::string by = gate.who(call)->name;
  auto recorded = co_await gate.record({.time = gate.wall_now(),
                                        .actor = by,
                                        .action = "acknowledge",
                                        .subject = fmt::format("event {}", id->value()),
                                        .outcome = "accepted",
                                        .detail = *comment});
  if (!recorded) co_return problem(recorded.error());
  const std::string path = gateway::events_path(on.gateway.config().data_folder);
  const events::Acknowledgement acknowledgement{.time = gate.wall_now(), .by = by, .comment = *comment};
  const auto event =
      co_await run_blocking(on.network.executor(), on.blocking, [&]() -> Result<events::Event> {
        auto store = events::EventStore::open(path, sqlite::Mode::write);
        if (!store) return fail(std::move(store).error());
        return store->acknowledge(*id, acknowledgement);
      });
  if (!event) co_return problem(event.error());
  co_return json_text(gateway::event_json(*event));
}

}  // namespace

void add_events(Routes& routes, Surroundings on, Gatekeeper& gate) {
  routes.get_waiting("/api/v1/events", [on](const Call& call) { return events_answer(on, call); });
  routes.get_waiting("/api/v1/events/{id}", [on](const Call& call) { return event_answer(on, call); });
  routes.on(security::Role::operate, "POST", "/api/v1/events/{id}/acknowledge",
            [on, &gate](const Call& call) { return acknowledge(on, gate, call); });
}

}  // namespace iw::api
