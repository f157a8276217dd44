// Unit: the canonical units, SI without prefix, and the way from what devices and people write ("kWh", "0.1
// degC") to them. The numbers are UnitSymbol of IEC 61968-9, used unchanged as uom in IEEE 2030.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace iw::model {

enum class Unit : std::uint16_t {
  none = 0,
  A = 5,
  deg = 9,
  degC = 23,
  s = 27,
  V = 29,
  Hz = 33,
  W = 38,
  VA = 61,
  VAr = 63,
  power_factor = 65,
  VAh = 71,
  Wh = 72,
  VArh = 73,
  Ah = 106,
  count = 111,
  W_per_m2 = 179,
  // Without a number in the standards:
  percent = 1000,
  m_per_s,
  currency_per_Wh,
  g_per_kWh,
};

std::string_view to_string(Unit unit);  // "W", "°C", "%"; "" of none and power_factor

// canonical = written x scale + offset: "kWh" is {Wh, 1000, 0}, "°F" is {degC, 5/9, -160/9}.
struct Conversion {
  Unit unit{};
  double scale = 1;
  double offset = 0;

  [[nodiscard]] constexpr double to_canonical(double written) const { return written * scale + offset; }
  [[nodiscard]] constexpr double to_written(double canonical) const { return (canonical - offset) / scale; }

  friend constexpr bool operator==(const Conversion&, const Conversion&) = default;
};

// Knows the SI prefixes m, c, d, k (K), M, G before the units that take them, a factor in front ("0.1 degC"),
// and the spellings in use (var/VAr/VAR, C/degC/°C, ...). What could be read in two ways ("mw") is not a
// unit.
std::optional<Conversion> parse_unit(std::string_view text);

}  // namespace iw::model
