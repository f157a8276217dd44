// What a line knows of each of its devices, and what its files share: for line*.cpp only.
#pragma once

#include <map>
#include <optional>

#include "polling/back_off.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/modbus/schedule.hpp"

namespace iw::modbus {

// Good answers at one window before a larger one is tried.
inline constexpr std::uint32_t widen_after = 8;
// What is spent on devices that are given up may take a fifth of the time of a line that others live on.
inline constexpr int probe_share = 5;

inline constexpr model::Quality old_value = model::Quality(model::Validity::questionable)
                                                .with(model::Detail::old_data)
                                                .with(model::Detail::no_connection);
inline constexpr model::Quality gone =
    model::Quality(model::Validity::invalid).with(model::Detail::failure).with(model::Detail::no_connection);

// What silence has cut short is looked at again, ever more rarely: some devices are silent there for ever.
inline constexpr polling::BackOffSettings second_looks{.forgiven = 1, .first = 10s, .longest = 10min};

// The shortest time that a guest waits for an answer, and how long he waits for a moment without polls.
inline constexpr Duration least_patience = 100ms;
inline constexpr Duration guest_waits = 10s;

// A revert timer of a device, as it was told last.
struct RunningTimer {
  model::Revert revert;
  Instant until;
};

struct Line::Device {
  LineDevice config;
  std::optional<Schedule> schedule;  // none until the map is known
  polling::BackOff discovery;        // of a device without a map
  bool discovering = false;
  polling::BackOff second_look{second_looks};  // of one whose map was cut short
  bool removed = false;
  bus::DeviceState state = bus::DeviceState::starting;
  ErrorKind lost_by{};  // while offline
  Instant lost_at{};
  Instant gave_values_at = Instant::min();
  Instant no_path_since = Instant::min();        // by the word of the gateway; never: it gave values since
  std::map<std::uint16_t, RunningTimer> timers;  // by their addresses; none of a device that was away

  // Of the first discovery, or of another look at a device that answers; never: it needs none.
  [[nodiscard]] Instant discovery_due() const {
    if (!config.discover || discovering) return never;
    if (!schedule) return discovery.given_up() ? discovery.retry_at() : Instant{};
    if (!config.map->cut_short || state != bus::DeviceState::online) return never;
    return second_look.retry_at();
  }
};

struct Line::Question {
  UnitId unit;
  const Request& request;
  Instant asked;
  Duration patience;  // for the answer
  io::Operation<Result<ReplyPdu>>* operation = nullptr;
};

}  // namespace iw::modbus
