// The write of a Line: write once, read back (point_write.hpp), and what is set with the point
// (companion_write.hpp).
//
// A device that is to fall back by itself is told so before the value, when it was not before, so that it
// never holds the value of a gateway that was lost in between; and that it is to hold a value after it. The
// point is read beforehand only when the write depends on it: on its scale factor, or on the other bits of
// its register.
//
// Writes that depend on what they do not own alone go one at a time (queued_write.hpp); those of whole
// registers wait for nobody.

#include <cmath>

#include "protocols/modbus/companion_write.hpp"
#include "protocols/modbus/line_device.hpp"
#include "protocols/modbus/point_write.hpp"
#include "protocols/modbus/read_ahead.hpp"

namespace iw::modbus {
namespace {

using model::WriteResult;
using model::WriteState;

Result<void> check(const RegisterPoint& point, double value) {
  if (!point.point.writable) {
    return fail(ErrorKind::denied, fmt::format("{} can only be read", model::to_string(point.point.name)));
  }
  const double least = point.point.minimum.value_or(-HUGE_VAL);
  const double most = point.point.maximum.value_or(HUGE_VAL);
  if (!std::isfinite(value) || value < least || value > most) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is out of range, allowed are {} to {}", value, least, most));
  }
  return {};
}

// Other points may have a part in what is set with it.
bool shares_registers(const model::WriteCommand& command, const RegisterPoint& point) {
  return is_partial(point) || !point.enables.empty() ||
         (command.revert && (point.revert_timer || point.heartbeat));
}

}  // namespace

bool Line::timer_runs(const model::WriteCommand& command, const RegisterPoint& point) {
  const Device* device = find(command.point.device);
  if (device == nullptr || !command.revert || !point.revert_timer) return false;
  const auto timer = device->timers.find(point.revert_timer->address);
  return timer != device->timers.end() && timer->second.revert == *command.revert &&
         executor_.now() < timer->second.until;
}

io::Task<std::optional<Error>> Line::set_timer(UnitAccess& unit, const model::WriteCommand& command,
                                               const RegisterPoint& point, DeviceLimits limits) {
  if (!command.revert || !point.revert_timer) co_return std::nullopt;
  const Instant begun = executor_.now();
  auto error = co_await set_revert(unit, executor_, point, *command.revert, limits);
  Device* device = find(command.point.device);
  if (device == nullptr) co_return error;
  if (error || command.revert->after == 0ns) {
    device->timers.erase(point.revert_timer->address);
  } else {
    device->timers[point.revert_timer->address] = {*command.revert, begun + command.revert->after};
  }
  co_return error;
}

// What the command is about, if it may be carried out.
Result<Line::WriteTarget> Line::admit(const model::WriteCommand& command) {
  auto target = write_target(command.point);
  if (!target) return fail(ErrorKind::not_found, "the device has no such point, or it was not heard of yet");
  if (auto allowed = check(target->point(), command.value); !allowed) return fail(std::move(allowed).error());
  if (auto error = not_connected()) return fail(std::move(*error));
  return std::move(*target);
}

io::Task<WriteResult> Line::write(model::WriteCommand command) {
  WriteResult result{.id = command.id, .state = WriteState::refused};
  Result<WriteTarget> target = admit(command);
  QueuedWrite queued(write_queue_);
  if (target && shares_registers(command, target->point())) {
    co_await queued.turn(target->unit);
    target = admit(command);  // the device may be gone since, or the connection
    if (command.expired(executor_.now())) {
      result.state = WriteState::expired;
      co_return result;
    }
  }
  if (!target) {
    result.error = target.error();
    co_return result;
  }
  const RegisterPoint& point = target->point();
  const DeviceLimits& limits = target->map->limits;
  LineUnit itself(*this, target->unit);
  ReadAhead access(itself, point, limits);
  Held before{.words = target->polled};
  if (point.scale_register || is_partial(point)) {
    auto held = co_await read_held(access, point);
    if (!held) {
      result.error = std::move(held).error();
      co_return result;
    }
    before = std::move(*held);
  }
  auto writing = make_writing(point, limits, before, command.value);
  if (!writing) {
    result.error = std::move(writing).error();
    co_return result;
  }
  if (command.expired(executor_.now())) {
    result.state = WriteState::expired;
    co_return result;
  }

  const bool falls_back = command.revert && command.revert->after > 0ns;
  bool timed = false;
  if (falls_back && !timer_runs(command, point)) {
    timed = !co_await set_timer(access, command, point, limits);
    if (command.expired(executor_.now())) {
      result.state = WriteState::expired;
      co_return result;
    }
  }

  result = co_await write_point(access, executor_, point, std::move(*writing), std::move(before.words));
  result.id = command.id;
  const bool holds = result.state == WriteState::confirmed || result.state == WriteState::limited;
  if (command.revert && holds) {
    if (!timed) result.unguarded = co_await set_timer(access, command, point, limits);
    if (!result.unguarded) result.unguarded = co_await beat(access, executor_, point, limits);
  }
  if (result.state == WriteState::confirmed) {
    WriteResult enabled = co_await enable(access, executor_, point.enables, limits);
    result.state = enabled.state;
    result.error = std::move(enabled.error);
  }
  co_return result;
}

}  // namespace iw::modbus
