#include "gateway/event_table.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr WallTime at{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 10h};

events::Event lost(std::uint64_t id) {
  events::Event event;
  event.id = events::EventId(id);
  event.kind = events::Kind::device_lost;
  event.severity = events::Severity::alarm;
  event.source.device = "meter";
  event.raised = event.last = at;
  event.message = "no answer";
  return event;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the table says how long a condition lasts, and nothing of that for a moment") {
  const Console console;
  events::Event started;
  started.id = events::EventId(1);
  started.kind = events::Kind::gateway_started;
  started.raised = started.last = at;
  started.cleared = at;
  started.message = "gateway started";
  const std::string text = event_table(std::vector{lost(2), started}, at + 3min, console);
  CHECK(has(text, "3 min  alarm     unacknowledged  meter    no answer"));
  CHECK(has(text, "2026-11-24 10:00:00         info      normal          gateway  gateway started"));
}

TEST_CASE("a folded event says how often") {
  const Console console;
  events::Event event = lost(2);
  event.folding = events::Folding::flapping;
  event.occurrences = 7;
  CHECK(has(event_line(event, at, console), "no answer (7 times, flapping)"));
}

TEST_CASE("a line says when it is over and who acknowledged it") {
  const Console console;
  events::Event event = lost(2);
  event.cleared = at + 12s;
  event.acknowledged = {.time = at + 5s, .by = "ada", .comment = ""};
  CHECK(event_line(event, at + 20s, console) ==
        "2026-11-24 10:00:12      2  alarm  normal  meter: no answer; over after 12 s; acknowledged by ada");
}

TEST_CASE("what is shelved says until when, and is as before when that is over") {
  const Console console;
  events::Event event = lost(2);
  event.shelved = {.since = at, .until = at + 1h, .by = "ada", .reason = "a spare part is ordered"};
  CHECK(event_line(event, at + 1min, console) ==
        "2026-11-24 10:00:00      2  alarm  shelved  meter: no answer; shelved until 2026-11-24 11:00:00");
  CHECK(has(event_details(event, at + 1min, console), "a spare part is ordered"));
  CHECK(has(event_line(event, at + 1h, console), "unacknowledged"));
}

TEST_CASE("the summary counts what waits for somebody") {
  CHECK(event_summary({}) == "nothing open");
  events::Event seen = lost(1);
  seen.acknowledged = {.time = at, .by = "ada", .comment = ""};
  CHECK(event_summary(std::vector{seen}) == "1 open, all acknowledged");
  CHECK(event_summary(std::vector{seen, lost(2)}) == "2 open, 1 of them to be acknowledged");
}
