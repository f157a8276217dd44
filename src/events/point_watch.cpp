#include "events/point_watch.hpp"

#include "model/fresh_value.hpp"

namespace iw::events {

using To = PointChange::To;

void PointWatch::set_limits(std::uint16_t index, const Limits& limits) {
  if (index >= quality_.size()) return;
  is_limited_.resize(quality_.size());
  is_limited_[index] = true;
  limited_[index] = {.limits = limits};
}

void PointWatch::assume(std::uint16_t index, To was) {
  if (index >= quality_.size()) return;
  const auto limited = limited_.find(index);
  const auto assume_side = [&](Side side) {
    if (limited != limited_.end()) limited->second.side = side;
  };
  switch (was) {
    case To::good: quality_[index] = Known::good; break;
    case To::bad: quality_[index] = Known::bad; break;
    case To::within: assume_side(Side::within); break;
    case To::below: assume_side(Side::below); break;
    case To::above: assume_side(Side::above); break;
  }
}

PointWatch::Side PointWatch::side_of(double value, const Limited& limited) {
  const auto& [limits, side] = limited;
  if (value > limits.high || (side == Side::above && value > limits.high - limits.hysteresis))
    return Side::above;
  if (value < limits.low || (side == Side::below && value < limits.low + limits.hysteresis))
    return Side::below;
  return Side::within;
}

void PointWatch::apply(const model::SampleBatch& batch, Instant now, Duration oldest,
                       std::vector<PointChange>& changes) {
  changes.clear();
  if (lost_) return;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::uint16_t index = batch.index[i];
    if (index >= quality_.size()) continue;
    const model::Quality quality = batch.quality[i];
    const Known known = quality.good() ? Known::good : Known::bad;
    if (known != quality_[index] && !quality.has(model::Detail::no_connection) &&
        (known == Known::good || quality_[index] == Known::good)) {
      quality_[index] = known;
      changes.push_back({.index = index,
                         .to = known == Known::good ? To::good : To::bad,
                         .value = batch.value[i],
                         .quality = quality});
    }
    if (is_limited_.empty() || !is_limited_[index] || !quality.good()) continue;
    const auto fresh = model::FreshValue::from(
        {.value = batch.value[i], .quality = quality, .received = batch.received}, now, oldest);
    if (!fresh) continue;
    Limited& limited = limited_.at(index);
    const Side side = side_of(fresh->value(), limited);
    if (side == limited.side) continue;
    limited.side = side;
    const To to = side == Side::above ? To::above : side == Side::below ? To::below : To::within;
    changes.push_back({.index = index, .to = to, .value = fresh->value(), .quality = quality});
  }
}

}  // namespace iw::events
