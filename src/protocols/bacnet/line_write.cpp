// Commands: written once, at the priority of the configuration, in the type of the present value; read back
// from the priority array (19.2). What is commanded at the same moment travels in one WritePropertyMultiple,
// where the device has that, and is read back by one question; what it refuses to take so goes alone.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "protocols/bacnet/line_device.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet {
namespace {

using model::WriteResult;
using model::WriteState;

// Octets of a request: before all writes, and of one write at most, a Double at a priority.
constexpr std::size_t request_head = 16;
constexpr std::size_t write_size = 28;

bool is_same(const Value& shown, const Value& wished) {
  const auto a = number(shown);
  const auto b = number(wished);
  return a && b && std::abs(*a - *b) <= 1e-6 * std::max(1.0, std::abs(*b));
}

WriteResult refused(Error error) { return {.state = WriteState::refused, .error = std::move(error)}; }

// The device may have done it: the read-back decides.
bool is_open(const Error& error) { return error.kind == ErrorKind::timeout; }

// What has come by now comes first.
auto after_others(io::Executor& executor) {
  return io::awaiting<bool>([&executor](io::Operation<bool>& operation) -> std::optional<bool> {
    executor.post([&operation] { operation.complete(true); });
    return std::nullopt;
  });
}

}  // namespace

std::vector<std::byte> write_parameters(ObjectId object, PropertyReference property, const Value& value,
                                        std::optional<std::uint8_t> priority) {
  std::array<std::byte, 64> buffer;
  ParameterWriter out(buffer);
  const auto bytes = encoded(value);
  WriteProperty{.object = object, .property = property, .value = bytes, .priority = priority}.encode(out);
  return {out.written().begin(), out.written().end()};
}

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

// In the type that the device gives; it is asked where that was not seen yet.
io::Task<Result<Value>> Line::typed_value(Target target, double wished) {
  auto type = target.device->plan->type_of(target.index);
  if (!type) {
    PropertyClient client(client_, target.binding);
    const auto before =
        co_await client.read({.object = target.point.object, .property = target.point.property});
    if (!before) co_return fail(before.error());
    ParameterReader in(*before);
    const Value value = in.value();
    if (in.ok()) type = bacnet::type_of(value);
  }
  co_return bacnet::value_of(type.value_or(DataType::real),
                             (wished - target.point.offset) / target.point.scale);
}

io::Task<WriteResult> Line::write(model::WriteCommand command) {
  const std::uint64_t id = command.id;
  WriteResult result = co_await write_checked(std::move(command));
  result.id = id;
  co_return result;
}

io::Task<WriteResult> Line::write_checked(model::WriteCommand command) {
  auto target = target_of(command);
  if (!target) co_return refused(std::move(target).error());
  const auto value = co_await typed_value(*target, command.value);
  if (!value) co_return refused(value.error());
  const DevicePtr device = target->device;
  Wish wish{.target = *std::move(target), .value = *value, .command = std::move(command)};
  if (!device->abilities.write_multiple)
    co_return co_await write_alone(std::move(wish.target), wish.value, std::move(wish.command));
  co_return co_await io::awaiting<WriteResult>(
      [&](io::Operation<WriteResult>& operation) -> std::optional<WriteResult> {
        wish.waiting = &operation;
        device->wishes.push_back(std::move(wish));
        if (!std::exchange(device->writing, true)) tasks_.spawn(write_gathered(device));
        return std::nullopt;
      });
}

io::Task<WriteResult> Line::write_alone(Target target, Value value, model::WriteCommand command) {
  if (stopping_) co_return refused({ErrorKind::cancelled, "the line was stopped"});
  if (command.expired(executor_.now())) co_return WriteResult{.state = WriteState::expired};
  const auto written = co_await client_.ask(
      target.binding, ConfirmedService::write_property,
      write_parameters(target.point.object, target.point.property, value, target.priority), true);
  if (!written && !is_open(written.error())) co_return refused(written.error());
  stands(target, command.expiry);
  std::vector<Wish> wishes;
  wishes.push_back({.target = std::move(target), .value = value, .command = std::move(command)});
  std::vector<WriteResult> results = co_await read_back(std::move(wishes));
  if (!written && !results.front().error) results.front().error = written.error();
  co_return std::move(results.front());
}

io::Task<void> Line::carry_out(Wish wish) {
  WriteResult result = co_await write_alone(std::move(wish.target), wish.value, std::move(wish.command));
  wish.waiting->complete(std::move(result));
}

// What is written to a point that can be commanded stands until it expires or we stop.
void Line::stands(const Target& target, Instant expiry) {
  if (!target.priority) return;
  std::erase_if(claims_,
                [&](const Claim& c) { return c.device == target.device && c.point == target.index; });
  claims_.push_back({.device = target.device, .point = target.index, .expiry = expiry});
  keep_at_ = executor_.now();
  client_.wake();
}

// ---- Several at once

// One request at a time; what comes meanwhile goes with the next. A point that is commanded twice is written
// twice, one after the other.
io::Task<void> Line::write_gathered(DevicePtr device) {
  co_await after_others(executor_);
  while (!device->wishes.empty()) {
    const std::size_t room = device->wishes.front().target.binding.limits.max_apdu;
    const std::size_t most = std::max<std::size_t>(1, (room - request_head) / write_size);
    std::vector<Wish> together;
    std::vector<Wish> later;
    for (Wish& wish : device->wishes) {
      const bool again = std::ranges::any_of(
          together, [&](const Wish& other) { return other.target.index == wish.target.index; });
      (again || together.size() == most || !later.empty() ? later : together).push_back(std::move(wish));
    }
    device->wishes = std::move(later);
    if (together.size() > 1 && device->abilities.write_multiple) {
      co_await write_together(device, std::move(together));
    } else {
      for (Wish& wish : together)
        co_await carry_out(std::move(wish));
    }
  }
  device->writing = false;
}

