#include "bms/audit_trail.hpp"

#include <utility>

#include <fmt/format.h>

#include "gateway/bacnet_server_config.hpp"

namespace iw::bms {
namespace {

using bacnet::ConfirmedService;
using security::AuditEntry;

constexpr std::string_view refused = "refused";

std::string_view action_of(ConfirmedService service) {
  switch (service) {
    case ConfirmedService::acknowledge_alarm: return "acknowledge";
    case ConfirmedService::device_communication_control: return "communication";
    default: return "write";
  }
}

}  // namespace

AuditEntry audit_entry(const bacnet::server::Plant::Deed& deed, std::string subject, WallTime at) {
  AuditEntry entry{.time = at,
                   .actor = to_string(deed.by),
                   .action = std::string(action_of(deed.service)),
                   .subject = std::move(subject),
                   .outcome = std::string(deed.refused ? refused : "accepted"),
                   .detail = deed.what};
  if (deed.refused) entry.detail += fmt::format(": {}", to_string(*deed.refused));
  return entry;
}

Result<std::unique_ptr<AuditTrail>> AuditTrail::open(Executors executors, io::Files& files,
                                                     const std::string& data_folder, Log& log) {
  if (auto made = files.make_folder(data_folder); !made) return fail(std::move(made).error());
  auto opened = security::AuditLog::open(files, gateway::bacnet_audit_folder(data_folder),
                                         executors.core.clock().wall_now());
  if (!opened) return fail(std::move(opened).error());
  return std::unique_ptr<AuditTrail>(new AuditTrail(executors, std::move(*opened), log));
}

void AuditTrail::record(AuditEntry entry, Kept kept) {
  if (is_one_too_many(entry)) return kept({});
  waiting_.push_back(std::move(entry));
  waiting_for_.push_back(std::move(kept));
  if (!writing_) write();
}

bool AuditTrail::is_one_too_many(AuditEntry& entry) {
  if (entry.outcome != refused) return false;
  if (core_.now() >= minute_ends_) {
    minute_ends_ = core_.now() + 1min;
    refusals_ = 0;
  }
  if (++refusals_ > most_refusals) {
    ++left_out_;
    return true;
  }
  if (const std::uint64_t more = std::exchange(left_out_, 0); more > 0)
    entry.detail += fmt::format("; {} more were refused before", more);
  return false;
}

void AuditTrail::write() {
  writing_ = true;
  blocking_.post([this, alive = std::weak_ptr(alive_), &core = core_, log = log_, &words = words_,
                  entries = std::exchange(waiting_, {}), kept = std::exchange(waiting_for_, {})]() mutable {
    auto done = log->append(entries);
    if (!done) words.error("BACnet: {}; {}", done.error().message, done.error().remedy);
    core.post([this, alive, done = std::move(done), kept = std::move(kept)]() mutable {
      if (alive.expired()) return;
      writing_ = false;
      for (Kept& one : kept)
        one(done);
      if (!waiting_.empty() && !writing_) write();
    });
  });
}

}  // namespace iw::bms
