#include "model/unit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numbers>
#include <string_view>

namespace iw::model {
namespace {

enum class Prefix : std::uint8_t { no, yes };

struct Spelling {
  std::string_view text;
  Conversion conversion;
  Prefix prefix = Prefix::no;
};

constexpr Conversion celsius{Unit::degC};
constexpr Conversion fahrenheit{Unit::degC, 5.0 / 9, -160.0 / 9};
constexpr Conversion kelvin{Unit::degC, 1, -273.15};

// The canonical spelling of each unit (to_string) stands first among its rows.
constexpr std::array spellings{
    Spelling{"A", {Unit::A}, Prefix::yes},
    Spelling{"amps", {Unit::A}},
    Spelling{"°", {Unit::deg}},
    Spelling{"deg", {Unit::deg}},
    Spelling{"degrees", {Unit::deg}},
    Spelling{"rad", {Unit::deg, 180 / std::numbers::pi}, Prefix::yes},
    Spelling{"°C", celsius},
    Spelling{"C", celsius},
    Spelling{"degC", celsius},
    Spelling{"deg C", celsius},
    Spelling{"Celsius", celsius},
    Spelling{"celsius", celsius},
    Spelling{"°F", fahrenheit},
    Spelling{"F", fahrenheit},
    Spelling{"degF", fahrenheit},
    Spelling{"deg F", fahrenheit},
    Spelling{"Fahrenheit", fahrenheit},
    Spelling{"fahrenheit", fahrenheit},
    Spelling{"K", kelvin},
    Spelling{"Kelvin", kelvin},
    Spelling{"kelvin", kelvin},
    Spelling{"s", {Unit::s}, Prefix::yes},
    Spelling{"sec", {Unit::s}},
    Spelling{"Secs", {Unit::s}},
    Spelling{"min", {Unit::s, 60}},
    Spelling{"Mins", {Unit::s, 60}},
    Spelling{"h", {Unit::s, 3600}},
    Spelling{"Hrs", {Unit::s, 3600}},
    Spelling{"V", {Unit::V}, Prefix::yes},
    Spelling{"volts", {Unit::V}},
    Spelling{"Hz", {Unit::Hz}, Prefix::yes},
    Spelling{"HZ", {Unit::Hz}, Prefix::yes},
    Spelling{"W", {Unit::W}, Prefix::yes},
    Spelling{"watts", {Unit::W}},
    Spelling{"kw", {Unit::W, 1e3}},
    Spelling{"VA", {Unit::VA}, Prefix::yes},
    Spelling{"var", {Unit::VAr}, Prefix::yes},
    Spelling{"VAr", {Unit::VAr}, Prefix::yes},
    Spelling{"Var", {Unit::VAr}, Prefix::yes},
    Spelling{"VAR", {Unit::VAr}, Prefix::yes},
    Spelling{"cosφ", {Unit::power_factor}},
    Spelling{"cos", {Unit::power_factor}},
    Spelling{"PF", {Unit::power_factor}},
    Spelling{"pf", {Unit::power_factor}},
    Spelling{"VAh", {Unit::VAh}, Prefix::yes},
    Spelling{"VAH", {Unit::VAh}, Prefix::yes},
    Spelling{"Wh", {Unit::Wh}, Prefix::yes},
    Spelling{"WH", {Unit::Wh}, Prefix::yes},
    Spelling{"kwh", {Unit::Wh, 1e3}},
    Spelling{"Ws", {Unit::Wh, 1.0 / 3600}, Prefix::yes},
    Spelling{"J", {Unit::Wh, 1.0 / 3600}, Prefix::yes},
    Spelling{"varh", {Unit::VArh}, Prefix::yes},
    Spelling{"VArh", {Unit::VArh}, Prefix::yes},
    Spelling{"Varh", {Unit::VArh}, Prefix::yes},
    Spelling{"VARh", {Unit::VArh}, Prefix::yes},
    Spelling{"VARH", {Unit::VArh}, Prefix::yes},
    Spelling{"Ah", {Unit::Ah}, Prefix::yes},
    Spelling{"count", {Unit::count}},
    Spelling{"counts", {Unit::count}},
    Spelling{"pulses", {Unit::count}},
    Spelling{"imp", {Unit::count}},
    Spelling{"W/m²", {Unit::W_per_m2}, Prefix::yes},
    Spelling{"W/m2", {Unit::W_per_m2}, Prefix::yes},
    Spelling{"W/m^2", {Unit::W_per_m2}, Prefix::yes},
    Spelling{"%", {Unit::percent}},
    Spelling{"percent", {Unit::percent}},
    Spelling{"pct", {Unit::percent}},
    Spelling{"Pct", {Unit::percent}},
    Spelling{"m/s", {Unit::m_per_s}},
    Spelling{"mps", {Unit::m_per_s}},
    Spelling{"km/h", {Unit::m_per_s, 1 / 3.6}},
    Spelling{"¤/Wh", {Unit::currency_per_Wh}},
    Spelling{"g/kWh", {Unit::g_per_kWh}},
    Spelling{"kg/kWh", {Unit::g_per_kWh, 1e3}},
    Spelling{"kg/MWh", {Unit::g_per_kWh}},
    Spelling{"t/MWh", {Unit::g_per_kWh, 1e3}},
};

const Spelling* find_spelling(std::string_view text) {
  const auto* found = std::ranges::find(spellings, text, &Spelling::text);
  return found == spellings.end() ? nullptr : found;
}

std::optional<double> prefix_scale(char c) {
  switch (c) {
    case 'm': return 1e-3;
    case 'c': return 1e-2;
    case 'd': return 1e-1;
    case 'k':
    case 'K': return 1e3;
    case 'M': return 1e6;
    case 'G': return 1e9;
    default: return std::nullopt;
  }
}

// A price: "EUR/kWh", "¤/MWh". Which currency it is belongs to the tariff, not to the unit.
std::optional<Conversion> parse_price(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view currency = text.substr(0, slash);
  const std::string_view energy = text.substr(slash + 1);
  const bool iso_4217 =
      currency.size() == 3 && std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!iso_4217 && currency != "¤") return std::nullopt;
  if (energy == "Wh") return Conversion{Unit::currency_per_Wh};
  if (energy == "kWh") return Conversion{Unit::currency_per_Wh, 1e-3};
  if (energy == "MWh") return Conversion{Unit::currency_per_Wh, 1e-6};
  return std::nullopt;
}

std::optional<Conversion> parse_spelling(std::string_view text) {
  if (text.empty()) return Conversion{};
  if (const Spelling* whole = find_spelling(text)) return whole->conversion;
  if (const auto scale = prefix_scale(text.front())) {
    const Spelling* rest = find_spelling(text.substr(1));
    if (rest != nullptr && rest->prefix == Prefix::yes) {
      return Conversion{rest->conversion.unit, rest->conversion.scale * *scale, rest->conversion.offset};
    }
  }
  return parse_price(text);
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view to_string(Unit unit) {
  if (unit == Unit::none || unit == Unit::power_factor) return "";
  const auto* found = std::ranges::find(spellings, unit, [](const Spelling& s) { return s.conversion.unit; });
  return found == spellings.end() ? "" : found->text;
}

std::optional<Conversion> parse_unit(std::string_view text) {
  text = trim(text);
  double factor = 1;
  if (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
    if (error != std::errc{} || factor <= 0) return std::nullopt;
    text = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  }
  auto conversion = parse_spelling(text);
  if (conversion) conversion->scale *= factor;
  return conversion;
}

}  // namespace iw::model
