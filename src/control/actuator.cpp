#include "control/actuator.hpp"

#include <algorithm>
#include <cmath>

namespace iw::control {
namespace {

using model::WriteState;

// An order that waits longer than this for its line is taken back: the world may have changed.
constexpr Duration order_life = 5s;
constexpr Duration first_pause = 1s;
// A ramp begins where the device is; one that does not show that is not waited for any longer.
constexpr Duration seen_within = 5s;
constexpr Duration longest_pause = 60s;

Duration pause_after(unsigned failures) {
  return std::min(longest_pause, first_pause * (1U << std::min(failures, 10U)));
}

}  // namespace

void Actuator::aim(const Aim& aim, Instant now) {
  const bool is_within = !status_.written || (*status_.written >= aim.least && *status_.written <= aim.most);
  const bool moved = !aim_ || aim.value != aim_->value || aim.revert != aim_->revert || !is_within ||
                     (settings_.once && aim.claim != aim_->claim);
  aim_ = aim;
  waits_for_aim_ = false;
  if (!moved) return;
  failures_ = 0;
  due_ = now;
  if (!in_flight_) enter(WriteState::requested, now);
}

void Actuator::set_reachable(bool reachable, Instant now) {
  if (std::exchange(reachable_, reachable) == reachable) return;
  failures_ = 0;
  due_ = now;
  status_.written.reset();
  last_known_.forget(settings_.falls_back ? now + settings_.falls_back->after : never);
  if (reachable) {
    status_.shown.reset();
    seen_by_ = now + seen_within;
  }
  if (!reachable && aim_) {
    enter(WriteState::unknown, now);
    status_.error = Error{ErrorKind::unreachable, "the device does not answer",
                          "the value is written again as soon as it does"};
  }
}

std::optional<Actuator::Order> Actuator::next(Instant now) {
  if (!aim_ || wake() > now) return std::nullopt;
  const double value = step(now);
  in_flight_ = true;
  attempted_ = aim_->claim;
  written_at_ = now;
  status_.written = value;
  written_revert_ = aim_->revert;
  enter(WriteState::sent, now);
  return Order{.value = value, .expiry = std::min(aim_->expiry, now + order_life), .revert = aim_->revert};
}

// How long what is written may stand before it is written again; none: for ever.
std::optional<Duration> Actuator::refresh() const {
  if (!aim_ || aim_->revert == 0ns) return settings_.refresh;
  return std::min(settings_.refresh.value_or(aim_->revert / 2), aim_->revert / 2);
}

std::optional<double> Actuator::where(Instant now) const {
  return settings_.falls_back ? last_known_.value(settings_.falls_back->to, now) : last_known_.of_register();
}

// The next value on the way to the aim.
double Actuator::step(Instant now) const {
  const auto from = where(now);
  if (aim_->at_once || !from || std::isinf(settings_.ramp)) return aim_->value;
  const Duration since = written_at_ == Instant::min() ? settings_.every : now - written_at_;
  const double most =
      settings_.ramp * std::chrono::duration<double>(std::min(since, settings_.every)).count();
  return std::clamp(*from + std::clamp(aim_->value - *from, -most, most), aim_->least, aim_->most);
}

// From what was written last, if it has reached the device: some time before the answer.
LastKnown::FallsBack Actuator::falls_back(Instant answered_at) const {
  const bool by_itself = settings_.falls_back && !settings_.falls_back->told;
  const Duration after = by_itself ? settings_.falls_back->after : written_revert_;
  if (after <= 0ns) return {};
  return {.earliest = written_at_ + after, .latest = answered_at + after};
}

void Actuator::answered(const model::WriteResult& result, Instant now) {
  in_flight_ = false;
  answered_at_ = now;
  if (!reachable_) return;
  enter(result.state, now);
  status_.error = result.error;
  if (result.read_back) status_.shown = result.read_back;
  const bool taken = result.state == WriteState::confirmed || result.state == WriteState::limited;
  const auto holds = result.state == WriteState::confirmed ? status_.written : result.read_back;
  if (holds && taken) last_known_.told(*holds, written_at_, falls_back(now));
  if (holds && !taken) last_known_.shown(*holds, now);  // of before, which it need not obey
  // Of several registers that are written, the first may have reached it.
  const bool unanswered =
      result.state == WriteState::unknown || (result.error && result.error->kind == ErrorKind::timeout);
  if (!holds && unanswered) last_known_.unanswered(falls_back(now).latest);
  if (result.state == WriteState::confirmed) {
    failures_ = 0;
    const auto again_after = refresh();
    due_ = again_after ? written_at_ + *again_after : never;
    // What is confirmed is not what is wanted any more, or only a step on the way; what is written once is
    // written for each claim.
    if (status_.written != aim_->value || written_revert_ != aim_->revert ||
        (settings_.once && aim_->claim != ClaimId() && attempted_ != aim_->claim)) {
      due_ = now;
      enter(WriteState::requested, now);
    }
  } else if (result.state == WriteState::limited) {
    // The device has its own bound: it may move, but not because it is asked every second.
    due_ = now + std::min(longest_pause, refresh().value_or(longest_pause));
    if (status_.written != aim_->value) due_ = now;
  } else if (result.state == WriteState::expired) {
    due_ = now;
  } else {
    again(now);
  }
}

void Actuator::again(Instant now) {
  due_ = now + pause_after(failures_++);
  // What may have reached the device is refreshed in time, whatever is known of it.
  if (const auto in_time = refresh())
    due_ = std::min(due_, written_at_ + std::max(*in_time, settings_.every));
}

void Actuator::shown(double value, Instant at) {
  // A poll of before may come after the answer.
  if (in_flight_ || at <= std::max(written_at_, answered_at_)) return;
  const bool held = status_.state == WriteState::confirmed && status_.shown;
  const bool moved = held && !same(value, *status_.shown);
  status_.shown = value;
  last_known_.shown(value, at);
  if (!moved) return;
  enter(WriteState::not_followed, at);
  status_.error = Error{ErrorKind::rejected, "the device has left the value that it had confirmed",
                        "somebody else may control it, or it was restarted"};
  again(at);
}

Instant Actuator::wake() const {
  if (!aim_ || waits_for_aim_ || in_flight_ || !reachable_) return never;
  if (settings_.once && (aim_->claim == ClaimId() || aim_->claim == attempted_)) return never;
  if (due_ == never) return never;
  const bool ramps = !aim_->at_once && !std::isinf(settings_.ramp);
  const Instant due = ramps && !last_known_.seen() ? std::max(due_, seen_by_) : due_;
  return written_at_ == Instant::min() ? due : std::max(due, written_at_ + settings_.every);
}

void Actuator::enter(WriteState state, Instant now) {
  if (state != status_.state) status_.since = now;
  status_.state = state;
  if (state == WriteState::requested || state == WriteState::sent) status_.error.reset();
}

}  // namespace iw::control
