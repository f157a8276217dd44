// Following: a command that goes a part of the way to what is wanted at each step.
//
// What is wanted is computed from the grid and from the battery; when the one is read n steps later than the
// other, the whole way at once would swing for ever. The loop is stable while gain < 2 sin(pi / (2 (2n +
// 1))): 1 for one step, 0.62 for two, 0.45 for three.
#pragma once

#include <optional>

namespace iw::control {

constexpr double following_gain = 0.4;

class Following {
 public:
  // Begins where things are.
  double toward(double wanted, double now) {
    const double from = command_.value_or(now);
    return command_.emplace(from + following_gain * (wanted - from));
  }
  void stop() { command_.reset(); }

 private:
  std::optional<double> command_;
};

}  // namespace iw::control
