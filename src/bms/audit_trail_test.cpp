#include "bms/audit_trail.hpp"

#include <doctest/doctest.h>

#include "gateway/bacnet_server_config.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using bacnet::BacnetError;
using bacnet::ConfirmedService;
using bacnet::ErrorClass;
using bacnet::ErrorCode;
using bms::AuditTrail;
using security::AuditEntry;

namespace {

const bacnet::Address client{.mac = to_mac(bacnet::IpAddress{.host = {192, 0, 2, 7}})};

struct Bench {
  Bench() { trail = AuditTrail::open({.core = core, .blocking = disk}, files, "data", log).value(); }
  void record(const std::string& outcome) {
    trail->record(
        {.time = {}, .actor = "192.0.2.7:47808", .action = "write", .outcome = outcome, .detail = "x"},
        [this](const Result<void>& done) {
          if (done) {
            ++kept;
          } else {
            ++lost;
          }
        });
  }
  void settle() {
    for (int i = 0; i < 3; ++i) {
      disk.run();
      core.run();
    }
  }
  // But the first, which says that the log was opened.
  std::vector<AuditEntry> entries() {
    std::vector<AuditEntry> all;
    const auto verdict =
        security::verify_audit(files, gateway::bacnet_audit_folder("data"),
                               [&](const security::AuditRecord& record) { all.push_back(record.entry); });
    REQUIRE(verdict);
    CHECK_FALSE(verdict->fault.has_value());
    all.erase(all.begin());
    return all;
  }

  io::testing::ManualExecutor core;
  io::testing::ManualExecutor disk;
  io::testing::MemoryFiles files;
  io::testing::CaptureLog log;
  std::unique_ptr<AuditTrail> trail;
  int kept = 0;
  int lost = 0;
};

}  // namespace

TEST_CASE("a deed is a record in words: who, to what, what came of it") {
  const auto entry = [](ConfirmedService service, std::optional<BacnetError> refused = {}) {
    return bms::audit_entry({.by = client, .service = service, .what = "what", .refused = refused},
                            "pv/Power", WallTime{5s});
  };
  const AuditEntry written = entry(ConfirmedService::write_property);
  CHECK(written == AuditEntry{.time = WallTime{5s},
                              .actor = "192.0.2.7:47808",
                              .action = "write",
                              .subject = "pv/Power",
                              .outcome = "accepted",
                              .detail = "what"});
  CHECK(entry(ConfirmedService::acknowledge_alarm).action == "acknowledge");
  CHECK(entry(ConfirmedService::device_communication_control).action == "communication");
  CHECK(entry(ConfirmedService::add_list_element).action == "write");
  const AuditEntry refused =
      entry(ConfirmedService::write_property, BacnetError{ErrorClass::security, ErrorCode::password_failure});
  CHECK(refused.outcome == "refused");
  CHECK(refused.detail == "what: security: password-failure");
}

TEST_CASE("who waits is answered when it is on the disk, and not before") {
  Bench b;
  b.record("accepted");
  b.core.run();
  CHECK(b.kept == 0);
  b.settle();
  CHECK(b.kept == 1);
  CHECK(b.entries().size() == 1);
}

TEST_CASE("what comes while one is written goes together, in its order, and nothing is forgotten") {
  Bench b;
  for (int i = 0; i < 5; ++i)
    b.record("accepted");
  b.disk.run();
  CHECK(b.entries().size() == 1);
  b.settle();
  CHECK(b.entries().size() == 5);
  CHECK(b.kept == 5);
}

TEST_CASE("nobody fills the disk with what is refused; how much that was is told") {
  Bench b;
  for (int i = 0; i < 100; ++i)
    b.record("refused");
  b.settle();
  CHECK(b.kept == 100);  // all are answered
  CHECK(b.entries().size() == AuditTrail::most_refusals);
  b.record("accepted");  // which is always on record
  b.settle();
  CHECK(b.entries().size() == AuditTrail::most_refusals + 1);
  b.core.advance(1min);
  b.record("refused");
  b.settle();
  CHECK(b.entries().back().detail == "x; 40 more were refused before");
}

TEST_CASE("a disk that takes nothing is said to who waits, and in the log") {
  Bench b;
  b.files.fail_with(Error{ErrorKind::io, "the disk is full", "make room"});
  b.record("accepted");
  b.settle();
  CHECK(b.lost == 1);
  CHECK(b.log.has("the disk is full"));
}
