// Normalizer: the cleaning chains of all devices. Counters belong to points, not to chains: they go on when a
// device is described anew, replaced, or gone for a while. Core executor.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "model/ids.hpp"
#include "model/mrid.hpp"
#include "normalize/chain.hpp"

namespace iw::gateway {

class Normalizer {
 public:
  struct Point {
    model::Mrid mrid;
    normalize::PointSettings how;
  };

  // The points of the device by their index. Nothing happens when they are treated as before.
  void describe(model::DeviceId device, std::vector<Point> points);
  void remove(model::DeviceId device);

  // Valid until the next call. Samples of a device that is not described stay as they are.
  const normalize::Normalized& apply(const model::SampleBatch& raw);

  // The state of a counter, to be kept with its samples; null if the point is none.
  [[nodiscard]] const normalize::CounterState* counter(model::PointId point) const;
  // A reading of an earlier time in the scale of the point; of a counter, as it goes on now.
  [[nodiscard]] double past(model::PointId point, double reading) const;
  // What was kept, before the point is described.
  void restore(const model::Mrid& point, const normalize::CounterState& state) { kept_[point] = state; }

 private:
  struct Device {
    std::vector<Point> points;
    normalize::Chain chain;
  };

  void keep_counters(Device& device);

  std::unordered_map<model::DeviceId, Device> devices_;
  std::unordered_map<model::Mrid, normalize::CounterState> kept_;  // of counters that have no chain now
  normalize::Normalized out_;
};

}  // namespace iw::gateway
