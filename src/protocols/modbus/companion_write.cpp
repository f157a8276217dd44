#include "protocols/modbus/companion_write.hpp"

#include <cmath>

#include "protocols/modbus/point_write.hpp"

namespace iw::modbus {

using model::WriteResult;
using model::WriteState;

namespace {

// A register of its own, as a number without unit.
RegisterPoint plain(std::uint16_t address) {
  RegisterPoint point;
  point.address = address;
  return point;
}

enum class Repeat : std::uint8_t { always, if_other };  // than what it holds already

// Brings a point of the device to a value that follows from what it holds.
template <class ValueOf>
io::Task<WriteResult> set(UnitAccess& unit, io::Executor& executor, RegisterPoint point, DeviceLimits limits,
                          Repeat repeat, ValueOf value_of) {
  auto held = co_await read_held(unit, point);
  if (!held) co_return WriteResult{.state = WriteState::unknown, .error = std::move(held).error()};
  const std::optional<double> value = value_of(*held);
  if (!value) co_return WriteResult{.state = WriteState::confirmed};
  auto writing = make_writing(point, limits, *held, *value);
  if (!writing) co_return WriteResult{.state = WriteState::refused, .error = std::move(writing).error()};
  if (repeat == Repeat::if_other && holds(*held, *writing))
    co_return WriteResult{.state = WriteState::confirmed};
  co_return co_await write_point(unit, executor, point, std::move(*writing), std::move(held->words));
}

// The register is read first even where all its bits are set: it may not be there.
io::Task<WriteResult> enable_once(UnitAccess& unit, io::Executor& executor, EnableRegister enable,
                                  DeviceLimits limits, Repeat repeat) {
  const auto value_of = [enable](const Held& held) -> std::optional<double> {
    const std::uint16_t before = held.words.front();
    if (before == enable.sentinel) return std::nullopt;
    return (before & ~unsigned{enable.mask}) | (enable.value & enable.mask);
  };
  co_return co_await set(unit, executor, plain(enable.address), limits, repeat, value_of);
}

// The device holds the value and will not obey it.
Error not_enabled(const EnableRegister& enable, const WriteResult& result) {
  std::string why = fmt::format("shows {}", result.read_back.value_or(0));
  if (result.error) why = (result.state == WriteState::refused ? "is refused: " : "") + result.error->message;
  return {result.error ? result.error->kind : ErrorKind::rejected,
          fmt::format("the device holds the value, but register {}, which has to be {} for it to obey, {}",
                      enable.address, enable.value, why),
          "does the device allow to be controlled from outside?"};
}

// ---- falling back

std::uint16_t next_beat(const Heartbeat& heartbeat, std::uint16_t last) {
  switch (heartbeat.beat) {
    case Heartbeat::Beat::constant: return heartbeat.value;
    case Heartbeat::Beat::toggle: return last ^ heartbeat.value;
    case Heartbeat::Beat::count:
      return last >= heartbeat.value ? std::uint16_t{0} : static_cast<std::uint16_t>(last + 1);
  }
  return last;
}

// The device holds the value, and would hold it for ever.
std::optional<Error> unguarded(std::string_view what, std::uint16_t address, const WriteResult& result) {
  if (result.state == WriteState::confirmed) return std::nullopt;
  const std::string why = result.error ? result.error->message : std::string(model::to_string(result.state));
  return Error{result.error ? result.error->kind : ErrorKind::rejected,
               fmt::format("{}, register {}: {}", what, address, why),
               "without it the device does not fall back by itself when the gateway is lost"};
}

RegisterPoint timer_point(const RevertTimer& timer) {
  RegisterPoint point = plain(timer.address);
  point.type = timer.type;
  point.order = timer.order;
  return point;
}

// Counts of the timer, of which 0 means never.
double counts(const RevertTimer& timer, Duration after) {
  return std::ceil(std::chrono::duration<double>(after) / std::chrono::duration<double>(timer.unit));
}

}  // namespace

io::Task<std::optional<Error>> set_revert(UnitAccess& unit, io::Executor& executor, RegisterPoint point,
                                          model::Revert revert, DeviceLimits limits) {
  if (!point.revert_timer) co_return std::nullopt;
  const RevertTimer timer = *point.revert_timer;
  if (revert.after > 0ns && timer.value_address) {
    point.address = *timer.value_address;
    const auto to = [&](const Held&) -> std::optional<double> { return revert.to; };
    const WriteResult value = co_await set(unit, executor, point, limits, Repeat::if_other, to);
    if (auto error = unguarded("the value to fall back to", point.address, value)) co_return error;
  }
  if (revert.after > 0ns && timer.value_enable) {
    const WriteResult enabled =
        co_await enable_once(unit, executor, *timer.value_enable, limits, Repeat::if_other);
    if (auto error = unguarded("what puts that value in force", timer.value_enable->address, enabled))
      co_return error;
  }
  // What never falls back is left alone; a time is written each time, because that starts it anew.
  const double wanted = counts(timer, revert.after);
  const Repeat repeat = revert.after > 0ns ? Repeat::always : Repeat::if_other;
  const auto time = [wanted](const Held&) -> std::optional<double> { return wanted; };
  const WriteResult timed = co_await set(unit, executor, timer_point(timer), limits, repeat, time);
  co_return unguarded("the revert timer", timer.address, timed);
}

io::Task<std::optional<Error>> beat(UnitAccess& unit, io::Executor& executor, RegisterPoint point,
                                    DeviceLimits limits) {
  if (!point.heartbeat) co_return std::nullopt;
  const Heartbeat heartbeat = *point.heartbeat;
  const auto next = [heartbeat](const Held& held) -> std::optional<double> {
    return next_beat(heartbeat, held.words.front());
  };
  const WriteResult beaten =
      co_await set(unit, executor, plain(heartbeat.address), limits, Repeat::always, next);
  co_return unguarded("the heartbeat", heartbeat.address, beaten);
}

io::Task<WriteResult> enable(UnitAccess& unit, io::Executor& executor, std::vector<EnableRegister> registers,
                             DeviceLimits limits) {
  for (const EnableRegister& each : registers) {
    WriteResult result = co_await enable_once(unit, executor, each, limits, Repeat::always);
    if (result.state == WriteState::confirmed) continue;
    result.error = not_enabled(each, result);
    const bool seen = result.read_back || result.state == WriteState::refused;
    result.state = seen ? WriteState::not_followed : WriteState::unknown;
    co_return result;
  }
  co_return WriteResult{.state = WriteState::confirmed};
}

}  // namespace iw::modbus
