#include "model/point.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::model;

namespace {

std::string error_of(std::string_view text) {
  CAPTURE(text);
  const auto name = parse_point_name(text);
  REQUIRE_FALSE(name.has_value());
  return name.error().message;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a point name has one text") {
  CHECK(to_string(PointName{Quantity::ActivePower}) == "ActivePower");
  CHECK(to_string(PointName{Quantity::ActivePower, Phase::A}) == "ActivePower.A");
  CHECK(to_string(PointName{Quantity::VoltageLN, Phase::AN}) == "Voltage.LN.A");
  CHECK(to_string(PointName{Quantity::VoltageLL, Phase::AB}) == "Voltage.LL.AB");
  CHECK(to_string(PointName{Quantity::DcPower, Phase::none, "mppt2"}) == "DcPower.mppt2");
  CHECK(to_string(PointName{Quantity::Current, Phase::A, "string1"}) == "Current.A.string1");
}

TEST_CASE("every name that a point can have reads back") {
  for (const QuantityInfo& row : quantities()) {
    std::vector<Phase> phases(row.phases.begin(), row.phases.end());
    phases.push_back(Phase::none);
    for (const Phase phase : phases) {
      for (const char* component : {"", "mppt2", "module1.cell-3", "42"}) {
        const PointName name{row.quantity, phase, component};
        CAPTURE(to_string(name));
        const auto parsed = parse_point_name(to_string(name));
        REQUIRE(parsed.has_value());
        CHECK(*parsed == name);
      }
    }
  }
}

TEST_CASE("quantity and phase are read in any case, and in the other usual way") {
  CHECK(parse_point_name("activepower.a").value() == PointName{Quantity::ActivePower, Phase::A});
  CHECK(parse_point_name("voltage.ln.a").value() == PointName{Quantity::VoltageLN, Phase::AN});
  CHECK(parse_point_name("Voltage.LN.AN").value() == PointName{Quantity::VoltageLN, Phase::AN});
  CHECK(parse_point_name("Voltage.LL.AC").value() == PointName{Quantity::VoltageLL, Phase::CA});
  CHECK(parse_point_name("ActivePower.ABC").value() == PointName{Quantity::ActivePower});
  CHECK(parse_point_name("ReactiveEnergy.Q1.B").value() == PointName{Quantity::ReactiveEnergyQ1, Phase::B});
}

TEST_CASE("an unknown quantity is answered by the one that was probably meant") {
  CHECK(has(error_of("ActivPower.A"), "did you mean 'ActivePower'?"));
  CHECK(has(error_of("Voltag.LN.A"), "did you mean 'Voltage.LN'?"));
  CHECK(has(error_of("Voltage.A"), "Voltage.L"));
  CHECK(has(error_of("Voltage"), "one of Voltage.LN, Voltage.LL"));
  CHECK(has(error_of("Xyzzy"), "'Xyzzy' does not begin with a known quantity"));
  error_of("");
  error_of(".A");
}

TEST_CASE("a phase that the quantity can not have is refused, and the possible ones are said") {
  CHECK(has(error_of("Voltage.LL.A"), "Voltage.LL can not have phase A, it has AB, BC, CA"));
  CHECK(has(error_of("Voltage.LN.AB"), "it has A, B, C"));
  CHECK(has(error_of("Frequency.A"), "Frequency can not have phase A, it has none"));
  CHECK(has(error_of("ActivePower.N"), "can not have phase N"));
}

TEST_CASE("a component is a plain word that is no phase") {
  CHECK(has(error_of("DcPower.mppt 2"), "'mppt 2' is no name for a component"));
  CHECK(has(error_of("DcPower.mppt/2"), "is no name"));
  CHECK(has(error_of("Current.A.B"), "called like a phase"));
  CHECK(has(error_of("Current.A."), "empty part"));
  CHECK(has(error_of("Current..x"), "empty part"));
  CHECK_FALSE(canonical(PointName{Quantity::Current, Phase::none, "A"}).has_value());
  CHECK_FALSE(canonical(PointName{Quantity::Current, Phase::none, "x..y"}).has_value());
}

TEST_CASE("canonical writes the phase in the one way of the quantity") {
  CHECK(canonical(PointName{Quantity::VoltageLN, Phase::B}).value() ==
        PointName{Quantity::VoltageLN, Phase::BN});
  CHECK_FALSE(canonical(PointName{Quantity::DcPower, Phase::A}).has_value());
}
