#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "io/testing/memory_files.hpp"
#include "io/world/world.hpp"
#include "security/audit_log.hpp"

using namespace iw;
using namespace iw::security;

namespace {

const WallTime noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + 12h + 123'456'789ns;

AuditEntry entry(int n) {
  return {.time = noon + std::chrono::seconds(n),
          .actor = "anna",
          .action = "claim",
          .subject = "battery/ActivePowerSetpoint",
          .outcome = "accepted",
          .detail = fmt::format("set {} W, \"for\" a\nreason", n)};
}

std::string lines_of(int count) {
  AuditHead head;
  std::string text;
  for (int n = 1; n <= count; ++n)
    text += chain(entry(n), head, head.sequence) + "\n";
  return text;
}

constexpr auto first_file = "data/audit/audit-000001.jsonl";

AuditVerdict verify(io::Files& files) { return verify_audit(files, "data/audit").value(); }

}  // namespace

TEST_CASE("a record says all that was entered, and comes back as it was") {
  AuditHead head;
  const std::string line = chain(entry(7), head, 0);
  CHECK(line.find('\n') == std::string::npos);
  const AuditRecord record = parse_audit_record(line).value();
  CHECK(record.sequence == 1);
  CHECK(record.entry == entry(7));
  CHECK(record.hash == head.hash);
  CHECK(record.previous == AuditHead().hash);
}

TEST_CASE("what a program needs of a record stands there as it was given") {
  AuditHead head;
  AuditEntry one = entry(1);
  one.data = R"({"id":7,"reason":"\"for\" a\nreason","value":0.1})";
  const std::string line = chain(one, head, 0);
  CHECK(line.find(R"(,"data":{"id":7,)") != std::string::npos);
  CHECK(parse_audit_record(line).value().entry == one);
}

TEST_CASE("the hash is what sha256sum gives for the line without it") {
  AuditHead head;
  const AuditEntry fixed{.time = noon, .actor = "anna", .action = "login"};
  // printf '%s' '{"sequence":1,...,"previous":"000...0"}' | sha256sum
  CHECK(
      chain(fixed, head, 0) ==
      R"({"sequence":1,"confirmed":0,"time":"2026-11-28T12:00:00.123456789Z","actor":"anna","action":"login","subject":"",)"
      R"("outcome":"","detail":"","previous":"0000000000000000000000000000000000000000000000000000000000000000",)"
      R"("hash":"babe784974a58b189da96f8d18467108335e86a1df1c988acbc4bba174d0af3b"})");
}

TEST_CASE("any change of any byte of a chain is found, at its line") {
  const std::string text = lines_of(20);
  for (std::size_t at = 0; at < text.size(); at += 7) {
    CAPTURE(at);
    std::string changed = text;
    changed[at] = changed[at] == '1' ? '2' : '1';
    io::testing::MemoryFiles files;
    files.put(first_file, changed);
    const AuditVerdict verdict = verify(files);
    const auto line = static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')) + 1;
    // A line feed that is gone makes two lines one; the last one leaves an unfinished line.
    if (at + 1 == text.size()) {
      CHECK(verdict.unfinished.size() == 1);
      continue;
    }
    REQUIRE(verdict.fault);
    CHECK(verdict.fault->line == line);
    CHECK(verdict.records == line - 1);
  }
}

TEST_CASE("a change in the newest file is found also behind the next start, which goes on before it") {
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  std::string changed = lines_of(20);
  const auto tenth = changed.find("\"sequence\":10,");
  changed[changed.find("actor", tenth) + 9] ^= 1;
  files.put(first_file, changed);
  const auto log = AuditLog::open(files, "data/audit", noon);
  REQUIRE(log);
  CHECK(log->changed() == "audit-000001.jsonl, line 10, was changed: its hash is wrong. ");
  const AuditVerdict verdict = verify(files);
  REQUIRE(verdict.fault);
  CHECK(verdict.fault->line == 10);
  CHECK(verdict.records == 10);  // nine, and that the log was opened
  SUBCASE("what was only cut off is none") {
    io::testing::MemoryFiles cut;
    REQUIRE(cut.make_folder("data"));
    const std::string text = lines_of(20);
    cut.put(first_file, text.substr(0, text.size() - 40));
    CHECK(AuditLog::open(cut, "data/audit", noon)->changed().empty());
    CHECK_FALSE(verify(cut).fault);
  }
  SUBCASE("what was written together may be lost in the middle") {
    AuditHead head;
    std::string torn;
    for (int n = 1; n <= 20; ++n)
      torn += chain(entry(n), head, n < 8 ? head.sequence : 7) + "\n";
    torn[torn.find("actor", torn.find("\"sequence\":10,")) + 9] ^= 1;
    io::testing::MemoryFiles half;
    REQUIRE(half.make_folder("data"));
    half.put(first_file, torn);
    CHECK(AuditLog::open(half, "data/audit", noon)->changed().empty());
    CHECK_FALSE(verify(half).fault);
  }
}

