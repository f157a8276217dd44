// ControlKeeper: what control must not forget, on its way to the disk: the audit log, the claims that stand,
// the modes that controllers were switched to, the diary of decisions. One write at a time on the storage
// executor; what comes meanwhile goes together.
//
// All methods on the core executor. stop() before the storage executor ends; destroyed after that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "gateway/control_store.hpp"
#include "gateway/decision_log.hpp"
#include "io/executor.hpp"
#include "security/audit_log.hpp"

namespace iw::gateway {

struct ControlRecords {
  std::vector<security::AuditEntry> audit = {};
  std::optional<StandingClaims> claims = {};  // all of them
  std::optional<std::string> modes = {};      // the whole file
  std::vector<Decision> decisions = {};
};

class ControlKeeper {
 public:
  struct Executors {
    io::Executor& core;
    io::Executor& storage;
  };
  using Kept = std::move_only_function<void(const Result<void>&)>;

  // Makes its folders. Blocks, so before anything runs. The files must outlive it.
  static Result<std::unique_ptr<ControlKeeper>> open(Executors executors, io::Files& files,
                                                     const std::string& data_folder, int decision_days,
                                                     Log& log);
  ControlKeeper(const ControlKeeper&) = delete;
  ControlKeeper& operator=(const ControlKeeper&) = delete;

  // Calls `kept` when all of it is on the disk, or when it could not be brought there: then none of it
  // counts. A diary that can not be written is no error.
  void keep(ControlRecords records, Kept kept = nullptr);
  // Everything so far was tried; then calls `stopped`.
  void stop(std::move_only_function<void()> stopped);

  // As found at the start.
  [[nodiscard]] const RestoredClaims& claims() const { return claims_; }
  [[nodiscard]] const std::string& modes_text() const { return modes_text_; }
  [[nodiscard]] const std::string& boot() const { return boot_; }

 private:
  ControlKeeper(Executors executors, io::Files& files, const std::string& data_folder,
                security::AuditLog audit, int decision_days, Log& log);

  struct Waiting {
    Kept kept;
    bool for_files;  // and not for the audit log alone
  };
  struct Written {
    Result<void> audit;
    Result<void> files;  // and the audit log
  };

  void hand_over();
  Written write(ControlRecords records);

  io::Executor& core_;
  io::Executor& storage_;
  Log& log_;
  RestoredClaims claims_;
  std::string modes_text_;
  std::string boot_;
  ControlRecords waiting_;
  std::vector<Waiting> waiting_for_;
  bool writing_ = false;
  std::move_only_function<void()> stopped_;

  // On the storage executor only.
  io::Files& files_;
  std::string claims_path_;
  std::string modes_path_;
  security::AuditLog audit_;
  DecisionLog decisions_;
  bool failing_ = false;
};

}  // namespace iw::gateway
