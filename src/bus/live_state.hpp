// LiveState: the last value of every point, its quality and its age, answered from memory. Core executor.
//
// A value that could not be read again keeps its number and time and gets the quality that says so: what was
// true is shown as old, never as now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "bus/feed.hpp"
#include "model/batch.hpp"

namespace iw::bus {

struct LiveValue {
  double value = 0;
  model::Quality quality;
  WallTime source_time;  // of the number, not of the last attempt
  Instant received = Instant::min();
};

class LiveState {
 public:
  void apply(const model::SampleBatch& batch);
  void apply(const DeviceEvent& event);
  // Makes room for the device's points; values of points of the same index are forgotten.
  void reset(model::DeviceId device, std::size_t points);
  void remove(model::DeviceId device);

  // None before the first sample of the point.
  [[nodiscard]] std::optional<LiveValue> value(model::PointId point) const;
  [[nodiscard]] std::optional<std::string_view> text(model::PointId point) const;
  [[nodiscard]] const DeviceEvent* state(model::DeviceId device) const;

 private:
  struct Device {
    std::vector<LiveValue> points;               // of which those are known that were received
    std::map<std::uint16_t, std::string> texts;  // few points are
    std::optional<DeviceEvent> last_event;
  };

  Device& device(model::DeviceId id);
  [[nodiscard]] const LiveValue* known(model::PointId point) const;

  std::vector<Device> devices_;  // by DeviceId
};

}  // namespace iw::bus
