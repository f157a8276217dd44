// Events and alarms, from the file that the gateway writes: it is read on the blocking executor.

#include "api/answers.hpp"
#include "api/blocking.hpp"
#include "api/body.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "events/event_store.hpp"
#include "gateway/event_json.hpp"
#include "gateway/event_keeper.hpp"
#include "json/json.hpp"

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
  if (auto known = only(target, {"since", "until", "asset", "device", "kind", "severity", "open", "shelved",
                                 "text", "before", "limit"});
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
  auto shelved = flag_of(target, "shelved");
  if (!shelved) return fail(std::move(shelved).error());
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
                      .shelved_at = {},
                      .in_view_at = {},
                      .text = text_of(target, "text"),
                      .before = {},
                      .limit = *limit};
  if (shelved->has_value()) (**shelved ? query.shelved_at : query.in_view_at) = now;
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

// What somebody does to an event: on record before it is done.
using Deed = std::function<Result<events::Event>(events::EventStore&, events::EventId)>;

io::Task<Response> handle(Surroundings on, Gatekeeper& gate, const Call& call, std::string_view action,
                          std::string detail, Deed deed) {
  const auto id = id_of(call);
  if (!id) co_return problem(id.error());
  auto recorded = co_await gate.record({.time = gate.wall_now(),
                                        .actor = gate.who(call)->name,
                                        .action = std::string(action),
                                        .subject = fmt::format("event {}", id->value()),
                                        .outcome = "accepted",
                                        .detail = std::move(detail)});
  if (!recorded) co_return problem(recorded.error());
  const std::string path = gateway::events_path(on.gateway.config().data_folder);
  const auto event =
      co_await run_blocking(on.network.executor(), on.blocking, [&]() -> Result<events::Event> {
        auto store = events::EventStore::open(path, sqlite::Mode::write);
        if (!store) return fail(std::move(store).error());
        return deed(*store, *id);
      });
  if (!event) co_return problem(event.error());
  co_return json_text(gateway::event_json(*event));
}

using Comment = Result<events::Event> (events::EventStore::*)(events::EventId,
                                                              const events::Acknowledgement&);

// Acknowledge and clear: with a comment.
io::Task<Response> comment_on(Surroundings on, Gatekeeper& gate, const Call& call, std::string_view action,
                              Comment deed) {
  if (on.gateway.events() == nullptr) co_return not_kept();
  Json body;
  if (auto refusal = read_body(call, {"comment"}, body)) co_return *refusal;
  const auto comment = text_field(body, "comment", "");
  if (!comment) co_return problem(comment.error());
  const events::Acknowledgement by{.time = gate.wall_now(), .by = gate.who(call)->name, .comment = *comment};
  co_return co_await handle(
      on, gate, call, action, *comment,
      [by, deed](events::EventStore& store, events::EventId id) { return (store.*deed)(id, by); });
}

io::Task<Response> shelve(Surroundings on, Gatekeeper& gate, const Call& call) {
  if (on.gateway.events() == nullptr) co_return not_kept();
  Json body;
  if (auto refusal = read_body(call, {"for_s", "reason"}, body)) co_return *refusal;
  const auto seconds = number_field(body, "for_s", 60, std::int64_t{31} * 24 * 3600, 3600);
  if (!seconds) co_return problem(seconds.error());
  const auto reason = text_field(body, "reason");
  if (!reason) co_return problem(reason.error());
  const auto shelving =
      events::shelving_of(std::chrono::seconds(*seconds), gate.wall_now(), gate.who(call)->name, *reason);
  if (!shelving) co_return problem(shelving.error());
  co_return co_await handle(on, gate, call, "shelve", fmt::format("for {} s: {}", *seconds, *reason),
                            [shelving = *shelving](events::EventStore& store, events::EventId id) {
                              return store.shelve(id, shelving);
                            });
}

io::Task<Response> unshelve(Surroundings on, Gatekeeper& gate, const Call& call) {
  if (on.gateway.events() == nullptr) co_return not_kept();
  Json body;
  if (auto refusal = read_body(call, {}, body)) co_return *refusal;
  co_return co_await handle(on, gate, call, "unshelve", "",
                            [now = gate.wall_now()](events::EventStore& store, events::EventId id) {
                              return store.unshelve(id, now);
                            });
}

}  // namespace

void add_events(Routes& routes, Surroundings on, Gatekeeper& gate) {
  routes.get_waiting("/api/v1/events", [on](const Call& call) { return events_answer(on, call); });
  routes.get_waiting("/api/v1/events/{id}", [on](const Call& call) { return event_answer(on, call); });
  const auto act = [&](const std::string& deed, auto answer) {
    routes.on(security::Role::operate, "POST", "/api/v1/events/{id}/" + deed, std::move(answer));
  };
  act("acknowledge", [on, &gate](const Call& call) {
    return comment_on(on, gate, call, "acknowledge", &events::EventStore::acknowledge);
  });
  act("clear", [on, &gate](const Call& call) {
    return comment_on(on, gate, call, "clear", &events::EventStore::clear);
  });
  act("shelve", [on, &gate](const Call& call) { return shelve(on, gate, call); });
  act("unshelve", [on, &gate](const Call& call) { return unshelve(on, gate, call); });
}

}  // namespace iw::api
