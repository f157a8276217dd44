// interwatt events: what an operator should know, from the file that the gateway keeps; and what people do
// about it: acknowledge, shelve, clear.

#include <algorithm>
#include <map>

#include "config/rule.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/user_name.hpp"
#include "gateway/event_json.hpp"
#include "gateway/event_keeper.hpp"
#include "gateway/event_table.hpp"
#include "gateway/live_json.hpp"
#include "gateway/surroundings.hpp"
#include "gateway/time_span.hpp"
#include "io/sleep.hpp"
#include "transfer/csv.hpp"

namespace iw::gateway {
namespace {

using events::Event;
using events::EventId;
using events::EventStore;

constexpr std::size_t all = 1'000'000;
constexpr Duration look_every = 500ms;

struct Options {
  DataFolderOptions data;
  std::string since;
  std::string until;
  std::string kind;
  std::string severity;
  events::Query query;
  bool open = false;
  bool follow = false;
  bool json = false;
  bool csv = false;

  std::vector<std::uint64_t> ids;
  bool acknowledge_all = false;
  bool shelved = false;
  std::string shelve_for = "1h";
  std::string by;
  std::string comment;
};

// What the options say, put into one query.
Result<events::Query> query_of(const Options& options, WallTime now) {
  events::Query query = options.query;
  if (query.limit == 0) query.limit = all;
  if (options.open) {
    query.open = true;
    query.in_view_at = now;
  }
  if (options.shelved) query.shelved_at = now;
  if (!options.since.empty()) {
    auto since = parse_time(options.since, now);
    if (!since) return fail(std::move(since).error().in("--since"));
    query.since = *since;
  }
  if (!options.until.empty()) {
    auto until = parse_time(options.until, now);
    if (!until) return fail(std::move(until).error().in("--until"));
    query.until = *until;
  }
  if (!options.kind.empty()) {
    auto kind = events::parse_kind(options.kind);
    if (!kind) return fail(std::move(kind).error());
    query.kind = *kind;
  }
  if (!options.severity.empty()) {
    auto severity = events::parse_severity(options.severity);
    if (!severity) return fail(std::move(severity).error());
    query.at_least = *severity;
  }
  return query;
}

std::string time_cell(const std::optional<WallTime>& time) { return time ? exact_time(*time) : ""; }

std::string number_cell(const std::optional<double>& number) {
  return number ? fmt::format("{}", *number) : "";
}

constexpr std::string_view csv_header =
    "id,raised,cleared,kind,severity,state,device,path,asset,value,limit,message,remedy,occurrences,"
    "acknowledged,acknowledged_by,comment,cleared_by,cleared_comment,shelved_until,shelved_by,shelved_reason";

std::string csv_line(const Event& event) {
  const events::Acknowledgement by = event.acknowledged.value_or(events::Acknowledgement{});
  const events::Shelving shelved = event.shelved.value_or(events::Shelving{});
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", event.id.value(),
      exact_time(event.raised), time_cell(event.cleared), to_string(event.kind), to_string(event.severity),
      to_string(state_of(event)), transfer::csv_field(event.source.device),
      transfer::csv_field(event.source.path), transfer::csv_field(event.source.asset),
      number_cell(event.value), number_cell(event.limit), transfer::csv_field(event.message),
      transfer::csv_field(event.remedy), event.occurrences, event.acknowledged ? exact_time(by.time) : "",
      transfer::csv_field(by.by), transfer::csv_field(by.comment), transfer::csv_field(event.cleared_by),
      transfer::csv_field(event.cleared_comment), event.shelved ? exact_time(shelved.until) : "",
      transfer::csv_field(shelved.by), transfer::csv_field(shelved.reason));
}

// The records as they are now, then each as it comes or changes. A record that leaves the open ones is looked
// up by its id: what changes in the others is seen among the newest.
class Follower {
 public:
  Follower(EventStore& store, events::Query query, bool json, Console& console, const io::Clock& clock)
      : store_(store), query_(std::move(query)), json_(json), console_(console), clock_(clock) {}

