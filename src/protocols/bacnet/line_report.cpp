// What a Line puts into the feed.
#include <limits>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

constexpr Quality old_value =
    Quality(Validity::questionable).with(Detail::old_data).with(Detail::no_connection);
constexpr Quality gone = Quality(Validity::invalid).with(Detail::failure).with(Detail::no_connection);

}  // namespace

void Line::describe(const Device& device) {
  const ObjectMap& map = device.plan->map();
  model::DeviceDescription description{
      .device = device.config.id, .name = device.config.name, .identity = map.identity, .points = {}};
  for (const ObjectPoint& point : map.points)
    description.points.push_back(point.point);
  surroundings_.feed.describe(std::move(description));
  for (const std::string& warning : map.warnings)
    surroundings_.log.warning("{}: {}", device.config.name, warning);
}

void Line::publish(Device& device, Instant sent, Instant now) {
  batch_.device = device.config.id;
  batch_.received = now;
  batch_.source_time = executor_.clock().wall_now() - (now - sent) / 2;  // the middle of the request
  surroundings_.feed.publish(batch_);
  batch_.clear();
}

void Line::mark(Device& device, Quality quality) {
  if (!device.plan) return;
  batch_.clear();
  for (std::size_t i = 0; i < device.plan->map().points.size(); ++i)
    batch_.add(static_cast<std::uint16_t>(i), std::numeric_limits<double>::quiet_NaN(), quality);
  const Instant now = executor_.now();
  publish(device, now, now);
}

void Line::report(Device& device, bus::DeviceState state, std::string reason, std::string remedy) {
  if (device.state == state) return;
  device.state = state;
  surroundings_.feed.report({.device = device.config.id,
                             .time = executor_.clock().wall_now(),
                             .state = state,
                             .reason = std::move(reason),
                             .remedy = std::move(remedy)});
}

void Line::failed(const DevicePtr& device, Error why, Instant now) {
  const bool was_given_up = device->back_off.given_up();
  missed(*device);
  device->back_off.failed(now, surroundings_.random.unit());
  const bool given_up = device->back_off.given_up();
  if (!given_up) return mark(*device, old_value);
  // It may have moved: it is looked for again, by a question for it alone.
  device->binding.reset();
  if (was_given_up) return;
  mark(*device, gone);
  report(*device, bus::DeviceState::offline, std::move(why.message), std::move(why.remedy));
}

}  // namespace iw::bacnet
