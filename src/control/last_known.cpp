#include "control/last_known.hpp"

#include <algorithm>
#include <cmath>

namespace iw::control {

bool same(double a, double b) { return std::abs(a - b) <= 1e-6 * std::max({1.0, std::abs(a), std::abs(b)}); }

void LastKnown::forget(Instant falls_back_at) {
  seen_.reset();
  measured_.reset();
  falls_back_ = {.earliest = falls_back_at, .latest = falls_back_at};
}

void LastKnown::told(double value, Instant written_at, FallsBack falls_back) {
  seen_ = Seen{.value = value, .at = written_at, .told = true};
  falls_back_ = falls_back;
}

void LastKnown::shown(double value, Instant at) {
  const bool as_told = seen_ && seen_->told && same(value, seen_->value);
  if (!as_told) seen_ = Seen{.value = value, .at = at};
}

std::optional<double> LastKnown::of_register() const {
  return seen_ ? std::optional(seen_->value) : std::nullopt;
}

std::optional<double> LastKnown::value(std::optional<double> to, Instant now) const {
  const bool may_have_left = now >= falls_back_.earliest || (seen_ && !seen_->told);
  if (!may_have_left) return of_register();
  const auto& last = !seen_ || (measured_ && measured_->at > seen_->at) ? measured_ : seen_;
  if (!last) return std::nullopt;
  const bool has_left = now >= falls_back_.latest && last->at < falls_back_.latest;
  return has_left && to ? to : std::optional(last->value);
}

}  // namespace iw::control
