// The write of a Line: write once, read back (point_write.hpp), then what is set with the point
// (companion_write.hpp).
//
// The point is read beforehand only when the write depends on it: on its scale factor, or on the other bits
// of its register.

#include <cmath>

#include "protocols/modbus/companion_write.hpp"
#include "protocols/modbus/point_write.hpp"

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

}  // namespace

io::Task<WriteResult> Line::write(model::WriteCommand command) {
  WriteResult result{.id = command.id};
  const auto refuse = [&result](Error error) {
    result.state = WriteState::refused;
    result.error = std::move(error);
    return result;
  };

  const std::optional<WriteTarget> target = write_target(command.point);
  if (!target)
    co_return refuse({ErrorKind::not_found, "the device has no such point, or it was not heard of yet"});
  const auto& [unit, point, limits, polled] = *target;
  if (auto allowed = check(point, command.value); !allowed) co_return refuse(std::move(allowed).error());

  if (auto error = not_connected()) co_return refuse(std::move(*error));
  LineUnit access(*this, unit);
  Held before{.words = polled.value_or(std::vector<std::uint16_t>{})};
  if (point.scale_register || is_partial(point)) {
    auto held = co_await read_held(access, point);
    if (!held) co_return refuse(std::move(held).error());
    before = std::move(*held);
  }
  auto writing = make_writing(point, limits, before, command.value);
  if (!writing) co_return refuse(std::move(writing).error());
  if (command.expired(executor_.now())) {
    result.state = WriteState::expired;
    co_return result;
  }

  result = co_await write_point(access, executor_, point, std::move(*writing), std::move(before.words));
  result.id = command.id;
  if (result.state == WriteState::confirmed) {
    if (command.revert) result.unguarded = co_await guard(access, executor_, point, *command.revert, limits);
    WriteResult enabled = co_await enable(access, executor_, point.enables, limits);
    result.state = enabled.state;
    result.error = std::move(enabled.error);
  }
  co_return result;
}

}  // namespace iw::modbus
