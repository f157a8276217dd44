#include "gateway/control_keeper.hpp"

#include <iterator>
#include <utility>

namespace iw::gateway {
namespace {

std::string modes_path(const std::string& data_folder) { return control_folder(data_folder) + "/modes.json"; }

// Empty when there is none yet.
Result<std::string> read_if_there(io::Files& files, const std::string& path) {
  auto text = files.read(path);
  if (!text && text.error().kind == ErrorKind::not_found) return std::string();
  return text;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Result<std::unique_ptr<ControlKeeper>> ControlKeeper::open(Executors executors, io::Files& files,
                                                           const std::string& data_folder, int decision_days,
                                                           Log& log) {
  if (auto made = files.make_folder(control_folder(data_folder)); !made) return fail(std::move(made).error());
  const events::Moment now{.wall = executors.core.clock().wall_now(), .instant = executors.core.now()};
  // First: what the end before left unconfirmed at the end of the log is judged there.
  auto audit = security::AuditLog::open(files, security::audit_folder(data_folder), now.wall);
  if (!audit) return fail(std::move(audit).error());
  if (!audit->changed().empty()) log.error("audit log: {}", audit->changed());
  auto claims = restore_claims(files, data_folder, now, log);
  if (!claims) return fail(std::move(claims).error());
  auto modes = read_if_there(files, modes_path(data_folder));
  if (!modes) return fail(std::move(modes).error());
  std::unique_ptr<ControlKeeper> keeper(
      new ControlKeeper(executors, files, data_folder, std::move(*audit), decision_days, log));
  keeper->claims_ = std::move(*claims);
  keeper->modes_text_ = std::move(*modes);
  return keeper;
}

ControlKeeper::ControlKeeper(Executors executors, io::Files& files, const std::string& data_folder,
                             security::AuditLog audit, int decision_days, Log& log)
    : core_(executors.core),
      storage_(executors.storage),
      log_(log),
      boot_(boot_id(files)),
      files_(files),
      claims_path_(claims_path(data_folder)),
      modes_path_(modes_path(data_folder)),
      audit_(std::move(audit)),
      decisions_(files, control_folder(data_folder), decision_days) {}

void ControlKeeper::keep(ControlRecords records, Kept kept) {
  append(waiting_.audit, records.audit);
  append(waiting_.decisions, records.decisions);
  const bool for_files = records.claims || records.modes;
  if (records.claims) waiting_.claims = std::move(records.claims);
  if (records.modes) waiting_.modes = std::move(records.modes);
  if (kept != nullptr) waiting_for_.push_back({.kept = std::move(kept), .for_files = for_files});
  hand_over();
}

void ControlKeeper::hand_over() {
  if (writing_) return;
  const bool nothing = waiting_.audit.empty() && !waiting_.claims && !waiting_.modes &&
                       waiting_.decisions.empty() && waiting_for_.empty();
  if (nothing) {
    if (stopped_ != nullptr) std::exchange(stopped_, nullptr)();
    return;
  }
  writing_ = true;
  storage_.post(
      [this, records = std::exchange(waiting_, {}), waiting = std::exchange(waiting_for_, {})]() mutable {
        core_.post([this, done = write(std::move(records)), waiting = std::move(waiting)]() mutable {
          writing_ = false;
          for (Waiting& one : waiting)
            one.kept(one.for_files ? done.files : done.audit);
          hand_over();
        });
      });
}

// On the storage executor. The audit log goes first: what is not on record does not come into force. The file
// of claims may be older than the records that go with it.
ControlKeeper::Written ControlKeeper::write(ControlRecords records) {
  const std::uint64_t audited = audit_.head().sequence;
  Written written{.audit = audit_.append(records.audit), .files = {}};
  Result<void>& done = written.files;
  done = written.audit;
  if (done && records.claims)
    done = files_.replace(claims_path_, write_claims(*records.claims, boot_, audited), 0600);
  if (done && records.modes) done = files_.replace(modes_path_, *records.modes, 0600);
  if (!done && !std::exchange(failing_, true))
    log_.error("control: {}; {}", done.error().message, done.error().remedy);
  if (done && std::exchange(failing_, false)) log_.info("control: the disk is well again");
  if (auto diary = decisions_.append(records.decisions); !diary)
    log_.debug("control: {}", diary.error().message);
  return written;
}

void ControlKeeper::stop(std::move_only_function<void()> stopped) {
  stopped_ = std::move(stopped);
  hand_over();
}

}  // namespace iw::gateway
