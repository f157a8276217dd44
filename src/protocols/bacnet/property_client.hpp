// Reading many properties of one device, now: for discovery and the command line. What a device can not
// answer at once is asked for in smaller pieces.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/task.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet {

// A property as read; of what could not be read, the error.
struct ReadValue {
  ObjectPropertyReference property;
  std::vector<std::byte> value = {};  // encoded
  std::optional<BacnetError> error = {};

  [[nodiscard]] bool ok() const { return !error; }
  // The first value in it, when it is a primitive one. Looks into this.
  [[nodiscard]] std::optional<Value> first() const;
};

class PropertyClient {
 public:
  PropertyClient(Client& client, Binding device) : client_(client), device_(device) {}

  // One after the other; an Error of the device fails.
  io::Task<Result<std::vector<std::byte>>> read(ObjectPropertyReference property);
  // In the order of the question. Fails when the device does not answer; what it refuses is in the values.
  io::Task<Result<std::vector<ReadValue>>> read(std::vector<ObjectPropertyReference> properties);

  [[nodiscard]] const Binding& device() const { return device_; }
  void set_limits(PeerLimits limits);

 private:
  io::Task<Result<std::vector<ReadValue>>> read_piece(std::vector<ObjectPropertyReference> properties);
  io::Task<Result<std::vector<ReadValue>>> read_one(ObjectPropertyReference property);
  static void take(Bytes data, std::vector<ReadValue>& values);

  Client& client_;
  Binding device_;
  std::size_t at_once_ = 12;  // properties in a request
};

}  // namespace iw::bacnet
