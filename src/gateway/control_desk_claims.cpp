// The claims of a ControlDesk: made, released, renewed, and kept over restarts.

#include <algorithm>

#include "gateway/control_desk.hpp"

namespace iw::gateway {
namespace {

using control::Claim;
using control::ClaimId;
using control::ClaimRequest;
using control::Level;

constexpr Duration file_follows = 1s;

std::string until(const Claim& claim, Instant now) {
  const auto left = std::chrono::round<std::chrono::seconds>(claim.expiry - now);
  return fmt::format("{} ({}) for {} s{}{}", describe(claim.demand, claim.value), to_string(claim.level),
                     left.count(), claim.reason.empty() ? "" : ": ", claim.reason);
}

Unexpected not_enabled() {
  return fail(ErrorKind::denied, "control is not enabled",
              "set enabled: true under control:, and declare the points that may be set");
}

// A disk that fails may hold what it said that it does not hold.
Error not_kept(Error why) {
  why.remedy =
      "see to the disk; should the gateway end before it is well, the claim may stand after the start";
  return std::move(why).in("not claimed, because it can not be put on record");
}

}  // namespace

Result<void> ControlDesk::may(std::string_view owner, Level level, std::string_view path,
                              RoleRight role) const {
  if (!enabled()) return not_enabled();
  const bool named =
      std::ranges::find(section_.rights, owner, &control::Right::owner) != section_.rights.end();
  if (!role || named) return control::may_claim(section_.rights, owner, level, path);
  if (level <= *role) return {};
  return fail(ErrorKind::denied,
              fmt::format("{} has no right to control {} at the level {}", owner, path, to_string(level)),
              fmt::format("the role allows claims up to the level {}", to_string(*role)));
}

void ControlDesk::claim(std::vector<ClaimRequest> requests, std::move_only_function<void(Claimed)> done,
                        RoleRight role) {
  const Instant at = around_.core.now();
  Claimed claimed;
  ControlRecords records;
  claimed.reserve(requests.size());
  records.audit.reserve(requests.size());
  for (const ClaimRequest& request : requests) {
    auto result = [&]() -> Result<Claim> {
      if (auto granted = may(request.owner, request.level, request.path, role); !granted)
        return fail(std::move(granted).error());
      return book_.prepare(request, at);
    }();
    if (result) {
      records.audit.push_back(entry(request.owner, "claim", request.path, "accepted",
                                    fmt::format("#{} {}", result->id.value(), until(*result, at))));
    } else {
      records.audit.push_back(entry(request.owner, "claim", request.path, "refused",
                                    fmt::format("{} ({}): {}", describe(request.demand, request.value),
                                                to_string(request.level), result.error().message)));
    }
    claimed.push_back(std::move(result));
  }
  // Not in force before they are on record.
  const std::uint64_t order = ++orders_;
  std::vector<StandingClaim>& coming = coming_[order];
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    if (!claimed[i]) continue;
    records.audit[i].data = data_of_claim(*claimed[i], book_.last_id(), at, keeper_->boot());
    coming.push_back({.path = std::move(requests[i].path), .claim = *claimed[i]});
  }
  keeper_->keep(std::move(records), [this, order, claimed = std::move(claimed),
                                     done = std::move(done)](const Result<void>& kept) mutable {
    auto came = coming_.extract(order);
    if (!came.mapped().empty()) claims_change();
    for (StandingClaim& one : came.mapped()) {
      if (kept) {
        book_.restore(one.path, std::move(one.claim));
      } else {
        book_.give_up(one.path, one.claim);
      }
    }
    for (Result<Claim>& one : claimed)
      if (one && !kept) one = fail(not_kept(kept.error()));
    tick();
    done(std::move(claimed));
  });
}

Result<ControlDesk::Preview> ControlDesk::preview(ClaimRequest request, RoleRight role) const {
  if (auto granted = may(request.owner, request.level, request.path, role); !granted)
    return fail(std::move(granted).error());
  control::ClaimBook trial = book_;
  request.starts_in = {};
  const Instant at = around_.core.now();
  auto made = trial.prepare(request, at);
  if (!made) return fail(std::move(made).error());
  trial.restore(request.path, std::move(*made));
  const control::ClaimBook::Point& point = trial.points()[*trial.find(request.path)];
  const control::Ruling ruling = control::decide(point.rules, point.claims, at);
  return Preview{.ruling = ruling, .words = explain(ruling, point.claims)};
}

