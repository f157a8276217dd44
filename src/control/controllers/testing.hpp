// For the tests of controllers: a controller on a manual clock, with inputs that are numbers or missing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tzif.hpp"
#include "control/controller.hpp"

namespace iw::control::testing {

class Trial {
 public:
  explicit Trial(Controller& controller) : controller_(controller) {}

  Instant instant{1000s};
  WallTime wall{std::chrono::sys_days(std::chrono::year(2026) / 6 / 15)};
  bool wall_trusted = true;
  std::unique_ptr<const TimeZone> zone = std::make_unique<const Utc>();

  // Time goes on, then a step; what is not there is too old.
  const Decision& step(const std::vector<std::optional<double>>& values, Duration dt = 1s) {
    instant += dt;
    wall += dt;
    inputs_.clear();
    for (const std::optional<double>& value : values) {
      inputs_.push_back(model::FreshValue::from({.value = value.value_or(0), .received = instant}, instant,
                                                value ? Duration(1s) : Duration(-1s)));
    }
    decision_.clear();
    controller_.step(inputs_, {.instant = instant, .wall = wall, .wall_trusted = wall_trusted, .zone = *zone},
                     decision_);
    return decision_;
  }

  [[nodiscard]] const Decision& decision() const { return decision_; }
  // What is wished of an output.
  [[nodiscard]] std::optional<Wish> wish(std::size_t output = 0) const {
    for (const Wish& wish : decision_.wishes) {
      if (wish.output == output) return wish;
    }
    return std::nullopt;
  }
  [[nodiscard]] double value(std::size_t output = 0) const { return wish(output).value().value; }

 private:
  Controller& controller_;
  std::vector<Result<model::FreshValue>> inputs_;
  Decision decision_;
};

}  // namespace iw::control::testing
