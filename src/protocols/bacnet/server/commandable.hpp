// Commandable: the priority array behind a Present_Value (19.2): sixteen slots, the most important one that
// is not Null counts, else Relinquish_Default.
#pragma once

#include <array>
#include <optional>

#include <tl/expected.hpp>

#include "protocols/bacnet/error.hpp"
#include "protocols/bacnet/value.hpp"

namespace iw::bacnet::server {

constexpr std::size_t priorities = 16;

class Commandable {
 public:
  // Present_Value is of the type of the default: Real, Enumerated or Unsigned.
  explicit Commandable(const Value& relinquish_default, std::optional<double> minimum = {},
                       std::optional<double> maximum = {})
      : relinquish_default_(relinquish_default), minimum_(minimum), maximum_(maximum) {}

  // Why this can not be written into a slot; none: it can. Null can always.
  [[nodiscard]] std::optional<BacnetError> judge(const Value& value) const;

  // priority: 1 to 16.
  void set(std::uint8_t priority, std::optional<Value> value) { slots_.at(priority - 1U) = value; }
  void set_relinquish_default(const Value& value) { relinquish_default_ = value; }

  [[nodiscard]] const std::optional<Value>& slot(std::uint8_t priority) const {
    return slots_.at(priority - 1U);
  }
  [[nodiscard]] const Value& relinquish_default() const { return relinquish_default_; }
  // Current_Command_Priority; none: all slots are Null.
  [[nodiscard]] std::optional<std::uint8_t> current() const;
  [[nodiscard]] const Value& present() const;

 private:
  std::array<std::optional<Value>, priorities> slots_;
  Value relinquish_default_;
  std::optional<double> minimum_;
  std::optional<double> maximum_;
};

}  // namespace iw::bacnet::server
