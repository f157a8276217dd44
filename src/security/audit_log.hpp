// AuditLog: the audit records of a gateway on its disk, in a folder of files that only grow:
// audit-000001.jsonl, audit-000002.jsonl ... Each start and each full file begins the next one; the chain
// goes through all of them. Nothing is ever removed.
//
// Blocking, so on a storage thread; a log belongs to one thread. What append() confirmed survives kill -9 and
// a power cut. A line that such an end left unfinished was never confirmed: the next file begins with a
// record that says so.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "security/audit.hpp"

namespace iw::security {

// Where they stand in the folder of all data: that of control, and that of who came and who may. Each has a
// chain of its own, as they are written on different threads.
std::string audit_folder(const std::string& data_folder);
std::string access_audit_folder(const std::string& data_folder);

class AuditLog {
 public:
  // Makes the folder; its parent must exist. The first record, "audit opened", is on the disk.
  static Result<AuditLog> open(io::Files& files, std::string folder, WallTime now,
                               std::size_t file_size = std::size_t{8} << 20U);

  // All or none are confirmed. After an error none is, and what of them is in the file is void as soon as a
  // new one can be begun, which is tried at once and with each call.
  Result<void> append(std::span<const AuditEntry> entries);

  [[nodiscard]] const AuditHead& head() const { return head_; }
  // What open() found that somebody has changed in the newest files; empty: nothing. It is on record too.
  [[nodiscard]] const std::string& changed() const { return changed_; }

 private:
  AuditLog(io::Files& files, std::string folder, std::size_t file_size)
      : files_(&files), folder_(std::move(folder)), file_size_(file_size) {}

  Result<void> begin(WallTime now);
  Result<void> begin_file(WallTime now, std::string remark);
  Result<void> write(std::span<const AuditEntry> entries);
  Result<std::string> find_head();

  io::Files* files_;
  std::string folder_;
  std::size_t file_size_;
  AuditHead head_;
  std::string changed_;
  std::unique_ptr<io::AppendFile> file_;
  std::size_t written_ = 0;
  unsigned number_ = 0;  // of the file
};

// What verification found.
struct AuditFault {
  std::string file;
  std::size_t line = 0;  // from 1
  std::string what;
};
struct AuditVerdict {
  std::uint64_t records = 0;
  AuditHead head;                       // as far as all is well
  std::optional<AuditFault> fault;      // the first
  std::vector<std::string> unfinished;  // files with something unconfirmed at their end
};

// Reads all files, in order; an error is one of the disk. `see` is called with each record that is well.
Result<AuditVerdict> verify_audit(io::Files& files, const std::string& folder,
                                  const std::function<void(const AuditRecord&)>& see = {});

// The same of the records behind that number alone: reads the files that have them, no others.
Result<AuditVerdict> verify_audit_behind(std::uint64_t sequence, io::Files& files, const std::string& folder,
                                         const std::function<void(const AuditRecord&)>& see);

}  // namespace iw::security