TEST_CASE("a record that is taken out, doubled or moved is found") {
  const std::string text = lines_of(3);
  const auto first = text.find('\n') + 1;
  const auto second = text.find('\n', first) + 1;
  const std::string a = text.substr(0, first);
  const std::string b = text.substr(first, second - first);
  const std::string c = text.substr(second);
  for (const std::string& changed : {a + c, b + c, a + a + b + c, b + a + c}) {
    io::testing::MemoryFiles files;
    files.put(first_file, changed);
    CHECK(verify(files).fault);
  }
  io::testing::MemoryFiles files;
  files.put(first_file, a + b + c);
  CHECK_FALSE(verify(files).fault);
}

TEST_CASE("the chain goes on through starts and full files") {
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  for (int start = 0; start < 3; ++start) {
    auto log = AuditLog::open(files, "data/audit", noon, 1000).value();
    for (int n = 0; n < 10; ++n) {
      const AuditEntry one = entry(n);
      REQUIRE(log.append(std::span(&one, 1)));
    }
  }
  CHECK(files.mode_of(first_file) == 0600);
  const AuditVerdict verdict = verify(files);
  CHECK_FALSE(verdict.fault);
  CHECK(verdict.records > 33);
  CHECK(files.list("data/audit")->size() > 5);
  REQUIRE(files.remove("data/audit/audit-000003.jsonl"));
  CHECK(verify(files).fault);
}

