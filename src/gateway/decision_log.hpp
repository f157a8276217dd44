// DecisionLog: what was decided for each point and why, and what became of it, for every past minute. Files
// of lines (JSON) by day in a folder; each begins with what holds, so that one file answers for its time.
//
// Blocking, so on a storage thread. What was appended survives kill -9; a power cut may cost the last
// moments: it is a diary, not the audit log (security/audit_log.hpp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "io/files.hpp"

namespace iw::gateway {

struct Decision {
  WallTime time;
  std::string path;
  double value = 0;                  // that the point is to have
  std::string code;                  // "followed", "limited_by_claim" ..., "observed"
  std::string owner;                 // of the winner; empty: the fallback
  std::string level;                 // likewise
  std::string limiter;               // owner of the claim that the value stands at; empty: none
  std::string words;                 // who won and what limited it
  std::string state;                 // of the command: "confirmed"
  std::optional<double> shown = {};  // by the device
  std::string trouble = {};

  friend bool operator==(const Decision&, const Decision&) = default;
};

class DecisionLog {
 public:
  // The folder must exist.
  DecisionLog(io::Files& files, std::string folder, int days)
      : files_(&files), folder_(std::move(folder)), days_(days) {}

  Result<void> append(std::span<const Decision> decisions);

 private:
  Result<void> begin_file(std::chrono::sys_days day);
  Result<void> write(std::string_view lines);
  void remove_old(std::chrono::sys_days today);

  io::Files* files_;
  std::string folder_;
  int days_;
  std::chrono::sys_days day_;  // of the open file
  std::unique_ptr<io::AppendFile> file_;
  std::map<std::string, Decision, std::less<>> standing_;  // by path
};

// What held at `from`, then all changes before `to`; of one point, or of all when the path is empty.
Result<std::vector<Decision>> read_decisions(io::Files& files, const std::string& folder,
                                             std::string_view path, WallTime from, WallTime to);

}  // namespace iw::gateway