  Result<void> look() {
    const auto changed = store_.changed_elsewhere();
    if (!changed) return fail(changed.error());
    if (!*changed) return {};
    auto found = store_.query(query_);
    if (!found) return fail(std::move(found).error());
    for (const EventId id : open_) {
      if (std::ranges::find(*found, id, &Event::id) != found->end()) continue;
      if (auto event = store_.find(id)) found->push_back(std::move(*event));
    }
    std::ranges::sort(*found, {}, &Event::id);
    for (const Event& event : *found)
      show(event);
    return {};
  }

 private:
  void show(const Event& event) {
    auto [known, is_new] = shown_.try_emplace(event.id, event);
    if (!is_new && known->second == event) return;
    known->second = event;
    std::erase(open_, event.id);
    if (is_open(state_of(event))) open_.push_back(event.id);
    console_.out(json_ ? event_json(event) : event_line(event, clock_.wall_now(), console_));
  }

  EventStore& store_;
  events::Query query_;
  bool json_;
  Console& console_;
  const io::Clock& clock_;
  std::map<EventId, Event> shown_;
  std::vector<EventId> open_;
};

int follow(EventStore& store, const events::Query& query, bool json, Console& console, Surroundings& around) {
  Follower follower(store, query, json, console, around.executor().clock());
  std::optional<Error> wrong;
  auto looking = [](Follower& f, io::Executor& executor, std::optional<Error>& failed) -> io::Task<void> {
    while (!failed) {
      if (auto looked = f.look(); !looked) failed = std::move(looked).error();
      co_await io::sleep_for(executor, look_every);
    }
  };
  around.run(looking(follower, around.executor(), wrong));
  return give_up(console, json, *wrong);
}

int list(EventStore& store, const Options& options, Console& console, Surroundings& around) {
  const WallTime now = around.executor().clock().wall_now();
  const auto query = query_of(options, now);
  if (!query) return give_up(console, options.json, query.error(), 2);
  if (options.follow) return follow(store, *query, options.json, console, around);
  const auto found = store.query(*query);
  if (!found) return give_up(console, options.json, found.error());
  if (options.json || options.csv) {
    if (options.csv) console.out(csv_header);
    for (const Event& event : *found)
      console.out(options.csv ? csv_line(event) : event_json(event));
    return 0;
  }
  if (!found->empty()) console.out(event_table(*found, now, console));
  const auto open = store.query({.since = {}, .until = {}, .open = true, .in_view_at = now, .limit = all});
  if (!open) return give_up(console, options.json, open.error());
  if (found->size() == query->limit)
    console.note(fmt::format("the newest {}; --limit 0 shows all", query->limit));
  console.note(found->empty() ? fmt::format("no such events; {}", event_summary(*open))
                              : event_summary(*open));
  return 0;
}

int show(EventStore& store, const Options& options, Console& console, Surroundings& around) {
  for (const std::uint64_t id : options.ids) {
    const auto event = store.find(EventId(id));
    if (!event) return give_up(console, options.json, event.error());
    if (options.json) {
      console.out(event_json(*event));
    } else {
      if (id != options.ids.front()) console.out("");
      console.out(event_details(*event, around.executor().clock().wall_now(), console));
    }
  }
  return 0;
}

std::string whoever(const Options& options) { return options.by.empty() ? user_name() : options.by; }

// Those that were named, or all that wait for it. One that can not be acknowledged does not keep the others.
int acknowledge(EventStore& store, const Options& options, Console& console, Surroundings& around) {
  std::vector<EventId> ids(options.ids.begin(), options.ids.end());
  if (options.acknowledge_all) {
    const auto query = query_of(options, around.executor().clock().wall_now());
    if (!query) return give_up(console, options.json, query.error(), 2);
    auto waiting = *query;
    waiting.open = true;
    waiting.limit = all;
    const auto open = store.query(waiting);
    if (!open) return give_up(console, options.json, open.error());
    for (const Event& event : *open)
      if (!event.acknowledged && event.severity > events::Severity::info) ids.push_back(event.id);
    std::ranges::reverse(ids);
  }
  int status = 0;
  for (const EventId id : ids) {
    auto done = store.acknowledge(
        id,
        {.time = around.executor().clock().wall_now(), .by = whoever(options), .comment = options.comment});
    if (!done) {
      status = give_up(console, options.json, done.error());
    } else {
      console.out(options.json
                      ? event_json(*done)
                      : fmt::format("acknowledged {}: {}: {}", id.value(), place_of(*done), done->message));
    }
  }
  if (ids.empty()) console.note("nothing waits to be acknowledged");
  return status;
}

// One after the other: one that can not be done does not keep the others.
template <class Do>
int do_each(const Options& options, Console& console, std::string_view done_word, Do&& work) {
  int status = 0;
  for (const std::uint64_t id : options.ids) {
    const Result<Event> done = work(EventId(id));
    if (!done) {
      status = give_up(console, options.json, done.error());
    } else {
      console.out(options.json ? event_json(*done)
                               : fmt::format("{} {}: {}: {}", done_word, id, place_of(*done), done->message));
    }
  }
  return status;
}

int shelve(EventStore& store, const Options& options, Console& console, Surroundings& around) {
  const auto span = config::parse_duration(options.shelve_for);
  if (!span) return give_up(console, options.json, Error(span.error()).in("--for"), 2);
  const WallTime now = around.executor().clock().wall_now();
  const auto shelving = events::shelving_of(*span, now, whoever(options), options.comment);
  if (!shelving) return give_up(console, options.json, shelving.error(), 2);
  const std::string done = fmt::format("shelved until {} UTC:", format_time(shelving->until));
  return do_each(options, console, done, [&](EventId id) { return store.shelve(id, *shelving); });
}

int unshelve(EventStore& store, const Options& options, Console& console, Surroundings& around) {
  const WallTime now = around.executor().clock().wall_now();
  return do_each(options, console, "back in sight:", [&](EventId id) { return store.unshelve(id, now); });
}

int clear(EventStore& store, const Options& options, Console& console, Surroundings& around) {
  const events::Acknowledgement by{
      .time = around.executor().clock().wall_now(), .by = whoever(options), .comment = options.comment};
  return do_each(options, console, "cleared", [&](EventId id) { return store.clear(id, by); });
}

using Action = int (*)(EventStore&, const Options&, Console&, Surroundings&);

int with_store(Action action, sqlite::Mode mode, const Options& options, Console& console) {
  Surroundings around;
  const auto folder = data_folder(options.data, around.files(), console);
  if (!folder) return 1;
  auto store = EventStore::open(events_path(*folder), mode);
  if (!store && store.error().kind == ErrorKind::not_found) {
    return give_up(console, options.json,
                   {ErrorKind::not_found, fmt::format("there are no events in {}", *folder),
                    "`interwatt run` keeps them; --data names another folder"});
  }
  if (!store) return give_up(console, options.json, store.error());
  return action(*store, options, console, around);
}

std::string all_kinds() {
  std::string text;
  for (const events::KindInfo& kind : events::kinds())
    text += fmt::format("{}{}", text.empty() ? "" : ", ", kind.name);
  return text;
}

void add_filters(const Command& command, Options& options) {
  command.add_option("--since", options.since, "not over before: 2h (ago), today, 2026-11-24T10:15");
  command.add_option("--until", options.until, "begun before");
  command.add_option("--asset", options.query.asset, "of this asset: its name or mRID");
  command.add_option("--device", options.query.device, "of this device");
  command.add_option("--kind", options.kind, all_kinds());
  command.add_option("--severity", options.severity, "at least: info, warning, alarm, critical");
  command.add_option("--text", options.query.text, "with these letters in message, device, path or comment");
  command.add_flag("--open", options.open, "not yet over and acknowledged, nor shelved");
  command.add_flag("--shelved", options.shelved, "shelved now");
}

}  // namespace