TEST_CASE("only the newest records are read for who knows the others, and no file without them") {
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  for (int start = 0; start < 3; ++start) {
    auto log = AuditLog::open(files, "data/audit", noon).value();
    for (int n = 0; n < 3; ++n) {
      const AuditEntry one = entry(10 * start + n);
      REQUIRE(log.append(std::span(&one, 1)));
    }
  }
  const auto behind = [&](std::uint64_t sequence) {
    std::vector<std::uint64_t> seen;
    const auto verdict = verify_audit_behind(
        sequence, files, "data/audit", [&](const AuditRecord& record) { seen.push_back(record.sequence); });
    CHECK_FALSE(verdict.value().fault);
    return seen;
  };
  CHECK(behind(0).size() == 12);
  CHECK(behind(10) == std::vector<std::uint64_t>{11, 12});
  CHECK(behind(7) == std::vector<std::uint64_t>{8, 9, 10, 11, 12});
  CHECK(behind(12).empty());
  CHECK(behind(99).empty());
  files.put(first_file, "gone bad\n");
  CHECK(behind(4) == std::vector<std::uint64_t>{5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("a full file is not read again before the next one is begun: that would hold up orders") {
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  AuditLog log = AuditLog::open(files, "data/audit", noon, 100).value();
  files.put(first_file, "who read this now would say that it was never confirmed\n");
  const AuditEntry next = entry(1);
  REQUIRE(log.append(std::span(&next, 1)));
  const std::string second = files.read("data/audit/audit-000002.jsonl").value();
  const AuditRecord opened = parse_audit_record(second.substr(0, second.find('\n'))).value();
  CHECK(opened.entry.action == "audit opened");
  CHECK(opened.entry.detail == "");
  CHECK(opened.sequence == 2);
}

TEST_CASE("an error of the disk confirms nothing, and afterwards the chain goes on") {
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  auto log = AuditLog::open(files, "data/audit", noon).value();
  const AuditEntry one = entry(1);
  REQUIRE(log.append(std::span(&one, 1)));
  const AuditHead before = log.head();
  files.fail_with(Error{ErrorKind::exhausted, "the disk is full"});
  CHECK_FALSE(log.append(std::span(&one, 1)));
  CHECK(log.head() == before);
  files.fail_with(std::nullopt);
  REQUIRE(log.append(std::span(&one, 1)));
  const AuditVerdict verdict = verify(files);
  CHECK_FALSE(verdict.fault);
  CHECK(verdict.head == log.head());
}

TEST_CASE("what could not be confirmed is void at once, if the disk lets a new file begin") {
  io::world::World world(1);
  io::world::Node& node = world.add_node("gateway");
  auto& files = dynamic_cast<io::world::SimulatedFiles&>(node.files());
  REQUIRE(files.make_folder("data"));
  auto log = AuditLog::open(files, "data/audit", noon).value();
  files.fail_operation(2);  // the sync: the lines are there
  const AuditEntry one = entry(1);
  CHECK_FALSE(log.append(std::span(&one, 1)));
  node.kill(io::world::Death::crash);
  node.restart();
  std::vector<std::string> actions;
  const auto verdict = verify_audit(
      node.files(), "data/audit", [&](const AuditRecord& record) { actions.push_back(record.entry.action); });
  CHECK_FALSE(verdict.value().fault);
  CHECK(actions == std::vector<std::string>{"audit opened", "audit opened"});
}

TEST_CASE("what was never confirmed, and a power cut then takes, leaves no hole in the chain") {
  // A record that was written and not synced, by a process that was killed, or by one that goes on.
  const auto killed = [](io::Files& files) {
    const AuditEntry one = entry(1);
    auto log = AuditLog::open(files, "data/audit", noon).value();
    AuditHead head = log.head();
    const std::string line = chain(one, head, head.sequence) + "\n";
    auto file = files.create("data/audit/audit-000002.jsonl").value();
    REQUIRE(file->append(std::as_bytes(std::span(line))));
  };
  const auto goes_on = [](io::Files& files) {
    const AuditEntry one = entry(1);
    auto log = AuditLog::open(files, "data/audit", noon).value();
    dynamic_cast<io::world::SimulatedFiles&>(files).fail_operation(2);
    CHECK_FALSE(log.append(std::span(&one, 1)));
    REQUIRE(log.append(std::span(&one, 1)));
  };
  for (const auto& before : std::initializer_list<std::function<void(io::Files&)>>{killed, goes_on}) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      io::world::World world(seed);
      io::world::Node& node = world.add_node("gateway");
      REQUIRE(node.files().make_folder("data"));
      before(node.files());
      const AuditEntry one = entry(2);
      auto log = AuditLog::open(node.files(), "data/audit", noon).value();
      REQUIRE(log.append(std::span(&one, 1)));
      node.kill(io::world::Death::power_cut);
      node.restart();
      CHECK_FALSE(verify(node.files()).fault);
      CHECK(verify(node.files()).head == log.head());
    }
  }
}

TEST_CASE("whatever was confirmed is there after a power cut at any operation of the disk") {
  for (unsigned cut = 1; cut < 60; ++cut) {
    CAPTURE(cut);
    io::world::World world(cut);
    io::world::Node& node = world.add_node("gateway");
    REQUIRE(node.files().make_folder("data"));
    node.files().cut_power_at_operation(cut);
    std::uint64_t confirmed = 0;
    for (int start = 0; start < 3 && node.alive(); ++start) {
      auto log = AuditLog::open(node.files(), "data/audit", noon);
      for (int n = 0; log && n < 5 && node.alive(); ++n) {
        const AuditEntry one = entry(n);
        if (log->append(std::span(&one, 1))) confirmed = log->head().sequence;
      }
    }
    if (!node.alive()) node.restart();
    node.files().cut_power_at_operation(0);
    REQUIRE(AuditLog::open(node.files(), "data/audit", noon));
    const AuditVerdict verdict = verify(node.files());
    CHECK_FALSE(verdict.fault);
    CHECK(verdict.records > confirmed);
  }
}