io::Task<void> Line::write_together(DevicePtr device, std::vector<Wish> wishes) {
  const auto done = [](Wish& wish, WriteResult result) { wish.waiting->complete(std::move(result)); };
  for (Wish& wish : wishes) {
    if (stopping_) {
      done(wish, refused({ErrorKind::cancelled, "the line was stopped"}));
    } else if (wish.command.expired(executor_.now())) {
      done(wish, {.state = WriteState::expired});
    } else {
      continue;
    }
    wish.waiting = nullptr;
  }
  std::erase_if(wishes, [](const Wish& wish) { return wish.waiting == nullptr; });
  if (wishes.empty()) co_return;

  std::vector<std::vector<std::byte>> values;
  std::vector<WriteProperty> writes;
  for (const Wish& wish : wishes)
    values.push_back(encoded(wish.value));
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const Target& target = wishes[i].target;
    writes.push_back({.object = target.point.object,
                      .property = target.point.property,
                      .value = values[i],
                      .priority = target.priority});
  }
  std::vector<std::byte> request(request_head + write_size * writes.size());
  ParameterWriter out(request);
  write_write_property_multiple(out, writes);
  request.resize(out.size());
  Reply reply = co_await client_.ask_whole(
      wishes.front().target.binding, ConfirmedService::write_property_multiple, std::move(request), true);

  if (reply.error && !is_open(*reply.error)) {
    // What stands before the one that failed is written, what stands behind it is not (15.10.2).
    const auto refusal = WritePropertyMultipleError::decode(reply.data);
    const auto failed = std::ranges::find_if(wishes, [&](const Wish& wish) {
      return refusal && wish.target.point.object == refusal->first_failed.object &&
             wish.target.point.property.property == refusal->first_failed.property.property;
    });
    if (failed == wishes.end()) {
      // It does not take it, or does not say how far it came: one by one from now on.
      device->abilities.write_multiple = false;
      std::ranges::move(wishes, std::inserter(device->wishes, device->wishes.begin()));
      co_return;
    }
    done(*failed, refused(to_error(refusal->error)));
    device->wishes.insert(device->wishes.begin(), std::make_move_iterator(failed + 1),
                          std::make_move_iterator(wishes.end()));
    wishes.erase(failed, wishes.end());
    reply.error.reset();
  }
  for (const Wish& wish : wishes)
    stands(wish.target, wish.command.expiry);
  if (wishes.empty()) co_return;
  std::vector<io::Operation<WriteResult>*> waiting;
  for (const Wish& wish : wishes)
    waiting.push_back(wish.waiting);
  std::vector<WriteResult> results = co_await read_back(std::move(wishes));
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (reply.error && !results[i].error) results[i].error = reply.error;
    waiting[i]->complete(std::move(results[i]));
  }
}

// ---- What became of it

namespace {

// In the priority array it has to be ours; whether it counts, the present value says. `read`: present value,
// our slot, Current_Command_Priority; the last two of what has a priority array.
WriteResult judged(const ObjectPoint& point, const Value& wished, double value,
                   std::optional<std::uint8_t> priority, std::span<const ReadValue> read) {
  WriteResult result{.state = WriteState::unknown};
  const auto shown = read[0].first();
  if (!shown) return result;
  if (const auto raw = number(*shown)) result.read_back = *raw * point.scale + point.offset;
  // A device that does not show its priority array is taken at its value.
  const auto slot = priority ? read[1].first() : std::nullopt;
  const bool holds = !slot || is_same(*slot, wished);
  if (holds && is_same(*shown, wished)) {
    result.state = WriteState::confirmed;
    result.read_back = value;
    return result;
  }
  result.state = WriteState::not_followed;
  if (!priority) return result;
  const auto by = read[2].first();
  const std::string who =
      by && number(*by) ? fmt::format("priority {}", *number(*by)) : std::string("a higher priority");
  if (slot && holds) {
    result.error = Error{ErrorKind::rejected,
                         fmt::format("the device holds the value at priority {}, but {} commands {}",
                                     *priority, who, to_string(*shown)),
                         "release the higher priority, or configure a higher one for this device"};
  } else {
    result.error = Error{ErrorKind::rejected, "the device acknowledged the value and does not hold it"};
  }
  return result;
}

std::size_t properties_of(const std::optional<std::uint8_t>& priority) { return priority ? 3 : 1; }

}  // namespace

// Of one device.
io::Task<std::vector<WriteResult>> Line::read_back(std::vector<Wish> wishes) {
  PropertyClient client(client_, wishes.front().target.binding);
  client.set_limits(wishes.front().target.binding.limits);
  std::vector<ObjectPropertyReference> asked;
  for (const auto& [target, value, command, waiting] : wishes) {
    const ObjectId object = target.point.object;
    asked.push_back({.object = object, .property = target.point.property});
    if (!target.priority) continue;
    asked.push_back(
        {.object = object,
         .property = {.property = PropertyId::priority_array, .index = std::uint32_t{*target.priority}}});
    asked.push_back({.object = object, .property = {PropertyId::current_command_priority}});
  }
  const auto read = co_await client.read(std::move(asked));
  std::vector<WriteResult> results;
  std::size_t at = 0;
  for (const Wish& wish : wishes) {
    if (!read) {
      results.push_back({.state = WriteState::unknown, .error = read.error()});
      continue;
    }
    results.push_back(judged(wish.target.point, wish.value, wish.command.value, wish.target.priority,
                             std::span(*read).subspan(at)));
    at += properties_of(wish.target.priority);
  }
  co_return results;
}

}  // namespace iw::bacnet
