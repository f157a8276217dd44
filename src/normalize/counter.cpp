#include "normalize/counter.hpp"

#include <bit>
#include <cmath>

namespace iw::normalize {
namespace {

constexpr double margin = 1.2;  // power above the rating, and the jitter of the time of reading
constexpr double jitter = 2;    // of the resolution

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// The way from one reading to another: with a modulus the shorter one.
double change(double from, double to, double modulus) {
  const double direct = to - from;
  if (modulus == 0) return direct;
  if (direct < -modulus / 2) return direct + modulus;
  if (direct >= modulus / 2) return direct - modulus;
  return direct;
}

// How much may have been counted. When the clock went back, nobody knows.
double countable(const CounterSettings& settings, Duration elapsed) {
  if (elapsed < Duration{}) return std::numeric_limits<double>::infinity();
  return settings.max_rate * seconds(elapsed) * margin + settings.resolution;
}

bool follows(const CounterSettings& settings, double from, double to, Duration elapsed) {
  const double d = change(from, to, settings.modulus);
  return d >= -jitter * settings.resolution && d <= countable(settings, elapsed);
}

void advance(CounterState& state, const CounterSettings& settings, double reading, WallTime time) {
  if (reading < state.last) {
    state.base += settings.modulus;
    ++state.rollovers;
  }
  state.last = reading;
  state.last_time = time;
}

// The doubted reading was real: go on from it.
void restart(CounterState& state, const CounterSettings& settings) {
  const bool reset = state.doubted < state.last &&
                     state.doubted <= countable(settings, state.doubted_time - state.last_time);
  state.base = reset ? state.extended() : state.extended() - state.doubted;
  state.last = state.doubted;
  state.last_time = state.doubted_time;
  ++state.restarts;
}

}  // namespace

Counted count(CounterState& state, const CounterSettings& settings, double reading, WallTime time) {
  if (std::isnan(state.last)) {
    state.last = reading;
    state.last_time = time;
    return Counted::counted;
  }
  if (!follows(settings, state.last, reading, time - state.last_time)) {
    const bool confirmed =
        !std::isnan(state.doubted) && follows(settings, state.doubted, reading, time - state.doubted_time);
    if (!confirmed) {
      state.doubted = reading;
      state.doubted_time = time;
      return Counted::doubted;
    }
    restart(state, settings);
  }
  state.doubted = std::numeric_limits<double>::quiet_NaN();
  if (change(state.last, reading, settings.modulus) < 0) return Counted::waiting;
  advance(state, settings, reading, time);
  return Counted::counted;
}

void catch_up(CounterState& state, double extended, WallTime time) {
  if (!(extended > state.extended()) || time < state.last_time) return;
  state.last = extended - state.base;
  state.last_time = time;
}

std::array<std::byte, counter_state_size> to_bytes(const CounterState& state) {
  std::array<std::byte, counter_state_size> bytes{};
  Writer writer(bytes);
  for (const double number : {state.last, state.base, state.doubted})
    writer.u64be(std::bit_cast<std::uint64_t>(number));
  for (const WallTime time : {state.last_time, state.doubted_time})
    writer.u64be(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  writer.u32be(state.rollovers);
  writer.u32be(state.restarts);
  return bytes;
}

Result<CounterState> counter_state(Bytes bytes) {
  Reader reader(bytes);
  const auto number = [&] { return std::bit_cast<double>(reader.u64be()); };
  const auto time = [&] { return WallTime(Duration(static_cast<std::int64_t>(reader.u64be()))); };
  CounterState state;
  state.last = number();
  state.base = number();
  state.doubted = number();
  state.last_time = time();
  state.doubted_time = time();
  state.rollovers = reader.u32be();
  state.restarts = reader.u32be();
  const bool plausible = !std::isinf(state.last) && std::isfinite(state.base) && !std::isinf(state.doubted);
  if (!reader.done() || !plausible)
    return fail(ErrorKind::malformed, "not the state of a counter", "begin a new segment");
  return state;
}

}  // namespace iw::normalize
