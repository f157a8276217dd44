// What many points of a site say, second after second: of each ten three voltages (0.1 V, wandering), three
// powers (1 W, with a noise of 20 W), two energy counters (1 Wh), a temperature (0.1 degC) and a state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "historian/catalogue.hpp"
#include "historian/samples.hpp"
#include "io/world/seeded_random.hpp"
#include "model/mrid.hpp"

namespace iw::bench {

class Meters {
 public:
  // Stamped on the second, or up to so many ms beside it.
  Meters(std::size_t count, std::int64_t begin_ms, std::int64_t jitter_ms)
      : number_(count), time_ms_(begin_ms), jitter_ms_(jitter_ms), random_(1, "meters") {
    for (std::size_t i = 0; i < count; ++i) {
      recording_.add(historian::SeriesId(static_cast<std::uint32_t>(i)), 0, 0, {});
      number_[i] = first(i);
    }
  }

  static model::Quantity quantity(std::size_t point) {
    switch (point % 10) {
      case 0:
      case 1:
      case 2: return model::Quantity::VoltageLN;
      case 3:
      case 4:
      case 5: return model::Quantity::ActivePower;
      case 6:
      case 7: return model::Quantity::EnergyImport;
      case 8: return model::Quantity::AirTemperature;
      default: return model::Quantity::OperatingState;
    }
  }

  static std::vector<historian::SeriesInfo> infos(std::size_t count) {
    std::vector<historian::SeriesInfo> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back({.mrid = model::derive({}, std::to_string(i)),
                     .path = "site/meter-" + std::to_string(i / 10) + "/" + std::to_string(i % 10),
                     .name = {.quantity = quantity(i)}});
    return all;
  }

  // Of the next second; valid until the one after.
  const historian::Recording& next() {
    historian::Samples& samples = recording_.samples;
    for (std::size_t i = 0; i < number_.size(); ++i) {
      if (i % 10 == 0) stamp_ = time_ms_ + jitter();  // a meter is read in one go
      samples.time_ms[i] = stamp_;
      samples.value[i] = value(i);
    }
    time_ms_ += 1000;
    return recording_;
  }
  // Of the second that next() gives.
  [[nodiscard]] std::int64_t time_ms() const { return time_ms_; }

 private:
  std::int64_t jitter() {
    if (jitter_ms_ == 0) return 0;
    return static_cast<std::int64_t>(random_.next() % static_cast<std::uint64_t>(2 * jitter_ms_ + 1)) -
           jitter_ms_;
  }

  static std::int64_t first(std::size_t point) {
    constexpr std::int64_t starts[] = {2301, 2302, 2299, 4000, 5000, 12'000, 81'234'567, 4'711, 215, 1};
    return starts[point % 10];
  }

  double value(std::size_t i) {
    const std::uint64_t dice = random_.next();
    std::int64_t& number = number_[i];
    switch (quantity(i)) {
      case model::Quantity::VoltageLN:
        number += static_cast<std::int64_t>(dice % 5) - 2;
        number += (2300 - number) / 32;  // it wanders, but not away
        return static_cast<double>(number) / 10;
      case model::Quantity::ActivePower: return static_cast<double>(number + noise(dice));
      case model::Quantity::EnergyImport:
        return static_cast<double>(number += static_cast<std::int64_t>(dice % 3));
      case model::Quantity::AirTemperature:
        number += dice % 16 == 0 ? 1 : dice % 16 == 1 ? -1 : 0;
        return static_cast<double>(number) / 10;
      default:
        if (dice % 1000 == 0) number = static_cast<std::int64_t>(dice >> 32U & 7U);
        return static_cast<double>(number);
    }
  }

  // Nearly normal with a standard deviation of 20: a sum of four even numbers.
  static std::int64_t noise(std::uint64_t dice) {
    std::int64_t sum = 0;
    for (unsigned shift = 0; shift < 64; shift += 16)
      sum += static_cast<std::int64_t>((dice >> shift & 0xFFFFU) % 35) - 17;
    return sum;
  }

  historian::Recording recording_;
  std::vector<std::int64_t> number_;
  std::int64_t time_ms_;
  std::int64_t jitter_ms_;
  std::int64_t stamp_ = 0;
  io::world::SeededRandom random_;
};

}  // namespace iw::bench
