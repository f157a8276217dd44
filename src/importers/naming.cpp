#include "importers/naming.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "model/words.hpp"

namespace iw::importers {
namespace {

using model::Phase;
using model::Quantity;

struct Meaning {
  std::string_view words;  // without blanks and phase
  Quantity quantity;
};

// Names that mean one thing wherever they stand with a unit of that quantity. What might be import or export,
// one phase or all, AC or DC is not here.
constexpr std::array meanings{
    Meaning{"activepower", Quantity::ActivePower},
    Meaning{"realpower", Quantity::ActivePower},
    Meaning{"activepowertotal", Quantity::ActivePower},
    Meaning{"totalactivepower", Quantity::ActivePower},
    Meaning{"totalrealpower", Quantity::ActivePower},
    Meaning{"reactivepower", Quantity::ReactivePower},
    Meaning{"reactivepowertotal", Quantity::ReactivePower},
    Meaning{"totalreactivepower", Quantity::ReactivePower},
    Meaning{"apparentpower", Quantity::ApparentPower},
    Meaning{"apparentpowertotal", Quantity::ApparentPower},
    Meaning{"totalapparentpower", Quantity::ApparentPower},
    Meaning{"powerfactor", Quantity::PowerFactor},
    Meaning{"current", Quantity::Current},
    Meaning{"frequency", Quantity::Frequency},
    Meaning{"gridfrequency", Quantity::Frequency},
    Meaning{"linefrequency", Quantity::Frequency},
    Meaning{"energyimport", Quantity::EnergyImport},
    Meaning{"importenergy", Quantity::EnergyImport},
    Meaning{"importedenergy", Quantity::EnergyImport},
    Meaning{"activeenergyimport", Quantity::EnergyImport},
    Meaning{"importactiveenergy", Quantity::EnergyImport},
    Meaning{"totalenergyimport", Quantity::EnergyImport},
    Meaning{"energyexport", Quantity::EnergyExport},
    Meaning{"exportenergy", Quantity::EnergyExport},
    Meaning{"exportedenergy", Quantity::EnergyExport},
    Meaning{"activeenergyexport", Quantity::EnergyExport},
    Meaning{"exportactiveenergy", Quantity::EnergyExport},
    Meaning{"totalenergyexport", Quantity::EnergyExport},
    Meaning{"reactiveenergyimport", Quantity::ReactiveEnergyImport},
    Meaning{"reactiveenergyexport", Quantity::ReactiveEnergyExport},
    Meaning{"dcvoltage", Quantity::DcVoltage},
    Meaning{"dccurrent", Quantity::DcCurrent},
    Meaning{"dcpower", Quantity::DcPower},
    Meaning{"stateofcharge", Quantity::StateOfCharge},
    Meaning{"batterystateofcharge", Quantity::StateOfCharge},
    Meaning{"soc", Quantity::StateOfCharge},
    Meaning{"batterysoc", Quantity::StateOfCharge},
    Meaning{"stateofhealth", Quantity::StateOfHealth},
    Meaning{"soh", Quantity::StateOfHealth},
    Meaning{"ambienttemperature", Quantity::AirTemperature},
    Meaning{"airtemperature", Quantity::AirTemperature},
    Meaning{"outdoorairtemperature", Quantity::AirTemperature},
    Meaning{"cabinettemperature", Quantity::CabinetTemperature},
    Meaning{"irradiance", Quantity::Irradiance},
    Meaning{"globalhorizontalirradiance", Quantity::Irradiance},
    Meaning{"windspeed", Quantity::WindSpeed},
};

struct PhaseWord {
  std::string_view word;
  Phase phase;
};

constexpr std::array phase_words{
    PhaseWord{"l1", Phase::A},     PhaseWord{"l2", Phase::B},     PhaseWord{"l3", Phase::C},
    PhaseWord{"l1n", Phase::AN},   PhaseWord{"l2n", Phase::BN},   PhaseWord{"l3n", Phase::CN},
    PhaseWord{"an", Phase::AN},    PhaseWord{"bn", Phase::BN},    PhaseWord{"cn", Phase::CN},
    PhaseWord{"l1l2", Phase::AB},  PhaseWord{"l2l3", Phase::BC},  PhaseWord{"l3l1", Phase::CA},
    PhaseWord{"l12", Phase::AB},   PhaseWord{"l23", Phase::BC},   PhaseWord{"l31", Phase::CA},
    PhaseWord{"ab", Phase::AB},    PhaseWord{"bc", Phase::BC},    PhaseWord{"ca", Phase::CA},
    PhaseWord{"phasea", Phase::A}, PhaseWord{"phaseb", Phase::B}, PhaseWord{"phasec", Phase::C},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// "ActivePowerL1" and "active_power l1" are active, power, l1; "Voltage_L1-N" is voltage, l1, n.
std::vector<std::string> split_words(std::string_view name) {
  std::vector<std::string> words;
  bool inside = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_letter(c) && !is_digit(c)) {
      inside = false;
      continue;
    }
    const bool after_small = i > 0 && !is_upper(name[i - 1]) && is_letter(name[i - 1]);
    const bool before_small = i > 0 && i + 1 < name.size() && is_upper(name[i - 1]) &&
                              is_letter(name[i + 1]) && !is_upper(name[i + 1]);
    if (!inside || (is_upper(c) && (after_small || before_small))) words.emplace_back();
    words.back() += model::lower(c);
    inside = true;
  }
  return words;
}

std::optional<Phase> phase_of(std::string_view word) {
  const auto* found = std::ranges::find(phase_words, word, &PhaseWord::word);
  return found == phase_words.end() ? std::nullopt : std::optional(found->phase);
}

std::string join(const std::vector<std::string>& words, std::size_t first, std::size_t end) {
  std::string text;
  for (std::size_t i = first; i < end; ++i)
    text += words[i];
  return text;
}

std::optional<Quantity> quantity_of(std::string_view words, Phase phase) {
  if (words == "voltage") {  // against what, only the phase says
    if (phase == Phase::AN || phase == Phase::BN || phase == Phase::CN) return Quantity::VoltageLN;
    if (phase == Phase::AB || phase == Phase::BC || phase == Phase::CA) return Quantity::VoltageLL;
    return std::nullopt;
  }
  const auto* found = std::ranges::find(meanings, words, &Meaning::words);
  return found == meanings.end() ? std::nullopt : std::optional(found->quantity);
}

// The last words may name the phase: one ("l1", "an"), or two ("l1", "l2"; "phase", "a").
std::optional<model::PointName> named(const std::vector<std::string>& words) {
  for (const std::size_t of_phase : {2U, 1U, 0U}) {
    if (words.size() <= of_phase) continue;
    const std::size_t end = words.size() - of_phase;
    const auto phase = of_phase == 0 ? std::optional(Phase::none) : phase_of(join(words, end, words.size()));
    if (!phase) continue;
    const auto quantity = quantity_of(join(words, 0, end), *phase);
    if (!quantity) continue;
    if (auto name = model::canonical({.quantity = *quantity, .phase = *phase})) return *name;
  }
  return std::nullopt;
}

}  // namespace

