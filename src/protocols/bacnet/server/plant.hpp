// Plant: what stands behind the objects of a device, and decides what becomes of commands.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/error.hpp"
#include "protocols/bacnet/value.hpp"

namespace iw::bacnet::server {

// A slot of a priority array is to hold a value, or none: Null, which relinquishes.
struct Command {
  ObjectId object;
  std::uint8_t priority = 16;  // 1 the most important
  std::optional<Value> value = {};
  Address by;
};

class Plant {
 public:
  Plant() = default;
  Plant(const Plant&) = delete;
  Plant& operator=(const Plant&) = delete;
  virtual ~Plant() = default;

  // Calls `done`, at once or later, with why it is refused; none: it is in force, and the slot changes.
  using Done = std::move_only_function<void(std::optional<BacnetError>)>;
  virtual void command(const Command& command, Done done) = 0;
};

}  // namespace iw::bacnet::server
