// Budget: how much of a line's time its polls take, predicted before anything is connected.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace iw::driver {

struct BudgetItem {
  std::string device;
  std::string what;  // "grid-meter: 80 input registers from 0"
  Duration period{};
  Duration takes{};
  double share = 0;  // of the line's time
};

struct LineBudget {
  std::string url;
  double load = 0;                       // 1: the line is never idle
  std::vector<BudgetItem> items = {};    // the costliest first
  std::optional<Duration> assumed = {};  // what a device takes to answer, where that is a guess
  std::size_t unknown = 0;               // devices whose points are only known when they are asked

  // Counts the item in. sort() when all are there.
  void add(BudgetItem item);
  void sort();
  [[nodiscard]] bool possible() const { return load <= 1; }
};

// In words: "interval 1 s impossible, 1.7 s needed; these reads cost most: ...". Empty when all is well.
std::string complaint(const LineBudget& budget);

}  // namespace iw::driver
