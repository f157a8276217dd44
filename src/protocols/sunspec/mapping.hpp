// Which points of SunSpec are which canonical quantities, and with which sign. Data: the sign rules stand
// here and in the README, nowhere else.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "model/phase.hpp"
#include "model/point.hpp"
#include "model/quantity.hpp"

namespace iw::sunspec {

// From whose side the device counts. Canonical is + into the equipment.
enum class Frame : std::uint8_t {
  canonical,  // no direction, or the canonical one
  generator,  // + is out of the equipment: W and VAr of 10x and 701, DC power
  meter,      // + is import, unless the device says otherwise (MapOptions::meter_sign)
  storage,    // + is discharge, unless the device says otherwise (MapOptions::battery_sign)
  magnitude,  // the sign means something else (excitation, a convention of power factors): it is dropped
};

// Which asset of the device the point belongs to.
enum class Asset : std::uint8_t { inverter, meter, battery, weather };
std::string_view to_string(Asset asset);

// What a percentage is a percentage of, to make watts of it.
enum class PercentOf : std::uint8_t { nothing, max_power, max_charge_power };

// An enumeration: raw value of SunSpec, canonical value, canonical text.
struct Word {
  std::int64_t raw = 0;
  std::int64_t canonical = 0;
  std::string_view text;
};

// What the parts of an asset are called, when a group repeats.
enum class Parts : std::uint8_t {
  none,    // not a group that repeats
  mppt,    // "mppt1", "mppt2"
  port,    // of model 714: by the type of the port
  string,  // "string1"
  sensor,  // the first is the asset itself, then "2", "3"
};

// What few rows need.
struct MappingDetails {
  std::string_view component = {};
  Parts parts = Parts::none;
  std::span<const Word> words = {};
  PercentOf percent_of = PercentOf::nothing;
  bool writable = false;
  bool bit_0 = false;  // of a bit field, only this
};

struct Mapping {
  std::uint16_t first = 0;  // model ids this row holds for
  std::uint16_t last = 0;
  std::string_view point;  // PlacedPoint::family
  model::Quantity quantity{};
  model::Phase phase = model::Phase::none;
  Frame frame = Frame::canonical;
  Asset asset = Asset::inverter;
  MappingDetails more = {};
};

std::span<const Mapping> mappings();

// A device obeys a control only while another point of the model has a value.
struct Enabling {
  std::uint16_t model = 0;
  std::string_view point;  // the control: PlacedPoint::family
  std::string_view by;     // the point that enables it; in no group
  std::uint16_t value = 1;
  std::uint16_t mask = 0xFFFF;  // the bits of it that concern the control
  bool optional = false;        // a device may leave it out, and obeys without it
};

// In the order in which they are to be set.
std::span<const Enabling> enablings();

// A device holds a control until a time is over, which starts anew whenever it is written. What is left out
// by the device is not set.
struct Reverting {
  std::uint16_t model = 0;
  std::string_view point;        // the control: PlacedPoint::family
  std::string_view time;         // in seconds; 0 is never
  std::string_view value = {};   // of the control from then on; none: what is set in the device
  std::string_view enable = {};  // 1 for that value to be in force then
};

std::span<const Reverting> revertings();

model::RateClass rate_of(model::Quantity quantity);

// Where two models of a device give the same quantity, the one that comes first here is taken. Models that
// are not here are not mapped.
std::span<const std::uint16_t> preference();

}  // namespace iw::sunspec