void add_events(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("events", "What happened: alarms and state changes, the newest first.");
  add_data_folder(command, options->data);
  add_filters(command, *options);
  command.add_option("-n,--limit", options->query.limit, "so many at most; 0: all").show_default();
  const Option json = command.add_flag("--json", options->json, "one JSON object a line");
  const Option csv = command.add_flag("--csv", options->csv, "comma-separated values").excludes(json);
  command.add_flag("-f,--follow", options->follow, "go on with what comes and changes").excludes(csv);
  command.allow_subcommand();

  const Command one = command.add_subcommand("show", "All about single events.");
  one.fallthrough();
  one.add_option("ids", options->ids, "numbers of events").required();
  const Command ack = command.add_subcommand("ack", "Acknowledge events: somebody has seen them.");
  ack.fallthrough();
  const Option ids = ack.add_option("ids", options->ids, "numbers of events");
  ack.add_flag("--all", options->acknowledge_all, "all that wait for it; the filters choose").excludes(ids);
  ack.add_option("--comment", options->comment, "what is known about it");
  const Command shelve_command = command.add_subcommand(
      "shelve", "Out of sight for a while, with whatever comes again there; back by itself.");
  shelve_command.add_option("--for", options->shelve_for, "how long: 30min, 8h, 2d; 31d at most")
      .show_default();
  shelve_command.add_option("--reason", options->comment, "why, for who looks after it").required();
  const Command unshelve_command = command.add_subcommand("unshelve", "Back in sight before its time.");
  const Command clear_command =
      command.add_subcommand("clear", "Over and seen; what still holds is raised again at once.");
  clear_command.add_option("--comment", options->comment, "what is known about it");
  for (const Command& changing : {shelve_command, unshelve_command, clear_command}) {
    changing.fallthrough();
    changing.add_option("ids", options->ids, "numbers of events").required();
  }
  for (const Command& changing : {ack, shelve_command, clear_command})
    changing.add_option("--by", options->by, "by whom; you, when left out");

  command.footer(
      "Times are UTC. It works while the gateway runs, and without it.\n\n"
      "Examples:\n"
      "  interwatt events --open                          what waits for somebody\n"
      "  interwatt events --since yesterday --severity alarm\n"
      "  interwatt events --device pv --csv > pv.csv\n"
      "  interwatt events --follow\n"
      "  interwatt events show 12\n"
      "  interwatt events ack 12 13 --comment 'fuse replaced'\n"
      "  interwatt events ack --all --kind device_lost\n"
      "  interwatt events shelve 12 --for 8h --reason 'spare part ordered'\n"
      "  interwatt events --shelved                       what nobody sees now, until when and why\n"
      "  interwatt events unshelve 12\n"
      "  interwatt events clear 12                        over; what still holds comes again\n");
  command.callback([=, &program] {
    if (ack.parsed() && options->ids.empty() && !options->acknowledge_all)
      wrong_use("numbers of events, or --all, are required");
    const auto run = [&](Action action, sqlite::Mode mode) {
      program.status = with_store(action, mode, *options, program.console);
    };
    if (one.parsed()) return run(&show, sqlite::Mode::read);
    if (ack.parsed()) return run(&acknowledge, sqlite::Mode::write);
    if (shelve_command.parsed()) return run(&shelve, sqlite::Mode::write);
    if (unshelve_command.parsed()) return run(&unshelve, sqlite::Mode::write);
    if (clear_command.parsed()) return run(&clear, sqlite::Mode::write);
    run(&list, sqlite::Mode::read);
  });
}

}  // namespace iw::gateway
