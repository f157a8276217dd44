#include "gateway/control_desk.hpp"

#include <algorithm>
#include <cmath>

#include "model/fresh_value.hpp"

namespace iw::gateway {
namespace {

using control::Claim;
using control::ClaimId;
using control::Level;
using model::WriteState;

constexpr Duration keep_every = 60s;  // how far the file of claims may be behind the clock
constexpr Duration stop_within = 3s;
constexpr Duration diary_follows = 100ms;  // what is written to the devices goes first
constexpr Duration member_age = 2min;      // charge moves slowly
constexpr std::string_view not_heard_of = "no device has this point, or it was not heard of yet";

// What the device is told to do by itself; a fixed time and a heartbeat are its own affair, and need the
// write.
std::optional<model::Revert> revert_of(const ControlledPoint& point, Duration after) {
  if (!point.fallback.told && point.fallback.after == 0ns) return std::nullopt;
  return model::Revert{.after = after, .to = point.how.safe_value()};
}

std::optional<double> good_value(const model::SampleBatch& batch, std::uint16_t index) {
  const auto sample = std::ranges::find(batch.index, index);
  if (sample == batch.index.end()) return std::nullopt;
  const auto i = static_cast<std::size_t>(sample - batch.index.begin());
  return batch.quality[i].good() ? std::optional(batch.value[i]) : std::nullopt;
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
  ++revision_;
  section_ = section;
  groups_.set({}, book_);
  for (const auto& [path, claim] :
       book_.set_points(section.active() ? section.rules() : std::vector<control::PointRules>{})) {
    passing_.erase(claim.id);
    claims_change();
    security::AuditEntry ended =
        entry("configuration", "release", path, "ended", "the point is no longer controlled");
    ended.data = data_of_end(claim.id);
    audit(std::move(ended));
  }
  std::erase_if(bounds_, [&](const auto& each) {
    const auto& [path, bound] = each;
    if (section.active() && section.points.contains(path)) return false;
    leave(path, bound);
    for (const events::Kind kind : {events::Kind::fail_safe, events::Kind::not_followed})
      tell(path, bound, {.kind = kind, .cause = {}});
    return true;
  });
  by_point_.clear();
  unnoted_.clear();  // all are looked at again
  for (const control::ClaimBook::Point& point : book_.points()) {
    const ControlPoint& how = section.points.at(point.path);
    const auto [place, is_new] = bounds_.try_emplace(
        point.path, ControlledPoint{.how = how, .actuator = control::Actuator(actuator_settings(how))});
    ControlledPoint& bound = place->second;
    if (!is_new) {
      bound.how = how;
      bound.actuator.set(actuator_settings(how));
    }
    bound.id.reset();
    bound.measured.reset();
    bound.trouble = how.group ? "" : not_heard_of;
    by_point_.push_back(&bound);
  }
  look_at_all();
  needed_.clear();
  for (const ControlledPoint* bound : by_point_) {
    for (const auto& [path, oldest] : bound->how.needs)
      needed_[path].reset();
  }
  std::vector<control::GroupRules> groups;
  for (const ControlGroup& group : section.groups) {
    groups.push_back(group.rules());
    for (const control::GroupMember& member : groups.back().members) {
      for (const std::string& path : {member.state_of_charge, member.beside})
        if (!path.empty()) needed_[path].reset();
    }
  }
  if (section.active()) groups_.set(std::move(groups), book_);
  for (const model::SiteModel::PlacedPoint& placed : around_.site.points())
    bind(placed);
  index_devices();
}

void ControlDesk::index_devices() {
  by_device_.clear();
  for (std::size_t point = 0; point < by_point_.size(); ++point)
    if (const auto& id = by_point_[point]->id) by_device_[id->device].push_back(point);
}

std::span<const std::size_t> ControlDesk::points_of(model::DeviceId device) const {
  const auto found = by_device_.find(device);
  return found != by_device_.end() ? std::span(found->second) : std::span<const std::size_t>();
}

void ControlDesk::look_at_all() {
  look_at_.assign(by_point_.size(), Instant::min());
  needs_at_ = Instant::min();
}

// A point that is no longer controlled must not stay where somebody had put it for a while.
void ControlDesk::leave(const std::string& path, const ControlledPoint& bound) {
  if (bound.how.on_stop == OnStop::keep || bound.how.once || !bound.id || !bound.actuator.aim()) return;
  model::WriteCommand command{.point = *bound.id,
                              .value = bound.how.safe_value(),
                              .owner = "configuration",
                              .id = ++commands_,
                              .expiry = around_.core.now() + stop_within,
                              .revert = revert_of(bound, 0ns)};
  around_.write(std::move(command),
                [this, path, value = bound.how.safe_value()](const model::WriteResult& result) {
                  audit(entry("configuration", "command", path, std::string(model::to_string(result.state)),
                              fmt::format("{:.10g}", value)));
                });
}

// Its points may be there now, or gone.
void ControlDesk::described(model::DeviceId device) {
  for (const std::size_t point : points_of(device)) {
    by_point_[point]->id.reset();
    by_point_[point]->measured.reset();
    by_point_[point]->trouble = not_heard_of;
    look_at_[point] = Instant::min();
  }
  for (auto& [path, id] : needed_)
    if (id && id->device == device) id.reset();
  if (const model::SiteModel::Device* there = around_.site.device(device)) {
    for (const model::SiteModel::PlacedPoint& placed : there->points)
      bind(placed);
  }
  index_devices();
  ++revision_;
  tick();
}

void ControlDesk::device_changed(model::DeviceId device) {
  for (const std::size_t point : points_of(device))
    look_at_[point] = Instant::min();
  tick();
}

// A point of the site may be one that is controlled, or that another needs. Paths are not looked up the other
// way round: most are not there yet when devices are heard of one by one.
void ControlDesk::bind(const model::SiteModel::PlacedPoint& placed) {
  if (const auto needed = needed_.find(placed.path); needed != needed_.end()) needed->second = placed.id;
  if (placed.point.name.quantity == model::Quantity::ActivePower) {
    model::PointName setpoint = placed.point.name;
    setpoint.quantity = model::Quantity::ActivePowerSetpoint;
    const std::string path = placed.path.substr(0, placed.path.rfind('/') + 1) + model::to_string(setpoint);
    if (const auto moves = book_.find(path)) by_point_[*moves]->measured = placed.id;
  }
  const auto point = book_.find(placed.path);
  if (!point) return;
  ControlledPoint& bound = *by_point_[*point];
  look_at_[*point] = Instant::min();
  if (placed.point.writable) {
    bound.trouble.clear();
    bound.id = placed.id;
    bound.fallback = device_fallback(bound.how, is_limit(placed.path), placed.point.fallback);
    bound.actuator.set(actuator_settings(bound.how, bound.fallback));
  } else {
    bound.trouble = "the device only lets it be read";
  }
}

bool ControlDesk::is_online(model::DeviceId device) const {
  const bus::DeviceEvent* state = around_.live.state(device);
  return state != nullptr && state->state == bus::DeviceState::online;
}

// ---- the run of things

void ControlDesk::on_timer() { tick(); }

void ControlDesk::tick() {
  if (ticking_ || ended_) return;
  ticking_ = true;
  const Instant at = around_.core.now();
  const bool keep = !book_.points().empty() && at >= kept_at_ + keep_every;
  if (keep || stopped_ != nullptr || (!settled_ && at >= settled_at_)) look_at_all();
  settled_ = at >= settled_at_;
  if (at >= needs_at_ || !settled_) watch_needs(at);  // after a start they come one by one
  settle(at);
  if (groups_.follow(book_, [this](const control::GroupMember& member) { return member_now(member); }, at))
    settle(at);
  due_.clear();
  for (std::size_t point = 0; point < look_at_.size(); ++point)
    if (look_at_[point] <= at) due_.push_back(point);
  for (const std::size_t point : due_) {
    ControlledPoint& bound = *by_point_[point];
    bound.actuator.set_reachable(bound.id && is_online(bound.id->device), at);
    aim(point, at);
    write_due(point, at);
  }
  for (std::size_t point = 0; point < by_point_.size(); ++point)
    if (by_point_[point]->how.group) look_at_group(point);
  for (const std::size_t point : due_) {
    look_at_alarms(point, at);
    look_at_[point] = std::min(by_point_[point]->actuator.wake(), by_point_[point]->alarms.wake());
  }
  if (!due_.empty()) {
    ++revision_;
    unnoted_.insert(due_.begin(), due_.end());
    note_at_ = std::min(note_at_, at + diary_follows);
  }
  if (at >= note_at_) note_decisions();
  if (keep || at >= keep_at_) keep_claims();
  if (!records_.audit.empty() || records_.claims || !records_.decisions.empty())
    keeper_->keep(std::exchange(records_, {}));
  ticking_ = false;
  if (stopped_ != nullptr) return finish_stop();
  around_.core.arm(*this, at + until_next(at));
}

// Brings the rulings up to now.
void ControlDesk::settle(Instant at) {
  book_.settle(
      at,
      [this](std::size_t point, const Claim& claim) {
        if (claim.share_of != ClaimId()) return;
        written_.erase(claim.id);
        if (passing_.erase(claim.id) == 0) claims_change();
        records_.audit.push_back(entry(claim.owner, "expiry", book_.points()[point].path, "expired",
                                       describe(claim.demand, claim.value)));
        records_.audit.back().data = data_of_end(claim.id);
      },
      [this](std::size_t point) { look_at_[point] = Instant::min(); });
}

Duration ControlDesk::until_next(Instant at) const {
  Instant next =
      std::min({book_.next_change(), at + keep_every, keep_at_, needs_at_, note_at_, groups_.wake()});
  for (const Instant look_at : look_at_)
    next = std::min(next, look_at);
  if (!settled_) next = std::min(next, settled_at_);
  return std::max(next - at, Duration(1ms));
}

void ControlDesk::aim(std::size_t point, Instant at) {
  const control::Ruling& ruling = book_.points()[point].ruling;
  ControlledPoint& bound = *by_point_[point];
  if (bound.how.group) return;  // its members are written
  if (stopped_ != nullptr) {
    if (bound.how.on_stop == OnStop::fail_safe && !bound.how.once && bound.actuator.aim())
      bound.actuator.aim({.value = bound.how.safe_value(), .at_once = true}, at);
    return;
  }
  const Claim* claim = winner(point);
  // After a start others may still come back and claim what they had claimed before, and whether the point is
  // to be held safe is not known at once.
  const bool may_be_claimed = claim == nullptr && ruling.code == control::Code::fallback && at < settled_at_;
  if (bound.fail_safe.waiting() || may_be_claimed) return bound.actuator.wait_for_aim();
  if (claim != nullptr && written_.contains(claim->id)) bound.actuator.remember_written(claim->id);
  const bool at_once =
      claim != nullptr && (claim->level == Level::protection || claim->demand == control::Demand::off);
  const bool reverts = bound.fallback.told && !at_once && is_for_a_while(book_.points()[point]);
  bound.actuator.aim({.value = ruling.value,
                      .claim = claim != nullptr ? claim->id : ClaimId(),
                      .expiry = claim != nullptr ? claim->expiry : never,
                      .at_once = at_once,
                      .revert = reverts ? bound.fallback.after : 0ns,
                      .least = ruling.least,
                      .most = ruling.most},
                     at);
}

// Whether a value stands by a claim that the device may fall back from: one that wins, or that limits the
// default.
bool ControlDesk::is_for_a_while(const control::ClaimBook::Point& point) {
  const auto& limiter = point.ruling.limiter;
  if (limiter && point.claims[*limiter].level == Level::protection) return false;
  return point.ruling.winner || limiter;
}

const Claim* ControlDesk::winner(std::size_t point) const {
  const control::ClaimBook::Point& p = book_.points()[point];
  return p.ruling.winner ? &p.claims[*p.ruling.winner] : nullptr;
}

void ControlDesk::write_due(std::size_t point, Instant at) {
  ControlledPoint& bound = *by_point_[point];
  if (stopped_ != nullptr && bound.how.once) return;  // after the start, when it goes on record first
  const auto order = bound.actuator.next(at);
  if (!order) return;
  const std::string& path = book_.points()[point].path;
  const Claim* claim = stopped_ == nullptr ? winner(point) : nullptr;
  Wanted by;
  if (claim != nullptr) by = {.claim = claim->id, .owner = claim->owner};
  if (!bound.how.once || claim == nullptr) return send(path, bound, *order, std::move(by));
  // That it is written is on record before it is: whatever happens then, it is not written again.
  written_.insert(claim->id);
  claims_change();
  ControlRecords records;
  records.audit.push_back(entry(by.owner, "command", path,
                                std::string(model::to_string(WriteState::requested)),
                                fmt::format("{:.10g}, once", order->value)));
  records.audit.back().data = data_of_writing(claim->id);
  keeper_->keep(std::move(records), [this, path, order = *order, by](const Result<void>& kept) mutable {
    const auto there = bounds_.find(path);
    if (there == bounds_.end()) return;
    if (kept) return send(path, there->second, order, std::move(by));
    answered(path, by, {.state = WriteState::refused, .error = kept.error()});
  });
}

void ControlDesk::send(const std::string& path, const ControlledPoint& bound,
                       const control::Actuator::Order& order, Wanted by) {
  if (!bound.id) {
    return answered(path, by,
                    {.state = WriteState::refused, .error = Error{ErrorKind::not_found, bound.trouble}});
  }
  model::WriteCommand command{.point = *bound.id,
                              .value = order.value,
                              .owner = by.owner,
                              .id = ++commands_,
                              .expiry = order.expiry,
                              .revert = revert_of(bound, order.revert)};
  around_.write(std::move(command), [this, path, by = std::move(by)](const model::WriteResult& result) {
    answered(path, by, result);
  });
}

void ControlDesk::answered(const std::string& path, const Wanted& by, const model::WriteResult& result) {
  const auto found = bounds_.find(path);
  if (found == bounds_.end()) return;
  ControlledPoint& bound = found->second;
  bound.actuator.answered(result, around_.core.now());
  take_guard(path, bound, result);
  ++revision_;
  const auto point = book_.find(path);
  if (point) look_at_[*point] = Instant::min();
  if (std::exchange(bound.audited, {by.claim, result.state}) != std::pair(by.claim, result.state)) {
    std::string detail = fmt::format("{:.10g}", bound.actuator.status().written.value_or(std::nan("")));
    if (result.read_back) detail += fmt::format(", the device shows {:.10g}", *result.read_back);
    if (result.error) detail += ": " + result.error->message;
    records_.audit.push_back(
        entry(by.owner, "command", path, std::string(model::to_string(result.state)), std::move(detail)));
    if (result.state != WriteState::confirmed)
      around_.log.warning("{}: {}: {}", path, model::to_string(result.state), records_.audit.back().detail);
  }
  // Once for all answers that have come meanwhile.
  if (!ticking_) around_.core.arm(*this, around_.core.now());
}

// That a device holds a value and will not fall back by itself is no reason not to control it, but to be
// said.
void ControlDesk::take_guard(const std::string& path, ControlledPoint& bound,
                             const model::WriteResult& result) {
  if (result.state != WriteState::confirmed) return;
  std::string why = result.unguarded ? result.unguarded->message : std::string();
  if (std::exchange(bound.unguarded, why) == why || why.empty()) return;
  around_.log.warning("{}: the device does not fall back by itself: {}", path, why);
  records_.audit.push_back(entry("gateway", "revert", path, "refused", std::move(why)));
}

void ControlDesk::take_raw(const model::SampleBatch& batch) {
  bool moved = false;
  for (const std::size_t point : points_of(batch.device)) {
    ControlledPoint& bound = *by_point_[point];
    if (bound.measured && bound.measured->device == batch.device) {
      if (const auto power = good_value(batch, bound.measured->index))
        bound.actuator.measured(*power, batch.received);
    }
    const auto value = good_value(batch, bound.id->index);
    if (!value) continue;
    const std::pair before(bound.actuator.status().state, bound.actuator.wake());
    const std::optional<double> shown = bound.actuator.status().shown;
    bound.actuator.shown(*value, batch.received);
    if (bound.actuator.status().shown != shown) ++revision_;
    if (before == std::pair(bound.actuator.status().state, bound.actuator.wake())) continue;
    look_at_[point] = Instant::min();
    moved = true;
  }
  if (moved) tick();
}

// ---- groups

std::optional<double> ControlDesk::fresh(const std::string& path) const {
  const auto needed = needed_.find(path);
  const auto live =
      needed != needed_.end() && needed->second ? around_.live.value(*needed->second) : std::nullopt;
  if (!live) return std::nullopt;
  const auto value =
      model::FreshValue::from({.value = live->value, .quality = live->quality, .received = live->received},
                              around_.core.now(), member_age);
  return value ? std::optional(value->value()) : std::nullopt;
}

control::MemberNow ControlDesk::member_now(const control::GroupMember& member) const {
  const auto point = bounds_.find(member.path);
  return {.there = point != bounds_.end() && point->second.id && is_online(point->second.id->device),
          .state_of_charge = fresh(member.state_of_charge),
          .beside_w = fresh(member.beside)};
}

// A group is where its members are: as far as the last of them.
void ControlDesk::look_at_group(std::size_t point) {
  const control::GroupRules* group = groups_.find(book_.points()[point].path);
  if (group == nullptr) return;
  control::Actuator::Status all{.state = WriteState::confirmed};
  double shown = 0;
  bool all_shown = true;
  for (const control::GroupMember& member : group->members) {
    const control::Actuator::Status& one = bounds_.at(member.path).actuator.status();
    const bool there = one.state == WriteState::confirmed || one.state == WriteState::limited;
    if (!there && all.state == WriteState::confirmed) {
      all.state = one.state;
      all.error = one.error;
    }
    all.since = std::max(all.since, one.since);
    all_shown = all_shown && one.shown;
    shown += one.shown.value_or(0);
  }
  if (all_shown) all.shown = shown;
  control::Actuator& actuator = by_point_[point]->actuator;
  if (actuator.status().state != all.state) due_.push_back(point);
  if (actuator.status().shown != all.shown) ++revision_;
  actuator.stand_for(all);
}

// ---- records

void ControlDesk::note_decisions() {
  note_at_ = never;
  const WallTime wall = now().wall;
  for (const std::size_t point : std::exchange(unnoted_, {})) {
    ControlledPoint& bound = *by_point_[point];
    if (auto decision = bound.note.note(book_.points()[point], bound.actuator.status(), bound.trouble, wall))
      records_.decisions.push_back(std::move(*decision));
  }
}

void ControlDesk::look_at_alarms(std::size_t point, Instant at) {
  const control::ClaimBook::Point& p = book_.points()[point];
  ControlledPoint& bound = *by_point_[point];
  const control::Actuator::Status& status = bound.actuator.status();
  const bool reachable = bound.id && is_online(bound.id->device) && bound.actuator.aim();
  if (auto change = bound.alarms.follow(status, p.ruling.value, reachable, at))
    tell(p.path, bound, std::move(*change));
}

void ControlDesk::tell(const std::string& path, const ControlledPoint& point,
                       ControlAlarms::Change change) const {
  if (!around_.alarm) return;
  // Without the device, which may not be known yet: the condition is the same before and after.
  events::Source source{.device = {}, .path = path, .asset = path.substr(0, path.rfind('/'))};
  if (point.id) source.point_mrid = around_.site.mrid(*point.id).value_or(model::Mrid());
  around_.alarm(change.kind, source, std::move(change.cause));
}

void ControlDesk::audit(security::AuditEntry entry) {
  ControlRecords records;
  records.audit.push_back(std::move(entry));
  keeper_->keep(std::move(records));
}

// ---- the end

void ControlDesk::stop(std::move_only_function<void()> stopped) {
  stopped_ = std::move(stopped);
  give_up_at_ = around_.core.now() + stop_within;
  tick();
}

// Until every point is where it is to be left, or there is no more time.
void ControlDesk::finish_stop() {
  const Instant at = around_.core.now();
  const bool done = std::ranges::all_of(by_point_, [&](const ControlledPoint* bound) {
    return !bound->actuator.in_flight() && (bound->how.once || bound->actuator.wake() == never ||
                                            bound->actuator.status().state == WriteState::confirmed);
  });
  if (!done && at < give_up_at_) {
    around_.core.arm(*this, at + 20ms);
    return;
  }
  disarm();
  ended_ = true;
  keep_claims();
  note_decisions();
  records_.audit.push_back(entry("gateway", "stop", "control", done ? "confirmed" : "unknown",
                                 done ? "" : "not every point could be brought to where it is to be left"));
  keeper_->keep(std::exchange(records_, {}));
  keeper_->stop(std::exchange(stopped_, nullptr));
}

std::optional<Decision> ControlDesk::decision(std::string_view path) const {
  const auto point = book_.find(path);
  if (!point) return std::nullopt;
  const ControlledPoint& bound = *by_point_[*point];
  return decision_now(book_.points()[*point], bound.actuator.status(), bound.trouble, now().wall);
}

std::vector<ControlDesk::View> ControlDesk::view() const {
  std::vector<View> all;
  for (std::size_t point = 0; point < by_point_.size(); ++point) {
    const control::ClaimBook::Point& p = book_.points()[point];
    const ControlledPoint& bound = *by_point_[point];
    all.push_back({.point = p,
                   .actuator = bound.actuator,
                   .words = explain(p.ruling, p.claims),
                   .trouble = bound.trouble,
                   .fail_safe = bound.fail_safe.held(),
                   .how = bound.how,
                   .fallback = bound.fallback,
                   .unguarded = bound.unguarded,
                   .group = groups_.find(p.path)});
  }
  return all;
}

}  // namespace iw::gateway
