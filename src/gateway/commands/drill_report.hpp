// The report of a drill: what was done, what was to be seen, and whether it was.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/time.hpp"
#include "gateway/console.hpp"

namespace iw::gateway {

struct DrillCheck {
  std::string expected;
  bool passed = false;
  Duration took{};
  std::string seen = {};
};

struct DrillStep {
  std::string what;  // "loss of grid meter"
  std::vector<DrillCheck> checks = {};
  std::string skipped = {};  // why it was not tried; empty: it was
};

struct DrillReport {
  std::string site;
  bool simulated = false;
  std::vector<DrillStep> steps = {};
  std::string broken_off = {};  // why it ended early; empty: it did not

  [[nodiscard]] bool passed() const;
};

nlohmann::ordered_json to_json(const DrillReport& report);
// A line for each step and check, as they are made.
void show(const DrillStep& step, Console& console);
void show_verdict(const DrillReport& report, Console& console);

}  // namespace iw::gateway
