#include "protocols/bacnet/units.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "protocols/bacnet/tables.hpp"

namespace iw::bacnet {
namespace {

struct Spelling {
  std::uint32_t units;
  std::string_view text;
};

// Sorted by number.
constexpr std::array spellings{
    Spelling{2, "mA"},      Spelling{3, "A"},       Spelling{5, "V"},         Spelling{6, "kV"},
    Spelling{7, "MV"},      Spelling{8, "VA"},      Spelling{9, "kVA"},       Spelling{10, "MVA"},
    Spelling{11, "var"},    Spelling{12, "kvar"},   Spelling{13, "Mvar"},     Spelling{14, "deg"},
    Spelling{15, "pf"},     Spelling{16, "J"},      Spelling{17, "kJ"},       Spelling{18, "Wh"},
    Spelling{19, "kWh"},    Spelling{27, "Hz"},     Spelling{35, "W/m2"},     Spelling{47, "W"},
    Spelling{48, "kW"},     Spelling{49, "MW"},     Spelling{62, "degC"},     Spelling{63, "K"},
    Spelling{64, "degF"},   Spelling{71, "h"},      Spelling{72, "min"},      Spelling{73, "s"},
    Spelling{74, "m/s"},    Spelling{75, "km/h"},   Spelling{90, "deg"},      Spelling{98, "%"},
    Spelling{124, "mV"},    Spelling{126, "MJ"},    Spelling{129, "kHz"},     Spelling{130, "MHz"},
    Spelling{132, "mW"},    Spelling{146, "MWh"},   Spelling{159, "0.001 s"}, Spelling{203, "varh"},
    Spelling{204, "kvarh"}, Spelling{205, "Mvarh"}, Spelling{239, "VAh"},     Spelling{240, "kVAh"},
    Spelling{241, "MVAh"},  Spelling{242, "varh"},  Spelling{243, "kvarh"},   Spelling{244, "Mvarh"},
    Spelling{47925, "GJ"},  Spelling{47927, "GWh"},
};

}  // namespace

std::string_view unit_spelling(std::uint32_t units) {
  const auto found = std::ranges::lower_bound(spellings, units, {}, &Spelling::units);
  return found != spellings.end() && found->units == units ? found->text : std::string_view();
}

std::optional<model::Conversion> conversion_of(std::uint32_t units) {
  const auto text = unit_spelling(units);
  if (text.empty()) return std::nullopt;
  return model::parse_unit(text);
}

std::string unit_name(std::uint32_t units) {
  auto name = name_of(unit_names(), units);
  if (name.empty()) name = unit_spelling(units);
  return name.empty() ? fmt::format("bacnet:{}", units) : std::string(name);
}

}  // namespace iw::bacnet
