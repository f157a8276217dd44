#include "control/controllers/grid_limit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

// The last part opens exponentially: a meter that is read so much later than the device, up to 1/e of this,
// then makes no overshoot.
constexpr double settling_s = 10;

// Orders come by networks, some by the minute.
constexpr Duration oldest_order = 5min;

// How much of what a device can do counts as its need even when it does nothing: so much of the allowance is
// kept open for one in the shade, that it can show that the sun is back.
constexpr double standby_share = 0.03;

const Record<LimitedPoint>& limited_point_record() {
  using L = LimitedPoint;
  static const auto record =
      Record<L>()
          .required("point", &L::point, point_path(),
                    "an ActivePowerLimit, or the ActivePowerSetpoint of a battery")
          .required("max_w", &L::max_w, number(0), "what the device can do in the limited direction")
          .optional("reverse_w", &L::reverse_w, number(0),
                    "what a battery may be made to do in the other direction to keep the limit")
          .optional("measured", &L::measured, point_path(),
                    "its power; when left out, ActivePower of the same asset")
          .place(&L::place);
  return record;
}

Declaration declare(const GridLimitParameters& parameters, GridDirection direction) {
  Declaration out{.kind = direction == GridDirection::to_grid ? "export_limit" : "import_limit",
                  .inputs = {{.path = parameters.grid, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .when_blind = WhenBlind::safe};
  for (const LimitedPoint& moved : parameters.moves) {
    out.inputs.push_back(
        {.path = moved.measured.empty() ? beside(moved.point, "ActivePower") : moved.measured,
         .oldest = parameters.oldest});
    out.outputs.push_back({.path = moved.point});
  }
  if (!parameters.ordered.empty()) out.inputs.push_back({.path = parameters.ordered, .oldest = oldest_order});
  return out;
}

}  // namespace

const Record<GridLimitParameters>& grid_limit_record() {
  using G = GridLimitParameters;
  static const auto record =
      Record<G>()
          .required("grid", &G::grid, point_path(), "power at the grid connection, + is import")
          .required("limit_w", &G::limit_w, number(0), "not exceeded; 0: nothing at all")
          .required("moves", &G::moves, list_of<LimitedPoint>(limited_point_record()), "what keeps the limit")
          .optional("margin_w", &G::margin_w, number(0), "how far below the limit it stays")
          .optional("ordered", &G::ordered, point_path(), "a limit that is ordered; the lower one counts")
          .optional("hold_for", &G::hold_for, duration(0s, 24h),
                    "the order stands so long when it is not seen")
          .optional("fallback_w", &G::fallback_w, number(0),
                    "the limit after that, and before the first order")
          .optional("opens_in", &G::opens_in, duration(1s, 1h),
                    "from nothing to everything; it closes at once")
          .optional("oldest", &G::oldest, duration(100ms, 10min), "a value that is older is not seen")
          .optional("period", &G::period, duration(50ms, 1min), "between two decisions")
          .optional(
              "blind_w", &G::blind_w, number(0),
              "allowed without the meter; when left out, the limit itself for export and nothing for import")
          .place(&G::place);
  return record;
}

void check(const GridLimitParameters& parameters, Findings& findings) {
  check_count(parameters.place, "moves", parameters.moves.size(), findings);
  if (!parameters.ordered.empty() && !parameters.fallback_w) {
    findings.error(place_of(parameters.place, "ordered"), "an order needs fallback_w, the limit without it");
  }
  for (const LimitedPoint& moved : parameters.moves) {
    if (!names_quantity(moved.point,
                        {model::Quantity::ActivePowerLimit, model::Quantity::ActivePowerSetpoint})) {
      findings.error(place_of(moved.place, "point"),
                     "expected an ActivePowerLimit or an ActivePowerSetpoint");
    }
    if (moved.reverse_w > 0 && !names_quantity(moved.point, {model::Quantity::ActivePowerSetpoint})) {
      findings.error(place_of(moved.place, "reverse_w"), "only an ActivePowerSetpoint has two directions");
    }
  }
}

GridLimit::GridLimit(GridLimitParameters parameters, GridDirection direction)
    : Sighted(declare(parameters, direction), 1),
      parameters_(std::move(parameters)),
      sign_(direction == GridDirection::to_grid ? -1 : 1) {
  for (const LimitedPoint& moved : parameters_.moves) {
    moved_.push_back(
        {.max_w = moved.max_w,
         .reverse_w = moved.reverse_w,
         .signed_setpoint = names_quantity(moved.point, {model::Quantity::ActivePowerSetpoint})});
  }
}

void GridLimit::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  const double grid = sign_ * inputs[0]->value();
  double rest = grid;
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    if (inputs[i + 1]) rest -= controlled(moved_[i], sign_ * inputs[i + 1]->value());
  }
  const double limit_w = limit(inputs);
  const double allowed = limit_w - parameters_.margin_w - rest;
  keep_unseen(limit_w, inputs);
  share_out(allowed, inputs);
  wish_all(decision);

  const std::string_view verb = sign_ > 0 ? "imports" : "exports";
  const Power flow(std::max(0.0, grid));  // the other way it is none
  if (allowed < total_max()) {
    say(decision, "limiting", "the site {} {} of {} allowed: at most {} for what it moves", verb, flow,
        Power(limit_w), Power(total_cap()));
  } else {
    say(decision, "within_limit", "the site {} {} of {} allowed: nothing needs a limit", verb, flow,
        Power(limit_w));
  }
}

