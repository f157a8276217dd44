// GridLimit: power at the grid connection stays within a limit, of export or of import.
//
// It knows what it can move and what the meter shows; the rest of the site is their difference:
//
//   allowed = limit - margin - (grid - controlled)
//
// which does not depend on what it commands, so that there is no loop that could swing. What is allowed is
// split over the points it moves. It closes at once and opens slowly: not faster than from nothing to all in
// `opens_in`, and the last part exponentially, so that a meter that is read later than the devices makes it
// too careful for a while, never too generous.
//
// Bound: when the rest of the site changes by no more than r W/s, the limit is exceeded by at most r x T less
// the margin, for T from the change to the device's reaction: age of the meter's value, period, delay of the
// device. After a jump it is back within the limit after T.
//
// The limit may be lowered by one that is ordered, as a point (a dynamic operating envelope; opModMaxLimW and
// its relatives of IEEE 2030.5, IMPORT_ and EXPORT_CAPACITY_LIMIT of OpenADR). An order that is not seen any
// more stands for `hold_for`; then, and before the first, the fallback holds.
//
// Blind, it takes the meter to be at the limit: nothing opens, and all it moves is closed to what can not
// break the limit whatever the rest of the site does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/sighted.hpp"
#include "control/split.hpp"

namespace iw::control {

// A point it moves: ActivePowerLimit of an inverter or charger, or ActivePowerSetpoint of a battery.
struct LimitedPoint {
  const config::Value* place = nullptr;
  std::string point;
  double max_w = 0;      // what it can do in the limited direction
  double reverse_w = 0;  // and what a battery may be made to do in the other
  std::string measured;  // its power; empty: ActivePower of the same asset
};

enum class GridDirection : std::uint8_t { from_grid, to_grid };

struct GridLimitParameters {
  const config::Value* place = nullptr;
  std::string grid;
  double limit_w = 0;
  double margin_w = 0;
  std::string ordered;  // empty: none is
  std::optional<double> fallback_w;
  Duration hold_for = 15min;
  Duration opens_in = 1min;
  Duration oldest = 5s;
  Duration period = 1s;
  std::optional<double> blind_w;  // none: the limit for export, nothing for import
  std::vector<LimitedPoint> moves;
};

const config::Record<GridLimitParameters>& grid_limit_record();
// What the record can not see; with the place.
void check(const GridLimitParameters& parameters, config::Findings& findings);

class GridLimit final : public Sighted {
 public:
  GridLimit(GridLimitParameters parameters, GridDirection direction);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;
  void be_safe(std::string_view why, Inputs inputs, const Now& now, Decision& decision) override;

 private:
  struct Moved {
    double max_w = 0;
    double reverse_w = 0;
    bool signed_setpoint = false;
    double cap_w = 0;  // in the limited direction
    bool has_cap = false;
  };

  // In force now: configured, ordered, or the fallback.
  double limit(Inputs inputs);
  static double controlled(const Moved& point, double power_w);
  void share_out(double allowed_w, Inputs inputs);
  void keep_unseen(double limit_w, Inputs inputs);
  [[nodiscard]] double blind_share(const Moved& point, double limit_w) const;
  void close_to(Moved& point, double cap_w, bool may_open) const;
  void wish_all(Decision& decision) const;
  [[nodiscard]] double total_cap() const;
  [[nodiscard]] double total_max() const;

  GridLimitParameters parameters_;
  double sign_;  // + of the limited direction: import +1, export -1
  std::optional<double> ordered_w_;
  double unseen_s_ = 0;
  std::vector<Moved> moved_;
};

}  // namespace iw::control
