// Feed: where a driver puts what it learns. Called on the driver's executor; never blocks, never fails.
#pragma once

#include <string>
#include <vector>

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

// What is wrong with a device by its own word, or about it on its network.
struct DeviceAlarm {
  enum class Kind : std::uint8_t {
    reported,   // the device says so
    duplicate,  // another device has its address
  };
  Kind kind = Kind::reported;
  std::string what = {};  // of the device: "analog-input 7"; unique among its alarms of the kind
  std::string message = {};
  std::string remedy = {};

  friend bool operator==(const DeviceAlarm&, const DeviceAlarm&) = default;
};

// All that is active; what is not in it any more is over.
struct DeviceAlarms {
  model::DeviceId device;
  std::vector<DeviceAlarm> active;
};

// Values that a device had kept while nobody asked: for the history only. Columns of the same length, as the
// device measured them, in the canonical unit.
struct PastValues {
  model::PointId point;
  std::vector<WallTime> time = {};
  std::vector<double> value = {};
  std::vector<model::Quality> quality = {};
};

// What a driver has to know after a restart: it finds the text in its memory folder under this name.
struct DriverMemory {
  std::string name;
  std::string text;
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
  // What few drivers have; who does not care for it passes it over.
  virtual void state(DeviceAlarms /*alarms*/) {}
  virtual void recall(PastValues /*values*/) {}
  virtual void remember(DriverMemory /*memory*/) {}

  // An empty batch to fill and publish. All share it, so that its storage is warm: it stays empty between two
  // uses.
  [[nodiscard]] model::SampleBatch& empty_batch() { return empty_batch_; }

 private:
  model::SampleBatch empty_batch_;
};

}  // namespace iw::bus
