#include "bus/live_state.hpp"

namespace iw::bus {

LiveState::Device& LiveState::device(model::DeviceId id) {
  if (devices_.size() <= id.value()) devices_.resize(id.value() + std::size_t{1});
  return devices_[id.value()];
}

void LiveState::reset(model::DeviceId id, std::size_t points) {
  device(id).points.assign(points, {});
  device(id).texts.clear();
}

void LiveState::remove(model::DeviceId id) { device(id) = {}; }

void LiveState::apply(const DeviceEvent& event) { device(event.device).last_event = event; }

void LiveState::apply(const model::SampleBatch& batch) {
  Device& from = device(batch.device);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.index[i] >= from.points.size()) continue;
    LiveValue& live = from.points[batch.index[i]];
    live.quality = batch.quality[i];
    const bool measured = !batch.quality[i].has(model::Detail::old_data) &&
                          batch.quality[i].validity() != model::Validity::invalid;
    if (measured || live.received == Instant::min()) {
      live.value = batch.value[i];
      live.source_time = batch.source_time;
      live.received = batch.received;
    }
  }
  for (const model::TextSample& sample : batch.texts) {
    if (sample.index >= from.points.size()) continue;
    from.points[sample.index] = {
        .value = 0, .quality = sample.quality, .source_time = batch.source_time, .received = batch.received};
    from.texts[sample.index] = sample.text;
  }
}

const LiveValue* LiveState::known(model::PointId point) const {
  if (point.device.value() >= devices_.size()) return nullptr;
  const std::vector<LiveValue>& points = devices_[point.device.value()].points;
  if (point.index >= points.size() || points[point.index].received == Instant::min()) return nullptr;
  return &points[point.index];
}

std::optional<LiveValue> LiveState::value(model::PointId point) const {
  const LiveValue* live = known(point);
  return live != nullptr ? std::optional(*live) : std::nullopt;
}

std::optional<std::string_view> LiveState::text(model::PointId point) const {
  if (known(point) == nullptr) return std::nullopt;
  const auto& texts = devices_[point.device.value()].texts;
  const auto text = texts.find(point.index);
  return text != texts.end() ? std::optional<std::string_view>(text->second) : std::nullopt;
}

const DeviceEvent* LiveState::state(model::DeviceId id) const {
  if (id.value() >= devices_.size() || !devices_[id.value()].last_event) return nullptr;
  return &*devices_[id.value()].last_event;
}

}  // namespace iw::bus
