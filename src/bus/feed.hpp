// Feed: where a driver puts what it learns. Called on the driver's executor; never blocks, never fails.
#pragma once

#include <string>

#include "base/time.hpp"
#include "model/batch.hpp"
#include "model/point.hpp"

namespace iw::bus {

enum class DeviceState : std::uint8_t {
  starting,  // not yet heard of
  online,    // answers
  offline,   // given up for now; probed from time to time
  removed,   // no longer configured, or disabled
};

std::string_view to_string(DeviceState state);

// A change of a device's state, with the reason in words.
struct DeviceEvent {
  model::DeviceId device;
  WallTime time;
  DeviceState state = DeviceState::starting;
  std::string reason = {};
  std::string remedy = {};
};

class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  // Comes before the first batch of the device, and again whenever its points change.
  virtual void describe(model::DeviceDescription description) = 0;
  // May swap the batch for an empty one with other storage.
  virtual void publish(model::SampleBatch& batch) = 0;
  virtual void report(DeviceEvent event) = 0;
};

}  // namespace iw::bus
