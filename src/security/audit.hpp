// Audit records: who did what to which thing and what came of it, as lines of text that are chained by their
// hashes: none can be changed, taken out or put in without all later ones not fitting any more.
//
// A line is a JSON object. `hash` is the SHA-256 of the line without its last field, `previous` the hash of
// the line before (zeros for the first), so that everybody can check it with sha256sum. What is cut off at
// the end only shows to who knows a later hash: write heads down elsewhere, from time to time.
//
// Plain values, no IO. The file is audit_log.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/time.hpp"

namespace iw::security {

struct AuditEntry {
  WallTime time;
  std::string actor;         // "anna", "openadr", "gateway"
  std::string action;        // "claim", "release", "login": a word, for filters
  std::string subject = {};  // what it was done to: "battery/ActivePowerSetpoint"
  std::string outcome = {};  // "accepted", "refused"
  std::string detail = {};   // in words: values, reasons
  std::string data = {};     // what of it a program needs: a JSON object in one line; empty: nothing

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// Where a chain stands: its last record.
struct AuditHead {
  std::uint64_t sequence = 0;
  std::string hash = std::string(64, '0');

  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

struct AuditRecord {
  std::uint64_t sequence = 0;   // 1, 2, 3 ...
  std::uint64_t confirmed = 0;  // up to that number all were on the disk when it was written
  AuditEntry entry;
  std::string previous;
  std::string hash;

  friend bool operator==(const AuditRecord&, const AuditRecord&) = default;
};

// The line of the entry behind `head`, which moves on; without a line feed. Bytes that are no UTF-8 are
// replaced. `confirmed`: the last record that is known to be on the disk.
std::string chain(const AuditEntry& entry, AuditHead& head, std::uint64_t confirmed);

// A line whose hash is right; malformed otherwise.
Result<AuditRecord> parse_audit_record(std::string_view line);

// Takes the records in their order and refuses the first that does not belong there.
class AuditChain {
 public:
  AuditChain() = default;
  explicit AuditChain(AuditHead head) : head_(std::move(head)) {}

  Result<AuditRecord> take(std::string_view line);
  [[nodiscard]] const AuditHead& head() const { return head_; }

 private:
  AuditHead head_;
};

}  // namespace iw::security