void ControlDesk::release(ClaimId id, std::string by, std::move_only_function<void(Result<Claim>)> done,
                          RoleRight role) {
  const Claim* claim = nullptr;
  std::string path;
  for (const control::ClaimBook::Point& point : book_.points()) {
    const auto found = std::ranges::find(point.claims, id, &Claim::id);
    if (found == point.claims.end()) continue;
    claim = &*found;
    path = point.path;
  }
  const auto refuse = [&](Error error) {
    audit(entry(by, "release", path, "refused", fmt::format("#{}: {}", id.value(), error.message)));
    done(fail(std::move(error)));
  };
  if (claim == nullptr) {
    return refuse({ErrorKind::not_found, fmt::format("there is no claim {}", id.value()),
                   "`interwatt control list` shows those that stand"});
  }
  if (claim->owner != by) {
    if (auto granted = may(by, claim->level, path, role); !granted) return refuse(std::move(granted).error());
  }
  if (claim->share_of != ClaimId()) {
    return refuse({ErrorKind::denied,
                   fmt::format("claim {} is a share of claim {}", id.value(), claim->share_of.value()),
                   fmt::format("release {}, which is on the group", claim->share_of.value())});
  }
  if (passing_.contains(id)) {
    return refuse({ErrorKind::denied,
                   fmt::format("claim {} is of {}, who would make it again", id.value(), claim->owner),
                   "change its configuration, or claim at a higher level"});
  }
  const Claim released = book_.release(id)->claim;
  written_.erase(id);
  ControlRecords records;
  records.audit.push_back(entry(
      by, "release", path, "accepted",
      fmt::format("#{} of {}: {}", id.value(), released.owner, describe(released.demand, released.value))));
  records.audit.back().data = data_of_end(id);
  claims_change();
  keeper_->keep(std::move(records), [released, done = std::move(done)](const Result<void>& kept) mutable {
    if (kept) return done(released);
    done(fail(Error(kept.error()).in("released, but that could not be put on record")));
  });
  tick();
}

void ControlDesk::stop_all(std::string by, Duration life, std::string reason,
                           std::move_only_function<void(Claimed)> done, RoleRight role) {
  std::vector<ClaimRequest> requests;
  for (const control::ClaimBook::Point& point : book_.points()) {
    if (groups_.find(point.path) != nullptr) continue;  // its members are stopped
    requests.push_back({.path = point.path,
                        .owner = by,
                        .level = Level::people,
                        .demand = control::Demand::off,
                        .life = life,
                        .reason = reason});
  }
  claim(std::move(requests), std::move(done), role);
}

Result<ClaimId> ControlDesk::claim_for_controller(const ClaimRequest& request) {
  if (!enabled()) return not_enabled();
  auto made = book_.make(request, around_.core.now());
  if (!made) return fail(std::move(made).error());
  passing_.insert(made->id);
  records_.audit.push_back(
      entry(request.owner, "claim", request.path, "accepted", until(*made, around_.core.now())));
  return made->id;
}

bool ControlDesk::renew_for_controller(std::string_view path, ClaimId id, double value, Duration life,
                                       std::string_view reason) {
  const auto point = book_.find(path);
  const Instant at = around_.core.now();
  return point && book_.renew(*point, id, value, reason, at, at + life);
}

void ControlDesk::release_for_controller(ClaimId id) {
  if (ended_) return;
  const auto released = book_.release(id);
  if (!released) return;
  passing_.erase(id);
  records_.audit.push_back(entry(released->claim.owner, "release", book_.points()[released->point].path,
                                 "accepted", describe(released->claim.demand, released->claim.value)));
}

void ControlDesk::decide() { tick(); }

// ---- their file

void ControlDesk::restore() {
  const RestoredClaims& restored = keeper_->claims();
  book_ = control::ClaimBook(restored.standing.last);
  book_.set_points(section_.active() ? section_.rules() : std::vector<control::PointRules>{});
  for (const StandingClaim& standing : restored.standing.claims) {
    const std::string detail = until(standing.claim, now().instant);
    const ClaimId id = standing.claim.id;
    const bool there = book_.restore(standing.path, standing.claim);
    security::AuditEntry restoring =
        entry(standing.claim.owner, "restore", standing.path, there ? "accepted" : "ended",
              there ? detail : "the point is no longer controlled");
    if (!there) restoring.data = data_of_end(id);
    audit(std::move(restoring));
    if (!there || !standing.written) continue;
    written_.insert(id);
    bounds_.at(standing.path).actuator.remember_written(id);
  }
  for (const auto& [standing, why] : restored.ended) {
    security::AuditEntry ended = entry(standing.claim.owner, "restore", standing.path, "expired", why);
    ended.data = data_of_end(standing.claim.id);
    audit(std::move(ended));
  }
  claims_change();
}

StandingClaims ControlDesk::standing_claims() const {
  StandingClaims standing{.claims = {}, .last = book_.last_id(), .at = now()};
  for (const auto& [order, coming] : coming_)
    standing.claims.insert(standing.claims.end(), coming.begin(), coming.end());
  for (const control::ClaimBook::Point& point : book_.points()) {
    for (const Claim& claim : point.claims) {
      if (passing_.contains(claim.id) || claim.share_of != ClaimId()) continue;
      standing.claims.push_back({.path = point.path, .claim = claim, .written = written_.contains(claim.id)});
    }
  }
  return standing;
}

// What changed is in the audit log; the file may follow when nobody waits for it.
void ControlDesk::claims_change() { keep_at_ = std::min(keep_at_, around_.core.now() + file_follows); }

void ControlDesk::keep_claims() {
  kept_at_ = around_.core.now();
  keep_at_ = never;
  records_.claims = standing_claims();
}

}  // namespace iw::gateway