std::optional<model::PointName> recognise(std::string_view name, std::string_view unit) {
  auto found = named(split_words(name));
  if (!found) return std::nullopt;
  const auto written = model::parse_unit(unit);
  const model::Unit needed = model::info(found->quantity).unit;
  if (!written) return std::nullopt;
  const bool no_unit_needed = needed == model::Unit::power_factor && written->unit == model::Unit::none;
  if (written->unit != needed && !no_unit_needed) return std::nullopt;
  return found;
}

std::string component_of(std::string_view name) {
  std::string part;
  for (const char c : name) {
    const bool good = is_letter(c) || is_digit(c) || c == '-' || c == '_';
    if (good) {
      part += c;
    } else if (!part.empty() && part.back() != '_') {
      part += '_';
    }
  }
  while (part.ends_with('_'))
    part.pop_back();
  if (part.empty() || model::parse_phase(part)) part.insert(0, "point_");
  return part;
}

std::string quantities_in(std::string_view unit) {
  constexpr std::size_t most = 4;
  const auto written = model::parse_unit(unit);
  if (!written || written->unit == model::Unit::none || written->unit == model::Unit::count) return {};
  std::vector<std::string_view> names;
  for (const model::QuantityInfo& row : model::quantities()) {
    const bool measured =
        row.cim_class == model::CimClass::Analog || row.cim_class == model::CimClass::Accumulator;
    if (measured && row.unit == written->unit && names.size() < most) names.push_back(row.name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace iw::importers
