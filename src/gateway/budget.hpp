// Budget: how much of a line's time its polls take, predicted before anything is connected.
//
// On a serial line the time on the wire is arithmetic; behind TCP the device's own latency decides, and is
// assumed.
#pragma once

#include <string>
#include <vector>

#include "gateway/line_plan.hpp"

namespace iw::gateway {

struct BudgetItem {
  std::string device;
  std::string what;  // "grid-meter: 80 input registers from 0"
  Duration period{};
  Duration takes{};
  double share = 0;  // of the line's time
};

struct LineBudget {
  std::string url;
  double load = 0;                // 1: the line is never idle
  std::vector<BudgetItem> items;  // the costliest first
  bool assumed = false;           // behind TCP: what the devices take to answer is not known
  std::size_t unknown = 0;        // devices whose points are only known when they are asked (SunSpec)

  [[nodiscard]] bool possible() const { return load <= 1; }
};

LineBudget predict(const LinePlan& line);

// What is said when it is impossible, at the place where the interval of the costliest reads is written.
void report(const LineBudget& budget, const LoadedConfig& config, config::Severity severity,
            config::Findings& findings);

// In words: "interval 1 s impossible, 1.7 s needed; these reads cost most: ...". Empty when all is well.
std::string complaint(const LineBudget& budget);

}  // namespace iw::gateway
