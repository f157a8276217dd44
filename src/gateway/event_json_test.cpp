#include "gateway/event_json.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr WallTime at{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 10h + 15min + 30s};

events::Event full() {
  events::Event event;
  event.id = events::EventId(12);
  event.kind = events::Kind::limit_violated;
  event.severity = events::Severity::alarm;
  event.source = {.device = "meter \"1\"",
                  .path = "meter/Frequency",
                  .asset = "meter",
                  .asset_mrid = model::parse_mrid("2ed6657d-e927-568b-95e1-2665a8aea6a2").value(),
                  .point_mrid = model::parse_mrid("2ed6657d-e927-568b-95e1-2665a8aea6a3").value()};
  event.raised = at + 250ms;
  event.last = at + 1s + 1ns;
  event.cleared = at + 2s + 123456789ns;
  event.cleared_by = "ada";
  event.cleared_comment = "a fuse";
  event.acknowledged = {.time = at + 3s, .by = "ada", .comment = "seen,\nand noted"};
  event.value = 50.1;
  event.limit = 50;
  event.message = "50.1 Hz is above the limit of 50 Hz";
  event.remedy = "look at it";
  event.folding = events::Folding::flapping;
  event.occurrences = 7;
  return event;
}

}  // namespace

TEST_CASE("an event as JSON is read back to the same record") {
  CHECK(parse_event_json(event_json(full())).value() == full());
  events::Event bare;
  bare.kind = events::Kind::gateway_started;
  bare.raised = bare.last = at;
  CHECK(parse_event_json(event_json(bare)).value() == bare);
}

TEST_CASE("times have nine digits only where three do not do") {
  CHECK(exact_time(at + 250ms) == "2026-11-24T10:15:30.250Z");
  CHECK(exact_time(at + 1ns) == "2026-11-24T10:15:30.000000001Z");
}

TEST_CASE("what is no event is refused with the field that is wrong") {
  const auto refused = [](std::string from, std::string to) {
    std::string line = event_json(full());
    line.replace(line.find(from), from.size(), to);
    const auto event = parse_event_json(line);
    REQUIRE_FALSE(event.has_value());
    return event.error().message;
  };
  CHECK(refused("\"id\":12", "\"id\":-1").find("'id'") != std::string::npos);
  CHECK(refused("limit_violated", "limit_ignored").find("'kind'") != std::string::npos);
  CHECK(refused("2026-11-24T10:15:30.250Z", "noon").find("'raised'") != std::string::npos);
  CHECK(refused("\"by\":\"ada\"", "\"by\":7").find("'by'") != std::string::npos);
  CHECK(refused("flapping", "flat").find("'folding'") != std::string::npos);
  CHECK_FALSE(parse_event_json("[]").has_value());
  CHECK_FALSE(parse_event_json("{").has_value());
}
