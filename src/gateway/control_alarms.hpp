// ControlAlarms: what people are to know of one controlled point: that its device does not do what it is told
// for longer than a moment, and that it is held at its fail-safe value. Pure, for one thread.
#pragma once

#include <optional>
#include <string>

#include "control/actuator.hpp"
#include "events/alarms.hpp"

namespace iw::gateway {

class ControlAlarms {
 public:
  // A condition begins with a cause, and ends without.
  struct Change {
    events::Kind kind{};
    std::optional<events::Cause> cause;
  };
  // `lost`: why it is held safe; empty: it is not.
  std::optional<Change> fail_safe(const std::string& lost, double value);
  // A device that does not answer has an alarm of its own.
  std::optional<Change> follow(const control::Actuator::Status& status, double wanted, bool reachable,
                               Instant now);

  // When follow() may have something to tell by itself.
  [[nodiscard]] Instant wake() const;

 private:
  // None: nobody knows what was told before the start.
  std::optional<bool> safe_;
  std::optional<bool> amiss_;
  Instant amiss_since_ = never;
  bool amiss_now_ = false;  // and not being tried again
};

}  // namespace iw::gateway
