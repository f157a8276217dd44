// Schedule: wishes by day of the week and time of day, in local time of the site.
//
// A window is the time between two instants of a date, so that the days on which the clocks change have it
// once: what begins in the hour that spring leaves out begins when that hour would have, and is as long as
// always where the clock has no later time for its end; what lies in the hour that autumn repeats is the
// first of the two. A window whose end is not after its beginning ends on the next day. Of several windows
// that are on for a point, the first in the list counts.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/schedule_clock.hpp"
#include "control/controllers/wish_parameters.hpp"

namespace iw::control {

enum class Weekday : std::uint8_t { sunday, monday, tuesday, wednesday, thursday, friday, saturday };

struct WindowParameters : WishParameters {
  std::vector<Weekday> days;  // empty: all
  std::chrono::minutes from{};
  std::chrono::minutes to{24 * 60};
};

struct ScheduleParameters {
  const config::Value* place = nullptr;
  std::vector<WindowParameters> windows;
  Duration period = 1s;
};

const config::Record<ScheduleParameters>& schedule_record();
void check(const ScheduleParameters& parameters, config::Findings& findings);

class Schedule final : public Sighted {
 public:
  explicit Schedule(ScheduleParameters parameters);

  [[nodiscard]] std::string state() const override;
  Result<void> restore(std::string_view state) override;

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  ScheduleParameters parameters_;
  std::vector<std::size_t> outputs_;  // of each window
  ScheduleClock clock_;
};

}  // namespace iw::control
