#include "gateway/control_keeper.hpp"

#include <iterator>
#include <utility>

namespace iw::gateway {
namespace {

std::string claims_path(const std::string& folder) { return folder + "/claims.json"; }
std::string modes_path(const std::string& folder) { return folder + "/modes.json"; }

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
  const std::string folder = control_folder(data_folder);
  if (auto made = files.make_folder(folder); !made) return fail(std::move(made).error());
  auto audit =
      security::AuditLog::open(files, security::audit_folder(data_folder), executors.core.clock().wall_now());
  if (!audit) return fail(std::move(audit).error());
  auto claims = read_if_there(files, claims_path(folder));
  if (!claims) return fail(std::move(claims).error());
  auto modes = read_if_there(files, modes_path(folder));
  if (!modes) return fail(std::move(modes).error());
  std::unique_ptr<ControlKeeper> keeper(
      new ControlKeeper(executors, files, folder, std::move(*audit), decision_days, log));
  keeper->claims_text_ = std::move(*claims);
  keeper->modes_text_ = std::move(*modes);
  keeper->boot_ = boot_id(files);
  return keeper;
}

ControlKeeper::ControlKeeper(Executors executors, io::Files& files, std::string folder,
                             security::AuditLog audit, int decision_days, Log& log)
    : core_(executors.core),
      storage_(executors.storage),
      log_(log),
      files_(files),
      folder_(std::move(folder)),
      audit_(std::move(audit)),
      decisions_(files, folder_, decision_days) {}

void ControlKeeper::keep(ControlRecords records, Kept kept) {
  append(waiting_.audit, records.audit);
  append(waiting_.decisions, records.decisions);
  append(waiting_.corrections, records.corrections);
  if (records.claims) waiting_.claims = std::move(records.claims);
  if (records.modes) waiting_.modes = std::move(records.modes);
  if (kept != nullptr) waiting_for_.push_back(std::move(kept));
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
          for (Kept& kept : waiting)
            kept(done);
          hand_over();
        });
      });
}

// On the storage executor. The audit log goes first: what is not on record does not come into force.
Result<void> ControlKeeper::write(ControlRecords records) {
  auto done = audit_.append(records.audit);
  const bool on_record = done.has_value();
  if (done && records.claims)
    done = files_.replace(claims_path(folder_), write_claims(*records.claims, boot_), 0600);
  if (done && records.modes) done = files_.replace(modes_path(folder_), *records.modes, 0600);
  if (on_record && !done) append(corrections_, records.corrections);
  if (!corrections_.empty() && audit_.append(corrections_)) corrections_.clear();
  if (!done && !std::exchange(failing_, true))
    log_.error("control: {}; {}", done.error().message, done.error().remedy);
  if (done && std::exchange(failing_, false)) log_.info("control: the disk is well again");
  if (auto written = decisions_.append(records.decisions); !written)
    log_.debug("control: {}", written.error().message);
  return done;
}

void ControlKeeper::stop(std::move_only_function<void()> stopped) {
  stopped_ = std::move(stopped);
  hand_over();
}

}  // namespace iw::gateway
