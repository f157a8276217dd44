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
  if (device->duplicate) {
    return fail(ErrorKind::denied,
                fmt::format("two devices have the instance {}", *device->config.url.instance),
                "give one of them another instance, then restart the line");
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
    client_.wake();
  }
  result = co_await read_back(target, *value, command.value);
  result.id = command.id;
  if (!written && !result.error) result.error = written.error();
  co_return result;
}

// In the priority array it is ours; whether it counts, the present value says.
io::Task<WriteResult> Line::read_back(Target target, Value wished, double value) {
  PropertyClient client(client_, target.binding);
  WriteResult result{.state = WriteState::unknown};
  const auto present =
      co_await client.read({.object = target.point.object, .property = target.point.property});
  const auto shown = value_in(present);
  if (!shown) {
    if (!present) result.error = present.error();
    co_return result;
  }
  if (const auto raw = number(*shown)) result.read_back = *raw * target.point.scale + target.point.offset;
  if (is_same(*shown, wished)) {
    result.state = WriteState::confirmed;
    result.read_back = value;
    co_return result;
  }
  result.state = WriteState::not_followed;
  if (!target.priority) co_return result;
  const auto slot = co_await client.read(
      {.object = target.point.object,
       .property = {.property = PropertyId::priority_array, .index = std::uint32_t{*target.priority}}});
  const auto ours = value_in(slot);
  const auto by = co_await client.read(
      {.object = target.point.object, .property = {PropertyId::current_command_priority}});
  const auto current = value_in(by);
  const std::string who = current && number(*current) ? fmt::format("priority {}", *number(*current))
                                                      : std::string("a higher priority");
  if (ours && is_same(*ours, wished)) {
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
  return ask({.device = claim.device, .purpose = Purpose::release}, ConfirmedService::write_property,
             write_parameters(point.object, point.property, Null{}, device.config.priority), false);
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
  std::erase_if(claims_, [now](const Claim& claim) { return claim.expiry <= now; });
  return next;
}

void Line::stop() {
  if (stopping_) return;
  stopping_ = true;
  stop_at_ = executor_.now() + time_to_stop;
  for (const Claim& claim : claims_)
    release(claim);
  claims_.clear();
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
