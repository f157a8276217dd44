// Commands: written once, at the priority of the configuration, in the type of the present value; read back
// from the priority array (19.2). What we command we give back: when it expires and when we stop.
#include <algorithm>
#include <array>
#include <cmath>

#include "protocols/bacnet/line_device.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet {
namespace {

using model::WriteResult;
using model::WriteState;

constexpr Duration time_to_stop = 800ms;

std::vector<std::byte> write_parameters(ObjectId object, PropertyReference property, const Value& value,
                                        std::optional<std::uint8_t> priority) {
  std::array<std::byte, 64> buffer;
  ParameterWriter out(buffer);
  const auto bytes = encoded(value);
  WriteProperty{.object = object, .property = property, .value = bytes, .priority = priority}.encode(out);
  return {out.written().begin(), out.written().end()};
}

bool is_same(const Value& shown, const Value& wished) {
  const auto a = number(shown);
  const auto b = number(wished);
  return a && b && std::abs(*a - *b) <= 1e-6 * std::max(1.0, std::abs(*b));
}

std::optional<Value> value_in(const Result<std::vector<std::byte>>& read) {
  if (!read) return std::nullopt;
  ParameterReader in(*read);
  const Value value = in.value();
  return in.ok() ? std::optional(value) : std::nullopt;
}

}  // namespace

struct Line::Target {
  DevicePtr device;
  Binding binding;
  ObjectPoint point;
  std::uint16_t index = 0;
  std::optional<std::uint8_t> priority;
};

Result<Line::Target> Line::target_of(const model::WriteCommand& command) const {
  const DevicePtr device = find(command.point.device);
  if (!device || !device->plan || command.point.index >= device->plan->map().points.size())
    return fail(ErrorKind::not_found, "the device has no such point, or it was not heard of yet");
  const ObjectPoint& point = device->plan->map().points[command.point.index];
  if (!device->binding)
    return fail(ErrorKind::unreachable, fmt::format("{} does not answer", device->config.name));
  if (device->rival) {
    return fail(ErrorKind::denied,
                fmt::format("two devices have the instance {}: at {} and at {}", *device->config.url.instance,
                            to_string(device->binding->address), to_string(*device->rival)),
                "give one of them another instance");
  }
  if (!point.point.writable)
    return fail(ErrorKind::denied, fmt::format("{} can only be read", model::to_string(point.point.name)));
  const double least = point.point.minimum.value_or(-HUGE_VAL);
  const double most = point.point.maximum.value_or(HUGE_VAL);
  if (!std::isfinite(command.value) || command.value < least || command.value > most) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is out of range, allowed are {} to {}", command.value, least, most));
  }
  return Target{.device = device,
                .binding = *device->binding,
                .point = point,
                .index = command.point.index,
                .priority = point.commandable ? std::optional(device->config.priority) : std::nullopt};
}

io::Task<WriteResult> Line::write(model::WriteCommand command) {
  WriteResult result{.id = command.id};
  const auto refuse = [&result](Error error) {
    result.state = WriteState::refused;
    result.error = std::move(error);
    return result;
  };
  auto found = target_of(command);
  if (!found) co_return refuse(std::move(found).error());
  const Target target = std::move(*found);
  const ObjectPoint& point = target.point;

  auto type = target.device->plan->type_of(target.index);
  if (!type) {
    PropertyClient client(client_, target.binding);
    const auto before = co_await client.read({.object = point.object, .property = point.property});
    if (!before) co_return refuse(before.error());
    if (const auto value = value_in(before)) type = bacnet::type_of(*value);
  }
  const auto value = value_of(type.value_or(DataType::real), (command.value - point.offset) / point.scale);
  if (!value) co_return refuse(value.error());
  if (command.expired(executor_.now())) {
    result.state = WriteState::expired;
    co_return result;
  }

  const auto written =
      co_await client_.ask(target.binding, ConfirmedService::write_property,
                           write_parameters(point.object, point.property, *value, target.priority), true);
  if (!written && written.error().kind != ErrorKind::timeout) co_return refuse(written.error());
  if (target.priority) {
    std::erase_if(claims_,
                  [&](const Claim& c) { return c.device == target.device && c.point == target.index; });
    claims_.push_back({.device = target.device, .point = target.index, .expiry = command.expiry});
    keep_at_ = executor_.now();
    client_.wake();
  }
  result = co_await read_back(target, *value, command.value);
  result.id = command.id;
  if (!written && !result.error) result.error = written.error();
  co_return result;
}

