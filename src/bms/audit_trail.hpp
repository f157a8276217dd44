// AuditTrail: what clients did by BACnet on its way to the audit log, with a chain of its own. One write at a
// time; what comes meanwhile goes together. Of what is refused only so much goes on record in a minute:
// nobody fills a disk with wrong passwords; the next record says how many there were.
//
// On the core executor. The log is used on the one that may wait for the disk, and in open().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "io/executor.hpp"
#include "io/files.hpp"
#include "protocols/bacnet/server/plant.hpp"
#include "security/audit_log.hpp"

namespace iw::bms {

// `subject`: of the object, as people call it.
security::AuditEntry audit_entry(const bacnet::server::Plant::Deed& deed, std::string subject, WallTime at);

class AuditTrail {
 public:
  struct Executors {
    io::Executor& core;
    io::Executor& blocking;
  };
  static constexpr unsigned most_refusals = 60;  // a minute

  // Makes its folders. All outlive it; log also what was posted.
  static Result<std::unique_ptr<AuditTrail>> open(Executors executors, io::Files& files,
                                                  const std::string& data_folder, Log& log);
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;

  // Calls `kept` when it is on the disk, when it could not be brought there, or when it is one too many.
  using Kept = std::move_only_function<void(const Result<void>&)>;
  void record(security::AuditEntry entry, Kept kept);

 private:
  AuditTrail(Executors executors, security::AuditLog log, Log& words)
      : core_(executors.core),
        blocking_(executors.blocking),
        log_(std::make_shared<security::AuditLog>(std::move(log))),
        words_(words) {}

  [[nodiscard]] bool is_one_too_many(security::AuditEntry& entry);
  void write();

  io::Executor& core_;
  io::Executor& blocking_;
  std::shared_ptr<security::AuditLog> log_;  // used there
  Log& words_;
  std::vector<security::AuditEntry> waiting_;
  std::vector<Kept> waiting_for_;
  bool writing_ = false;
  Instant minute_ends_ = Instant::min();
  unsigned refusals_ = 0;                                 // of this minute
  std::uint64_t left_out_ = 0;                            // that no record told of yet
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // writes may end after us
};

}  // namespace iw::bms
