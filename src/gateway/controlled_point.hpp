// ControlledPoint: what the desk keeps of one point of the configuration, beside the claims on it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "control/actuator.hpp"
#include "gateway/control_alarms.hpp"
#include "gateway/control_config.hpp"
#include "gateway/decision_note.hpp"
#include "gateway/device_fallback.hpp"
#include "gateway/fail_safe.hpp"
#include "model/ids.hpp"

namespace iw::gateway {

struct ControlledPoint {
  ControlPoint how;
  control::Actuator actuator;
  DeviceFallback fallback = {};  // of its device, once that is heard of
  std::string unguarded = {};    // why the device would not fall back by itself; empty: it would
  std::optional<model::PointId> id = {};
  std::optional<model::PointId> measured = {};  // what it moves
  std::string trouble = {};                     // why it can not be written; empty: it can
  FailSafe fail_safe = {};
  control::ClaimId safe = {};  // the claim that holds it at its fail-safe value
  // What is on record, and what people were told.
  DecisionNote note = {};
  std::pair<control::ClaimId, model::WriteState> audited = {};
  ControlAlarms alarms = {};
};

}  // namespace iw::gateway