double GridLimit::limit(Inputs inputs) {
  if (parameters_.ordered.empty()) return parameters_.limit_w;
  const auto& order = inputs.back();
  unseen_s_ = order ? 0 : unseen_s_ + elapsed();
  if (order) ordered_w_ = std::max(0.0, order->value());
  if (unseen_s_ > in_seconds(parameters_.hold_for)) ordered_w_.reset();
  return std::min(parameters_.limit_w, ordered_w_.value_or(*parameters_.fallback_w));
}

// A battery that helps of its own accord, against the limited direction, is part of the rest; what it is made
// to do by this limit is not.
double GridLimit::controlled(const Moved& point, double power_w) {
  return std::max(power_w, std::min(0.0, point.cap_w));
}

// Over those that are seen, by what they do now.
void GridLimit::share_out(double allowed_w, Inputs inputs) {
  std::array<Part, most_parts> parts;
  std::array<double, most_parts> caps;
  std::size_t n = 0;
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    if (!inputs[i + 1]) continue;
    const Moved& point = moved_[i];
    const double used = std::max(0.0, sign_ * inputs[i + 1]->value());
    parts[n++] = {.lowest = -point.reverse_w,
                  .highest = point.max_w,
                  .weight = allowed_w >= 0 ? used + standby_share * point.max_w : point.reverse_w};
  }
  split(allowed_w, std::span(parts).first(n), std::span(caps).first(n));
  for (std::size_t i = 0, at = 0; i < moved_.size(); ++i) {
    if (inputs[i + 1]) close_to(moved_[i], caps[at++], true);
  }
}

// The meter sees what they do, so they count as rest; but they must not do more than before.
void GridLimit::keep_unseen(double limit_w, Inputs inputs) {
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    if (!inputs[i + 1] && !moved_[i].has_cap) close_to(moved_[i], blind_share(moved_[i], limit_w), false);
  }
}

// Of what can not break the limit, whatever the rest of the site does: for export, it may take nothing; for
// import, it may take all.
double GridLimit::blind_share(const Moved& point, double limit_w) const {
  const double total = std::min(parameters_.blind_w.value_or(sign_ < 0 ? limit_w : 0), limit_w);
  return total * point.max_w / total_max();
}

void GridLimit::close_to(Moved& point, double cap_w, bool may_open) const {
  cap_w = std::min(cap_w, point.max_w);
  if (point.has_cap && cap_w > point.cap_w) {
    const double fastest = (point.max_w + point.reverse_w) / in_seconds(parameters_.opens_in) * elapsed();
    const double settling = (cap_w - point.cap_w) * (1 - std::exp(-elapsed() / settling_s));
    cap_w = may_open ? point.cap_w + std::min(fastest, settling) : point.cap_w;
  }
  point.cap_w = cap_w;
  point.has_cap = true;
}

void GridLimit::wish_all(Decision& decision) const {
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    const Moved& point = moved_[i];
    const bool lower_bound = point.signed_setpoint && sign_ < 0;
    wish(decision, i, lower_bound ? Demand::at_least : Demand::at_most,
         lower_bound ? -point.cap_w : point.cap_w);
  }
}

void GridLimit::be_safe(std::string_view why, Inputs inputs, const Now& /*now*/, Decision& decision) {
  const double limit_w = limit(inputs);
  for (Moved& point : moved_)
    close_to(point, blind_share(point, limit_w), false);
  wish_all(decision);
  say(decision, "blind_at_limit",
      "blind ({}), takes the meter to be at the limit: at most {} for what it moves", why,
      Power(total_cap()));
}

double GridLimit::total_cap() const {
  return std::accumulate(moved_.begin(), moved_.end(), 0.0,
                         [](double sum, const Moved& point) { return sum + point.cap_w; });
}

double GridLimit::total_max() const {
  return std::max(1.0, std::accumulate(moved_.begin(), moved_.end(), 0.0,
                                       [](double sum, const Moved& point) { return sum + point.max_w; }));
}

}  // namespace iw::control
