#include "gateway/control_store.hpp"

#include <doctest/doctest.h>

#include "io/testing/capture_log.hpp"
#include "io/testing/memory_files.hpp"
#include "security/audit_log.hpp"

namespace iw::gateway {
namespace {

constexpr events::Moment written{.wall = WallTime(1'790'000'000s), .instant = Instant(500s)};

StandingClaims standing() {
  return {.claims = {{.path = "battery/ActivePowerSetpoint",
                      .claim = {.id = control::ClaimId(7),
                                .level = control::Level::grid,
                                .demand = control::Demand::at_most,
                                .value = 0.1,
                                .start = Instant(490s),
                                .expiry = Instant(590s),
                                .owner = "dso \"north\"",
                                .reason = "event\n№ 3\xFF"},
                      .written = true},
                     {.path = "load/LoadShedLevel",
                      .claim = {.id = control::ClaimId(8),
                                .value = -1e300,
                                .start = Instant(600s),
                                .expiry = Instant(501s)}}},
          .last = control::ClaimId(9),
          .at = written};
}

TEST_CASE("the claims come back as they stood, whatever their owners wrote into them") {
  StandingClaims claims = standing();
  const auto restored = read_claims(write_claims(claims, "boot", 12), written, "boot");
  REQUIRE(restored.has_value());
  CHECK(restored->ended.empty());
  CHECK(restored->audited == 12);
  CHECK(restored->standing.last == claims.last);
  claims.claims[0].claim.reason = "event\n№ 3\xEF\xBF\xBD";  // the replacement character
  CHECK(restored->standing.claims == claims.claims);
}

TEST_CASE("no claims are a file too") {
  const auto restored =
      read_claims(write_claims({.claims = {}, .last = control::ClaimId(3)}, "", 0), written, "");
  REQUIRE(restored.has_value());
  CHECK(restored->standing.claims.empty());
  CHECK(restored->standing.last == control::ClaimId(3));
}

TEST_CASE("what has ended while the gateway was off is over, with its reason") {
  const events::Moment later{.wall = written.wall + 20s, .instant = Instant(3s)};
  const auto restored = read_claims(write_claims(standing(), "before", 0), later, "after");
  REQUIRE(restored.has_value());
  REQUIRE(restored->standing.claims.size() == 1);
  CHECK(restored->standing.claims[0].claim.expiry == Instant(73s));
  REQUIRE(restored->ended.size() == 1);
  CHECK(restored->ended[0].second == "it ended while the gateway was off");
}

TEST_CASE("behind the time of the file nobody knows how long the gateway was off") {
  const events::Moment earlier{.wall = written.wall - 1s, .instant = Instant(3s)};
  const auto restored = read_claims(write_claims(standing(), "before", 0), earlier, "after");
  REQUIRE(restored.has_value());
  CHECK(restored->standing.claims.empty());
  CHECK(restored->ended.size() == 2);
}

TEST_CASE("a file that is no file of claims is an error") {
  CHECK_FALSE(read_claims("{\"version\":1}", written, "boot").has_value());
  CHECK_FALSE(read_claims("{", written, "boot").has_value());
  CHECK_FALSE(read_claims(R"({"version":2})", written, "boot").has_value());
}

TEST_CASE("the audit log goes on where the file of claims ends") {
  const events::Moment later{.wall = written.wall + 5s, .instant = written.instant + 5s};
  const events::Moment now{.wall = written.wall + 20s, .instant = written.instant + 20s};
  NullLog log;
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  files.put("/proc/sys/kernel/random/boot_id", "boot\n");
  auto audit = security::AuditLog::open(files, "data/audit", written.wall).value();
  const auto record = [&](std::string data, events::Moment when) {
    const security::AuditEntry entry{.time = when.wall,
                                     .actor = "anna",
                                     .action = "claim",
                                     .subject = "battery/ActivePowerSetpoint",
                                     .data = std::move(data)};
    REQUIRE(audit.append(std::span(&entry, 1)));
  };
  const auto alone = [&](const control::Claim& claim, events::Moment when, std::string_view boot) {
    record(data_of_claim(claim, claim.id, when.instant, boot), when);
  };
  const auto claim = [](std::uint64_t id, Instant start, Duration life) {
    return control::Claim{.id = control::ClaimId(id),
                          .level = control::Level::people,
                          .demand = control::Demand::at_least,
                          .value = -0.3,
                          .start = start,
                          .expiry = start + life,
                          .owner = "anna",
                          .reason = "a \"test\""};
  };
  StandingClaims in_file = standing();
  in_file.claims[0].written = false;
  files.put("data/control/claims.json", write_claims(in_file, "boot", audit.head().sequence));
  alone(claim(9, written.instant, 1h), written, "boot");  // which the file knows
  alone(claim(10, later.instant, 1h), later, "boot");
  alone(claim(11, later.instant, 1h), later, "boot");
  alone(claim(12, later.instant, 10s), later, "boot");
  alone(claim(13, later.instant, 1h), later, "another");
  record(data_of_end(control::ClaimId(11)), later);
  record(data_of_writing(control::ClaimId(7)), later);
  record(R"({"of a later":"program"})", later);
  const control::ClaimId end_is_missing(16);
  for (const std::uint64_t id : {14U, 15U})
    record(data_of_claim(claim(id, later.instant, 1h), end_is_missing, later.instant, "boot"), later);
  const auto restored = restore_claims(files, "data", now, log).value();
  REQUIRE(restored.standing.claims.size() == 3);
  CHECK(restored.standing.claims[0].claim.id == control::ClaimId(7));
  CHECK(restored.standing.claims[0].written);
  CHECK(restored.standing.claims[1].path == "battery/ActivePowerSetpoint");
  CHECK(restored.standing.claims[1].claim == claim(10, later.instant, 1h));
  CHECK(restored.standing.claims[2].claim == claim(13, later.instant, 1h));  // by the clocks on the wall
  CHECK(restored.standing.last == control::ClaimId(15));
  REQUIRE(restored.ended.size() == 2);  // number 8 of the file, and
  CHECK(restored.ended[1].first.claim.id == control::ClaimId(12));
}

TEST_CASE("claims behind a record that was changed are not taken up, and that is said") {
  io::testing::CaptureLog log;
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  for (std::uint64_t start = 0; start < 3; ++start) {
    auto audit = security::AuditLog::open(files, "data/audit", written.wall).value();
    for (const std::uint64_t id : {2 * start + 1, 2 * start + 2}) {
      const control::Claim claim{
          .id = control::ClaimId(id), .start = written.instant, .expiry = written.instant + 1h};
      const security::AuditEntry entry{.time = written.wall,
                                       .actor = "anna",
                                       .action = "claim",
                                       .data = data_of_claim(claim, claim.id, written.instant, "")};
      REQUIRE(audit.append(std::span(&entry, 1)));
    }
  }
  const std::string second = "data/audit/audit-000002.jsonl";
  std::string text = files.read(second).value();
  text.replace(text.rfind("\"anna\""), 6, "\"eve!\"");
  files.put(second, text);
  const auto restored = restore_claims(files, "data", written, log).value();
  CHECK(restored.standing.claims.size() == 3);
  CHECK(log.lines().size() == 1);
  CHECK(log.has("audit-000002.jsonl:3"));
}

}  // namespace
}  // namespace iw::gateway
