// What a configuration may say about control: which points may be moved at all, within which range, what
// holds when nobody wants anything, and who may want something. Left out: nothing is ever written.
//
//   control:
//     enabled: true
//     points:
//       battery/ActivePowerSetpoint:
//         min: -5000
//         max: 5000
//         default: 0
//         ramp: 1000
//         needs: {grid meter/ActivePower: 10s}
//     groups:
//       - {name: storage, point: ActivePowerSetpoint, split: state_of_charge, members: [{asset: battery}]}
//     rights:
//       - {owner: anna, level: operator, points: ["*"]}
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/actuator.hpp"
#include "control/claim_book.hpp"
#include "control/group.hpp"
#include "control/rights.hpp"
#include "model/point.hpp"

namespace iw::gateway {

enum class OnStop : std::uint8_t { fail_safe, keep };

struct ControlPoint {
  double minimum = 0;
  double maximum = 0;
  double fallback = 0;
  double off = 0;
  std::optional<double> ramp;  // units a second
  Duration every = 1s;
  std::optional<Duration> refresh;
  std::optional<Duration> revert;  // of a device that falls back by itself after the time that it is told
  bool once = false;
  std::optional<control::Among> among;  // by the quantity, when left out
  std::optional<double> fail_safe;      // the fallback, when left out
  OnStop on_stop = OnStop::fail_safe;
  bool group = false;                     // it is claimed, and its members are written
  std::map<std::string, Duration> needs;  // by path: how old it may be
  const config::Value* place = nullptr;

  [[nodiscard]] double safe_value() const { return fail_safe.value_or(fallback); }
};

// Points that are claimed as one, under the name of the group in place of an asset's.
struct ControlGroup {
  struct Member {
    std::string asset;
    std::string point = {};            // its path; empty: the point of the group, of the asset
    std::string state_of_charge = {};  // likewise, of what is split by it
    double capacity_wh = 10'000;
    double min_soc_percent = 5;
    double max_soc_percent = 100;
    std::string beside = {};
    std::optional<double> connection_w;
    const config::Value* place = nullptr;
  };
  std::string name;
  model::PointName point;
  control::SplitBy split = control::SplitBy::capability;
  std::vector<Member> members;
  const config::Value* place = nullptr;

  [[nodiscard]] control::GroupRules rules() const;
};

struct ControlSection {
  bool enabled = false;
  Duration settle = 10s;
  int decision_days = 400;
  std::map<std::string, ControlPoint> points;  // by path; with those of the groups
  std::vector<ControlGroup> groups;
  std::vector<control::Right> rights;

  // The points of the groups, which are as those of their members together. Once, after it was read.
  void add_groups(config::Findings& findings);
  [[nodiscard]] bool active() const { return enabled && !points.empty(); }
  [[nodiscard]] std::vector<control::PointRules> rules() const;
  // What contradicts itself.
  void check(config::Findings& findings) const;
};

const config::Record<ControlSection>& control_record();

// Whether the quantity of the point is a bound, of which the strictest counts.
bool is_limit(std::string_view path);

}  // namespace iw::gateway
