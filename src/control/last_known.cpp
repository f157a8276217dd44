#include "control/last_known.hpp"

#include <algorithm>
#include <cmath>

namespace iw::control {
namespace {

// Power and register of a device may be read one after the other, in either order.
constexpr Duration one_round = 2s;

}  // namespace

bool same(double a, double b) { return std::abs(a - b) <= 1e-6 * std::max({1.0, std::abs(a), std::abs(b)}); }

void LastKnown::forget(Instant falls_back_at) {
  seen_.reset();
  measured_.reset();
  falls_back_ = {.earliest = falls_back_at, .latest = falls_back_at};
}

void LastKnown::told(double value, Instant written_at, FallsBack falls_back) {
  seen_ = Seen{.value = value, .at = written_at, .since = written_at, .told = true};
  falls_back_ = falls_back;
}

void LastKnown::shown(double value, Instant at) {
  const bool as_before = seen_ && same(value, seen_->value);
  if (as_before && seen_->told) return;
  const Instant news_of = as_before ? seen_->since : seen_ ? at : at - one_round;
  seen_ = Seen{.value = value, .at = at, .since = news_of};
}

std::optional<double> LastKnown::of_register() const {
  return seen_ ? std::optional(seen_->value) : std::nullopt;
}

std::optional<double> LastKnown::value(std::optional<double> to, Instant now) const {
  const bool may_have_left = now >= falls_back_.earliest || (seen_ && !seen_->told);
  if (!may_have_left) return of_register();
  const auto& last = !seen_ || (measured_ && measured_->at > seen_->since) ? measured_ : seen_;
  if (!last) return std::nullopt;
  const bool has_left = now >= falls_back_.latest && last->at < falls_back_.latest;
  return has_left && to ? to : std::optional(last->value);
}

}  // namespace iw::control