// In the priority array it has to be ours; whether it counts, the present value says.
io::Task<WriteResult> Line::read_back(Target target, Value wished, double value) {
  PropertyClient client(client_, target.binding);
  client.set_limits(target.binding.limits);
  const ObjectId object = target.point.object;
  std::vector<ObjectPropertyReference> asked{{.object = object, .property = target.point.property}};
  if (target.priority) {
    asked.push_back(
        {.object = object,
         .property = {.property = PropertyId::priority_array, .index = std::uint32_t{*target.priority}}});
    asked.push_back({.object = object, .property = {PropertyId::current_command_priority}});
  }
  WriteResult result{.state = WriteState::unknown};
  const auto read = co_await client.read(std::move(asked));
  const auto shown = read ? read->front().first() : std::nullopt;
  if (!shown) {
    if (!read) result.error = read.error();
    co_return result;
  }
  if (const auto raw = number(*shown)) result.read_back = *raw * target.point.scale + target.point.offset;
  // A device that does not show its priority array is taken at its value.
  const auto slot = target.priority ? (*read)[1].first() : std::nullopt;
  const bool holds = !slot || is_same(*slot, wished);
  if (holds && is_same(*shown, wished)) {
    result.state = WriteState::confirmed;
    result.read_back = value;
    co_return result;
  }
  result.state = WriteState::not_followed;
  if (!target.priority) co_return result;
  const auto by = (*read)[2].first();
  const std::string who =
      by && number(*by) ? fmt::format("priority {}", *number(*by)) : std::string("a higher priority");
  if (slot && holds) {
    result.error = Error{ErrorKind::rejected,
                         fmt::format("the device holds the value at priority {}, but {} commands {}",
                                     *target.priority, who, to_string(*shown)),
                         "release the higher priority, or configure a higher one for this device"};
  } else {
    result.error = Error{ErrorKind::rejected, "the device acknowledged the value and does not hold it"};
  }
  co_return result;
}

// ---- Giving back

bool Line::release(const Claim& claim) {
  Device& device = *claim.device;
  if (!device.binding || !device.plan) return false;
  const ObjectPoint& point = device.plan->map().points[claim.point];
  ++releasing_;
  return ask({.device = claim.device, .purpose = Purpose::release, .which = claim.point},
             ConfirmedService::write_property,
             write_parameters(point.object, point.property, Null{}, device.config.priority), false);
}

// By one request where the device can, so that much is given back in the short time that there is.
void Line::release_all(const DevicePtr& device, std::vector<std::uint16_t> points) {
  if (!device->binding || !device->plan) return;
  std::vector<std::vector<std::byte>> nulls(points.size(), encoded(Null{}));
  std::vector<WriteProperty> writes;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const ObjectPoint& point = device->plan->map().points[points[i]];
    writes.push_back({.object = point.object,
                      .property = point.property,
                      .value = nulls[i],
                      .priority = device->config.priority});
  }
  std::vector<std::byte> buffer(24 * points.size() + 16);
  ParameterWriter out(buffer);
  write_write_property_multiple(out, writes);
  ++releasing_;
  ask({.device = device, .purpose = Purpose::release_many, .points = std::move(points)},
      ConfirmedService::write_property_multiple, out.written(), false);
}

// What is refused stops the rest: they are given back one by one.
void Line::released_many(const Pending& pending, const Outcome& outcome) {
  releasing_ -= releasing_ > 0 ? 1 : 0;
  if (std::holds_alternative<NoAnswer>(outcome)) return;
  const bool done = std::holds_alternative<Acknowledged>(outcome);
  for (const std::uint16_t point : pending.points) {
    if (done) {
      forget_claim(*pending.device, point);
    } else {
      release({.device = pending.device, .point = point});
    }
  }
}

void Line::forget_claim(Device& device, std::uint64_t point) {
  if (!device.plan || point >= device.plan->map().points.size()) return;
  const ObjectId object = device.plan->map().points[point].object;
  std::erase_if(device.old_claims, [object](const RememberedClaim& claim) { return claim.object == object; });
}

Instant Line::release_expired(Instant now) {
  Instant next = never;
  for (const Claim& claim : claims_) {
    if (claim.expiry <= now) {
      surroundings_.log.info("{}: {} is given back, its time is over", claim.device->config.name,
                             model::to_string(claim.device->plan->map().points[claim.point].point.name));
      release(claim);
    } else {
      next = std::min(next, claim.expiry);
    }
  }
  if (std::erase_if(claims_, [now](const Claim& claim) { return claim.expiry <= now; }) > 0) keep_at_ = now;
  return next;
}

void Line::stop() {
  if (stopping_) return;
  stopping_ = true;
  stop_at_ = executor_.now() + time_to_stop;
  std::map<DevicePtr, std::vector<std::uint16_t>> held;
  for (const Claim& claim : claims_) {
    held[claim.device].push_back(claim.point);
    // Until the device has said that it is given back.
    claim.device->old_claims.push_back({.device = *claim.device->config.url.instance,
                                        .object = claim.device->plan->map().points[claim.point].object,
                                        .priority = claim.device->config.priority});
  }
  claims_.clear();
  for (const auto& [device, points] : held) {
    if (points.size() > 1 && device->abilities.write_multiple) {
      release_all(device, points);
    } else {
      for (const std::uint16_t point : points)
        release({.device = device, .point = point});
    }
  }
  for (const DevicePtr& device : devices_)
    cancel_subscriptions(device);
  if (!running_ || releasing_ == 0) return client_.close();
  client_.wake();
}

void Line::end() {
  for (const DevicePtr& device : std::vector(devices_))
    remove(device, "no longer configured");
  stop();
}

}  // namespace iw::bacnet
