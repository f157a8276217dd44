#include "gateway/control_desk.hpp"

#include <algorithm>
#include <cmath>

#include "model/fresh_value.hpp"

namespace iw::gateway {
namespace {

using control::Claim;
using control::ClaimId;
using control::ClaimRequest;
using control::Level;
using model::WriteState;

constexpr Duration look_every = 500ms;     // at what points need
constexpr Duration well_for = 5s;          // before a lost need counts as found
constexpr Duration safe_life = 1h;         // of the claim that holds a point safe; renewed all the time
constexpr Duration keep_every = 60s;       // how far the file of claims may be behind the clock
constexpr Duration same_note_every = 60s;  // decisions that differ by their value only
constexpr Duration stop_within = 3s;
constexpr std::string_view fail_safe_owner = "fail-safe";

std::string until(const Claim& claim, Instant now) {
  const auto left = std::chrono::round<std::chrono::seconds>(claim.expiry - now);
  return fmt::format("{} ({}) for {} s{}{}", describe(claim.demand, claim.value), to_string(claim.level),
                     left.count(), claim.reason.empty() ? "" : ": ", claim.reason);
}

Unexpected not_enabled() {
  return fail(ErrorKind::denied, "control is not enabled",
              "set enabled: true under control:, and declare the points that may be set");
}

}  // namespace

ControlDesk::ControlDesk(Surroundings around, std::unique_ptr<ControlKeeper> keeper)
    : around_(std::move(around)), keeper_(std::move(keeper)) {}

ControlDesk::~ControlDesk() = default;

events::Moment ControlDesk::now() const {
  return {.wall = around_.core.clock().wall_now(), .instant = around_.core.now()};
}

security::AuditEntry ControlDesk::entry(std::string actor, std::string action, std::string subject,
                                        std::string outcome, std::string detail) const {
  return {.time = now().wall,
          .actor = std::move(actor),
          .action = std::move(action),
          .subject = std::move(subject),
          .outcome = std::move(outcome),
          .detail = std::move(detail)};
}

// ---- configuration

void ControlDesk::begin(const ControlSection& section) {
  settled_at_ = around_.core.now() + section.settle;
  apply(section);
  restore();
  tick();
}

void ControlDesk::configure(const ControlSection& section) {
  apply(section);
  tick();
}

void ControlDesk::apply(const ControlSection& section) {
  if (section_.enabled != section.enabled)
    audit(entry("configuration", "mode", "control", section.enabled ? "enabled" : "disabled", ""));
  section_ = section;
  for (const auto& [path, claim] :
       book_.set_points(section.active() ? section.rules() : std::vector<control::PointRules>{})) {
    passing_.erase(claim.id);
    claims_changed_ = true;
    audit(entry("configuration", "release", path, "ended", "the point is no longer controlled"));
  }
  std::erase_if(bounds_, [&](const auto& each) {
    const auto& [path, bound] = each;
    if (section.active() && section.points.contains(path)) return false;
    leave(path, bound);
    return true;
  });
  by_point_.clear();
  for (const control::ClaimBook::Point& point : book_.points()) {
    const ControlPoint& how = section.points.at(point.path);
    const auto [place, is_new] = bounds_.try_emplace(
        point.path, Bound{.how = how, .actuator = control::Actuator(actuator_settings(how))});
    Bound& bound = place->second;
    if (!is_new) {
      bound.how = how;
      bound.actuator.set(actuator_settings(how));
    }
    bind(bound, point.path);
    by_point_.push_back(&bound);
  }
}

// A point that is no longer controlled must not stay where somebody had put it for a while.
void ControlDesk::leave(const std::string& path, const Bound& bound) {
  if (bound.how.on_stop == OnStop::keep || bound.how.once || !bound.id || !bound.actuator.aim()) return;
  model::WriteCommand command{.point = *bound.id,
                              .value = bound.how.safe_value(),
                              .owner = "configuration",
                              .id = ++commands_,
                              .expiry = around_.core.now() + stop_within};
  around_.write(std::move(command),
                [this, path, value = bound.how.safe_value()](const model::WriteResult& result) {
                  audit(entry("configuration", "command", path, std::string(model::to_string(result.state)),
                              fmt::format("{:.10g}", value)));
                });
}

void ControlDesk::described() {
  for (auto& [path, bound] : bounds_)
    bind(bound, path);
  tick();
}

void ControlDesk::device_changed() { tick(); }

void ControlDesk::bind(Bound& bound, std::string_view path) {
  const auto id = around_.site.find(path);
  bound.id.reset();
  if (!id) {
    bound.trouble = "no device has this point, or it was not heard of yet";
  } else if (!around_.site.point(*id)->writable) {
    bound.trouble = "the device only lets it be read";
  } else {
    bound.trouble.clear();
    bound.id = *id;
  }
}

bool ControlDesk::is_online(model::DeviceId device) const {
  const bus::DeviceEvent* state = around_.live.state(device);
  return state != nullptr && state->state == bus::DeviceState::online;
}

void ControlDesk::restore() {
  auto restored = read_claims(keeper_->claims_text(), now(), keeper_->boot());
  if (!restored) {
    around_.log.error("control: {}; {}", restored.error().message, restored.error().remedy);
    audit(entry("gateway", "restore", "claims", "failed", restored.error().message));
    return;
  }
  book_ = control::ClaimBook(restored->standing.last);
  book_.set_points(section_.active() ? section_.rules() : std::vector<control::PointRules>{});
  for (StandingClaim& standing : restored->standing.claims) {
    const std::string detail = until(standing.claim, now().instant);
    const ClaimId id = standing.claim.id;
    const bool there = book_.restore(standing.path, standing.claim);
    audit(entry(standing.claim.owner, "restore", standing.path, there ? "accepted" : "ended",
                there ? detail : "the point is no longer controlled"));
    if (!there || !standing.written) continue;
    written_.insert(id);
    bounds_.at(standing.path).actuator.remember_written(id);
  }
  for (const auto& [standing, why] : restored->ended)
    audit(entry(standing.claim.owner, "restore", standing.path, "expired", why));
  claims_changed_ = true;
}

// ---- the run of things

void ControlDesk::on_timer() { tick(); }

void ControlDesk::tick() {
  if (ticking_ || ended_) return;
  ticking_ = true;
  const Instant at = around_.core.now();
  watch_needs(at);
  book_.settle(
      at,
      [this](std::size_t point, const Claim& claim) {
        written_.erase(claim.id);
        if (passing_.erase(claim.id) == 0) claims_changed_ = true;
        records_.audit.push_back(entry(claim.owner, "expiry", book_.points()[point].path, "expired",
                                       describe(claim.demand, claim.value)));
      },
      [](std::size_t) {});
  for (std::size_t point = 0; point < by_point_.size(); ++point) {
    Bound& bound = *by_point_[point];
    bound.actuator.set_reachable(bound.id && is_online(bound.id->device), at);
    aim(point, at);
    write_due(point, at);
    note(point);
  }
  if (claims_changed_ || (!book_.points().empty() && at >= kept_at_ + keep_every)) keep_claims();
  if (!records_.audit.empty() || records_.claims || !records_.decisions.empty())
    keeper_->keep(std::exchange(records_, {}));
  ticking_ = false;
  if (stopped_ != nullptr) return finish_stop();
  around_.core.arm(*this, at + until_next(at));
}

Duration ControlDesk::until_next(Instant at) const {
  Instant next = std::min(book_.next_change(), at + keep_every);
  for (const Bound* bound : by_point_) {
    next = std::min(next, bound->actuator.wake());
    if (!bound->how.needs.empty()) next = std::min(next, at + look_every);
  }
  if (settled_at_ > at) next = std::min(next, settled_at_);
  return std::max(next - at, Duration(1ms));
}

void ControlDesk::aim(std::size_t point, Instant at) {
  const control::Ruling& ruling = book_.points()[point].ruling;
  Bound& bound = *by_point_[point];
  if (stopped_ != nullptr) {
    if (bound.how.on_stop == OnStop::fail_safe && !bound.how.once && bound.actuator.aim())
      bound.actuator.aim({.value = bound.how.safe_value(), .at_once = true}, at);
    return;
  }
  const Claim* claim = winner(point);
  // Whether the point is to be held safe is not known yet.
  if (bound.waiting) return;
  // Others may still come back and claim what they had claimed before.
  if (claim == nullptr && ruling.code == control::Code::fallback && at < settled_at_) return;
  if (claim != nullptr && written_.contains(claim->id)) bound.actuator.remember_written(claim->id);
  bound.actuator.aim({.value = ruling.value,
                      .claim = claim != nullptr ? claim->id : ClaimId(),
                      .expiry = claim != nullptr ? claim->expiry : never,
                      .at_once = claim != nullptr && (claim->level == Level::protection ||
                                                      claim->demand == control::Demand::off)},
                     at);
}

const Claim* ControlDesk::winner(std::size_t point) const {
  const control::ClaimBook::Point& p = book_.points()[point];
  return p.ruling.winner ? &p.claims[*p.ruling.winner] : nullptr;
}

void ControlDesk::write_due(std::size_t point, Instant at) {
  Bound& bound = *by_point_[point];
  const auto order = bound.actuator.next(at);
  if (!order) return;
  const std::string& path = book_.points()[point].path;
  const Claim* claim = stopped_ == nullptr ? winner(point) : nullptr;
  std::string owner = claim != nullptr ? claim->owner : "default";
  if (!bound.how.once || claim == nullptr) return send(path, *order, std::move(owner));
  // That it is written is on the disk before it is: whatever happens then, it is not written again.
  written_.insert(claim->id);
  keeper_->keep({.claims = claims_text()},
                [this, path, order = *order, owner](const Result<void>& kept) mutable {
                  if (kept) return send(path, order, std::move(owner));
                  answered(path, {.state = WriteState::refused, .error = kept.error()});
                });
}

void ControlDesk::send(const std::string& path, const control::Actuator::Order& order, std::string owner) {
  const auto bound = bounds_.find(path);
  if (bound == bounds_.end()) return;
  if (!bound->second.id) {
    return answered(
        path, {.state = WriteState::refused, .error = Error{ErrorKind::not_found, bound->second.trouble}});
  }
  model::WriteCommand command{.point = *bound->second.id,
                              .value = order.value,
                              .owner = std::move(owner),
                              .id = ++commands_,
                              .expiry = order.expiry};
  around_.write(std::move(command),
                [this, path](const model::WriteResult& result) { answered(path, result); });
}

void ControlDesk::answered(const std::string& path, const model::WriteResult& result) {
  const auto found = bounds_.find(path);
  if (found == bounds_.end()) return;
  Bound& bound = found->second;
  bound.actuator.answered(result, around_.core.now());
  const auto point = book_.find(path);
  const Claim* claim = point ? winner(*point) : nullptr;
  const ClaimId id = claim != nullptr ? claim->id : ClaimId();
  if (std::exchange(bound.audited, {id, result.state}) != std::pair(id, result.state)) {
    std::string detail = fmt::format("{:.10g}", bound.actuator.status().written.value_or(std::nan("")));
    if (result.read_back) detail += fmt::format(", the device shows {:.10g}", *result.read_back);
    if (result.error) detail += ": " + result.error->message;
    records_.audit.push_back(entry(claim != nullptr ? claim->owner : "default", "command", path,
                                   std::string(model::to_string(result.state)), std::move(detail)));
    if (result.state != WriteState::confirmed)
      around_.log.warning("{}: {}: {}", path, model::to_string(result.state), records_.audit.back().detail);
  }
  if (!ticking_) tick();
}

void ControlDesk::take_raw(const model::SampleBatch& batch) {
  bool moved = false;
  for (auto& [path, bound] : bounds_) {
    if (!bound.id || bound.id->device != batch.device) continue;
    const auto sample = std::ranges::find(batch.index, bound.id->index);
    if (sample == batch.index.end()) continue;
    const auto i = static_cast<std::size_t>(sample - batch.index.begin());
    if (!batch.quality[i].good()) continue;
    const WriteState before = bound.actuator.status().state;
    bound.actuator.shown(batch.value[i], batch.received);
    moved = moved || bound.actuator.status().state != before;
  }
  if (moved) tick();
}

// ---- fail-safe

std::string ControlDesk::lost_need(const ControlPoint& point, Instant at) const {
  for (const auto& [path, oldest] : point.needs) {
    const auto id = around_.site.find(path);
    const auto live = id ? around_.live.value(*id) : std::nullopt;
    if (!live) return fmt::format("{} has no value", path);
    const auto fresh = model::FreshValue::from(
        {.value = live->value, .quality = live->quality, .received = live->received}, at, oldest);
    if (!fresh) return fmt::format("{} is {}", path, fresh.error().message);
  }
  return {};
}

// A point without what it needs is held safe by a claim of the highest level. After a start the values take a
// while to come: the point is left as it is meanwhile.
void ControlDesk::watch_needs(Instant at) {
  for (std::size_t point = 0; point < by_point_.size(); ++point) {
    Bound& bound = *by_point_[point];
    if (bound.how.needs.empty() || stopped_ != nullptr) continue;
    const std::string& path = book_.points()[point].path;
    std::string lost = lost_need(bound.how, at);
    bound.waiting = !lost.empty() && at < settled_at_;
    if (bound.waiting) continue;
    if (lost.empty()) {
      if (bound.safe == ClaimId()) continue;
      if (bound.well_since == never) bound.well_since = at;
      if (at < bound.well_since + well_for) {
        book_.renew(point, bound.safe, bound.how.safe_value(), bound.lost, at, at + safe_life);
        continue;
      }
      release_for_controller(std::exchange(bound.safe, ClaimId()));
      bound.lost.clear();
      records_.audit.push_back(
          entry(std::string(fail_safe_owner), "mode", path, "normal", "all that it needs is back"));
      around_.log.info("{}: all that it needs is back", path);
      continue;
    }
    bound.well_since = never;
    if (bound.safe != ClaimId() &&
        book_.renew(point, bound.safe, bound.how.safe_value(), lost, at, at + safe_life))
      continue;
    bound.lost = std::move(lost);
    auto held = claim_for_controller({.path = path,
                                      .owner = std::string(fail_safe_owner),
                                      .level = Level::protection,
                                      .demand = control::Demand::set,
                                      .value = bound.how.safe_value(),
                                      .life = safe_life,
                                      .reason = bound.lost});
    if (held) bound.safe = *held;
    records_.audit.push_back(entry(std::string(fail_safe_owner), "mode", path, "fail-safe", bound.lost));
    around_.log.warning("{}: fail-safe, {}", path, bound.lost);
  }
}

// ---- records

// What is on record of a point is told anew when its owner, limit or state changes; when only its value
// moves, once a minute.
void ControlDesk::note(std::size_t point) {
  const control::ClaimBook::Point& p = book_.points()[point];
  Bound& bound = *by_point_[point];
  const Claim* claim = winner(point);
  const control::Actuator::Status& status = bound.actuator.status();
  Decision& noted = bound.noted;
  const std::string_view state = bound.trouble.empty() ? model::to_string(status.state) : "unreachable";
  const std::string_view owner = claim != nullptr ? std::string_view(claim->owner) : "";
  const ClaimId id = claim != nullptr ? claim->id : ClaimId();
  const std::string_view limiter =
      p.ruling.limiter ? std::string_view(p.claims[*p.ruling.limiter].owner) : "";
  const bool same = noted.code == to_string(p.ruling.code) && bound.noted_claim == id &&
                    noted.limiter == limiter && noted.state == state;
  const bool known = !noted.path.empty();
  if (known && same && noted.value == p.ruling.value) return;
  const WallTime wall = now().wall;
  // A command under way is noted when its fate is known.
  if (known && bound.noted_claim == id && !model::is_final(status.state) && bound.trouble.empty()) return;
  if (known && same && wall >= noted.time && wall < noted.time + same_note_every) return;
  noted = {.time = wall,
           .path = p.path,
           .value = p.ruling.value,
           .code = std::string(to_string(p.ruling.code)),
           .owner = std::string(owner),
           .level = claim != nullptr ? std::string(to_string(claim->level)) : "",
           .limiter = std::string(limiter),
           .words = explain(p.ruling, p.claims),
           .state = std::string(state),
           .shown = status.shown,
           .trouble = !bound.trouble.empty() ? bound.trouble
                      : status.error         ? status.error->message
                                             : ""};
  bound.noted_claim = id;
  records_.decisions.push_back(noted);
}

std::string ControlDesk::claims_text() const {
  StandingClaims standing{.claims = coming_, .last = book_.last_id()};
  for (const control::ClaimBook::Point& point : book_.points()) {
    for (const Claim& claim : point.claims) {
      if (passing_.contains(claim.id)) continue;
      standing.claims.push_back({.path = point.path, .claim = claim, .written = written_.contains(claim.id)});
    }
  }
  return write_claims(standing, now(), keeper_->boot());
}

void ControlDesk::keep_claims() {
  claims_changed_ = false;
  kept_at_ = around_.core.now();
  records_.claims = claims_text();
}

void ControlDesk::audit(security::AuditEntry entry) {
  ControlRecords records;
  records.audit.push_back(std::move(entry));
  keeper_->keep(std::move(records));
}

// ---- claims

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
  for (const ClaimRequest& request : requests) {
    auto result = [&]() -> Result<Claim> {
      if (auto granted = may(request.owner, request.level, request.path, role); !granted)
        return fail(std::move(granted).error());
      return book_.make(request, at);
    }();
    records.audit.push_back(result ? entry(request.owner, "claim", request.path, "accepted",
                                           fmt::format("#{} {}", result->id.value(), until(*result, at)))
                                   : entry(request.owner, "claim", request.path, "refused",
                                           fmt::format("{} ({}): {}", describe(request.demand, request.value),
                                                       to_string(request.level), result.error().message)));
    claimed.push_back(std::move(result));
  }
  // Not in force before they are on record.
  std::vector<ClaimId> ids;
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    if (!claimed[i]) continue;
    book_.release(claimed[i]->id);
    ids.push_back(claimed[i]->id);
    coming_.push_back({.path = requests[i].path, .claim = *claimed[i]});
  }
  if (!ids.empty()) records.claims = claims_text();
  keeper_->keep(std::move(records), [this, claimed = std::move(claimed), ids = std::move(ids),
                                     done = std::move(done)](const Result<void>& kept) mutable {
    for (const ClaimId id : ids) {
      const auto coming = std::ranges::find(coming_, id, [](const StandingClaim& c) { return c.claim.id; });
      if (kept) book_.restore(coming->path, coming->claim);
      coming_.erase(coming);
    }
    if (!kept) {
      for (Result<Claim>& one : claimed)
        if (one) one = fail(Error(kept.error()).in("not claimed, because it can not be put on record"));
      claims_changed_ = true;
    }
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
  if (auto made = trial.make(request, at); !made) return fail(std::move(made).error());
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
  if (claim == nullptr)
    return refuse({ErrorKind::not_found, fmt::format("there is no claim {}", id.value()),
                   "`interwatt control list` shows those that stand"});
  if (claim->owner != by) {
    if (auto granted = may(by, claim->level, path, role); !granted) return refuse(std::move(granted).error());
  }
  if (passing_.contains(id))
    return refuse({ErrorKind::denied,
                   fmt::format("claim {} is of {}, who would make it again", id.value(), claim->owner),
                   "change its configuration, or claim at a higher level"});
  const Claim released = book_.release(id)->claim;
  written_.erase(id);
  ControlRecords records;
  records.audit.push_back(entry(
      by, "release", path, "accepted",
      fmt::format("#{} of {}: {}", id.value(), released.owner, describe(released.demand, released.value))));
  records.claims = claims_text();
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

// ---- the end

void ControlDesk::stop(std::move_only_function<void()> stopped) {
  stopped_ = std::move(stopped);
  give_up_at_ = around_.core.now() + stop_within;
  tick();
}

// Until every point is where it is to be left, or there is no more time.
void ControlDesk::finish_stop() {
  const Instant at = around_.core.now();
  const bool done = std::ranges::all_of(by_point_, [&](const Bound* bound) {
    return !bound->actuator.in_flight() &&
           (bound->actuator.wake() == never || bound->actuator.status().state == WriteState::confirmed);
  });
  if (!done && at < give_up_at_) {
    around_.core.arm(*this, at + 20ms);
    return;
  }
  disarm();
  ended_ = true;
  keep_claims();
  records_.audit.push_back(entry("gateway", "stop", "control", done ? "confirmed" : "unknown",
                                 done ? "" : "not every point could be brought to where it is to be left"));
  keeper_->keep(std::exchange(records_, {}));
  keeper_->stop(std::exchange(stopped_, nullptr));
}

std::vector<ControlDesk::View> ControlDesk::view() const {
  std::vector<View> all;
  for (std::size_t point = 0; point < by_point_.size(); ++point) {
    const control::ClaimBook::Point& p = book_.points()[point];
    const Bound& bound = *by_point_[point];
    all.push_back({.point = p,
                   .actuator = bound.actuator,
                   .words = explain(p.ruling, p.claims),
                   .trouble = bound.trouble,
                   .fail_safe = bound.safe != ClaimId()});
  }
  return all;
}

}  // namespace iw::gateway
