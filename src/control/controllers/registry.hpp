// The controllers that a configuration can ask for, as a table: what each is called, its parameters, its
// usual level, and how it is made.
//
//   controllers:
//     - name: feed-in limit
//       mode: act
//       export_limit: {grid: grid meter/ActivePower, limit_w: 5000, moves: [...]}
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/claim.hpp"
#include "control/controllers/demand_response.hpp"
#include "control/controllers/dispatch.hpp"
#include "control/controllers/frequency_response.hpp"
#include "control/controllers/grid_limit.hpp"
#include "control/controllers/load_shedding.hpp"
#include "control/controllers/peak_shaving.hpp"
#include "control/controllers/reactive_power.hpp"
#include "control/controllers/rule.hpp"
#include "control/controllers/schedule.hpp"
#include "control/controllers/self_consumption.hpp"
#include "control/controllers/soc_reserve.hpp"

namespace iw::control {

enum class Mode : std::uint8_t {
  off,
  observe,  // it decides, and nothing is moved
  act,
};
std::string_view to_string(Mode mode);
Result<Mode> parse_mode(std::string_view word);

// One entry of `controllers:`. Exactly one of the kinds is given.
struct ControllerSection {
  const config::Value* place = nullptr;
  std::string name;
  Mode mode = Mode::observe;
  std::optional<Level> level;  // none: the usual one of its kind

  std::optional<GridLimitParameters> export_limit, import_limit;
  std::optional<PeakShavingParameters> peak_shaving;
  std::optional<SelfConsumptionParameters> self_consumption;
  std::optional<ScheduleParameters> schedule;
  std::optional<SocReserveParameters> soc_reserve;
  std::optional<DemandResponseParameters> demand_response;
  std::optional<DispatchParameters> dispatch;
  std::optional<FrequencyResponseParameters> frequency_response;
  std::optional<ReactivePowerParameters> reactive_power;
  std::optional<LoadSheddingParameters> load_shedding;
  std::optional<RuleParameters> rule;
};

const config::Record<ControllerSection>& controller_record();

// What the record can not see: one kind each, no name twice, and what each kind checks.
void check(std::span<const ControllerSection> sections, config::Findings& findings);

struct ControllerKind {
  std::string_view name;
  Level level;
  bool (*given)(const ControllerSection&);
  void (*check)(const ControllerSection&, config::Findings&);
  std::unique_ptr<Controller> (*make)(const ControllerSection&);
};

std::span<const ControllerKind> controller_kinds();

struct ConfiguredController {
  std::string name;
  Mode mode = Mode::observe;
  Level level = Level::optimisation;
  std::unique_ptr<Controller> controller;
};

// Of a section that was checked.
ConfiguredController make_controller(const ControllerSection& section);

}  // namespace iw::control
