#include "gateway/normalizer.hpp"

#include <algorithm>

namespace iw::gateway {
namespace {

normalize::Chain chain_of(std::span<const Normalizer::Point> points) {
  std::vector<normalize::PointSettings> settings;
  settings.reserve(points.size());
  for (const Normalizer::Point& point : points)
    settings.push_back(point.how);
  return normalize::Chain(settings);
}

bool same(const Normalizer::Point& a, const Normalizer::Point& b) {
  return a.mrid == b.mrid && a.how.quantity == b.how.quantity && a.how.settings == b.how.settings;
}

}  // namespace

void Normalizer::describe(model::DeviceId device, std::vector<Point> points) {
  const auto known = devices_.find(device);
  if (known != devices_.end() && std::ranges::equal(known->second.points, points, same)) return;
  remove(device);
  Device made{.points = std::move(points), .chain = normalize::Chain({})};
  made.chain = chain_of(made.points);
  for (std::size_t i = 0; i < made.points.size(); ++i) {
    normalize::CounterState* counter = made.chain.counter(static_cast<std::uint16_t>(i));
    if (counter == nullptr) continue;
    if (const auto kept = kept_.find(made.points[i].mrid); kept != kept_.end()) {
      *counter = kept->second;
      kept_.erase(kept);
    }
  }
  devices_.emplace(device, std::move(made));
}

void Normalizer::remove(model::DeviceId device) {
  const auto known = devices_.find(device);
  if (known == devices_.end()) return;
  keep_counters(known->second);
  devices_.erase(known);
}

void Normalizer::keep_counters(Device& device) {
  for (std::size_t i = 0; i < device.points.size(); ++i) {
    const normalize::CounterState* counter = device.chain.counter(static_cast<std::uint16_t>(i));
    if (counter != nullptr) kept_[device.points[i].mrid] = *counter;
  }
}

const normalize::Normalized& Normalizer::apply(const model::SampleBatch& raw) {
  const auto known = devices_.find(raw.device);
  if (known == devices_.end()) {
    out_ = {.values = raw, .reports = raw, .late = {}, .summaries = {}};
    return out_;
  }
  known->second.chain.apply(raw, out_);
  out_.values.texts = raw.texts;
  return out_;
}

double Normalizer::past(model::PointId point, double reading) const {
  const auto known = devices_.find(point.device);
  if (known == devices_.end() || point.index >= known->second.points.size()) return reading;
  const double scaled = reading * known->second.points[point.index].how.settings.scale;
  const normalize::CounterState* state = known->second.chain.counter(point.index);
  return state != nullptr && scaled <= state->last ? scaled + state->base : scaled;
}

const normalize::CounterState* Normalizer::counter(model::PointId point) const {
  const auto known = devices_.find(point.device);
  return known != devices_.end() ? known->second.chain.counter(point.index) : nullptr;
}

}  // namespace iw::gateway
