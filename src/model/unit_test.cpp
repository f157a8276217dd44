#include "model/unit.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace iw::model;

namespace {

void check(std::string_view text, Unit unit, double scale, double offset = 0) {
  CAPTURE(text);
  const auto conversion = parse_unit(text);
  REQUIRE(conversion.has_value());
  CHECK(conversion->unit == unit);
  CHECK(conversion->scale == doctest::Approx(scale).epsilon(1e-12));
  CHECK(conversion->offset == doctest::Approx(offset).epsilon(1e-12));
}

}  // namespace

TEST_CASE("the text of every unit reads back as the unit itself") {
  for (const Unit unit : {Unit::A, Unit::deg, Unit::degC, Unit::s, Unit::V, Unit::Hz, Unit::W, Unit::VA,
                          Unit::VAr, Unit::VAh, Unit::Wh, Unit::VArh, Unit::Ah, Unit::count, Unit::W_per_m2,
                          Unit::percent, Unit::m_per_s, Unit::currency_per_Wh, Unit::g_per_kWh}) {
    CAPTURE(static_cast<int>(unit));
    CHECK_FALSE(to_string(unit).empty());
    CHECK(parse_unit(to_string(unit)) == Conversion{unit});
  }
  CHECK(to_string(Unit::none).empty());
  CHECK(to_string(Unit::power_factor).empty());
  CHECK(parse_unit("") == Conversion{});
}

TEST_CASE("prefixes scale the units that take them") {
  check("kW", Unit::W, 1e3);
  check("MW", Unit::W, 1e6);
  check("GW", Unit::W, 1e9);
  check("mW", Unit::W, 1e-3);
  check("mA", Unit::A, 1e-3);
  check("cA", Unit::A, 1e-2);
  check("dV", Unit::V, 1e-1);
  check("mV", Unit::V, 1e-3);
  check("kV", Unit::V, 1e3);
  check("mHz", Unit::Hz, 1e-3);
  check("kVA", Unit::VA, 1e3);
  check("Wh", Unit::Wh, 1);
  check("kWh", Unit::Wh, 1e3);
  check("MWh", Unit::Wh, 1e6);
  check("kVAh", Unit::VAh, 1e3);
  check("mAh", Unit::Ah, 1e-3);
  check("ms", Unit::s, 1e-3);
  check("kW/m2", Unit::W_per_m2, 1e3);
}

TEST_CASE("spellings in use lead to one unit") {
  for (const char* text : {"var", "VAr", "VAR", "Var"})
    check(text, Unit::VAr, 1);
  for (const char* text : {"kvar", "kVAr", "kVAR", "KVAR"})
    check(text, Unit::VAr, 1e3);
  for (const char* text : {"varh", "VArh", "VARh", "Varh"})
    check(text, Unit::VArh, 1);
  for (const char* text : {"degC", "°C", "C", "Celsius"})
    check(text, Unit::degC, 1);
  for (const char* text : {"%", "percent", "Pct"})
    check(text, Unit::percent, 1);
  for (const char* text : {"kWh", "KWH", "kwh", " kWh "})
    check(text, Unit::Wh, 1e3);
  for (const char* text : {"W/m²", "W/m2", "W/m^2"})
    check(text, Unit::W_per_m2, 1);
  for (const char* text : {"cosφ", "PF"})
    check(text, Unit::power_factor, 1);
  check("deg", Unit::deg, 1);
  check("rad", Unit::deg, 57.295779513082320877);
  check("km/h", Unit::m_per_s, 0.27777777777777778);
}

TEST_CASE("time is in seconds") {
  check("s", Unit::s, 1);
  check("min", Unit::s, 60);
  check("h", Unit::s, 3600);
}

TEST_CASE("joules are energy in Wh") {
  CHECK(parse_unit("MJ")->to_canonical(3.6) == doctest::Approx(1000));
  CHECK(parse_unit("kJ")->to_canonical(3.6) == doctest::Approx(1));
  CHECK(parse_unit("J")->to_canonical(3600) == doctest::Approx(1));
}

TEST_CASE("temperatures have an offset, and come back") {
  for (const char* text : {"°F", "degF", "F", "Fahrenheit"}) {
    const auto fahrenheit = parse_unit(text).value();
    CHECK(fahrenheit.unit == Unit::degC);
    CHECK(fahrenheit.to_canonical(32) == doctest::Approx(0).epsilon(1e-12));
    CHECK(fahrenheit.to_canonical(212) == doctest::Approx(100));
    CHECK(fahrenheit.to_canonical(-40) == doctest::Approx(-40));
    CHECK(fahrenheit.to_written(100) == doctest::Approx(212));
  }
  const auto kelvin = parse_unit("K").value();
  CHECK(kelvin.unit == Unit::degC);
  CHECK(kelvin.to_canonical(273.15) == doctest::Approx(0));
  CHECK(kelvin.to_written(25) == doctest::Approx(298.15));
}

TEST_CASE("a factor in front scales what is written, not the offset") {
  check("0.1 degC", Unit::degC, 0.1);
  check("10 Wh", Unit::Wh, 10);
  check("0.01 kWh", Unit::Wh, 10);
  check("0.01%", Unit::percent, 0.01);
  CHECK(parse_unit("0.1 °F")->to_canonical(2120) == doctest::Approx(100));
  CHECK(parse_unit("0.1 K")->to_canonical(2981.5) == doctest::Approx(25));
}

TEST_CASE("prices and emissions are for energy") {
  check("EUR/MWh", Unit::currency_per_Wh, 1e-6);
  check("USD/kWh", Unit::currency_per_Wh, 1e-3);
  check("kg/MWh", Unit::g_per_kWh, 1);
  check("g/kWh", Unit::g_per_kWh, 1);
  check("kg/kWh", Unit::g_per_kWh, 1e3);
}

TEST_CASE("what is no unit, or could be two, is refused") {
  for (const char* text : {"ppm",      "mw",     "mwh", "MAH",  "kC",      "mK",   "k%",    "kmin",
                           "hW",       "kkW",    "k",   "k W",  "x",       "Wx",   "kWh/d", "eur/kWh",
                           "EURO/kWh", "EUR/kW", "0 W", "-1 W", "1e999 W", ".1 W", "nan W"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_unit(text).has_value());
  }
}
