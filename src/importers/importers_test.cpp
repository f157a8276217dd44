#include <doctest/doctest.h>

#include "importers/csv.hpp"
#include "importers/naming.hpp"
#include "importers/sources.hpp"
#include "importers/toml.hpp"

namespace iw::importers {
namespace {

std::string recognised(std::string_view name, std::string_view unit) {
  const auto found = recognise(name, unit);
  return found ? model::to_string(*found) : "";
}

TEST_CASE("a name and a unit without doubt are a quantity") {
  CHECK(recognised("ActivePower", "kW") == "ActivePower");
  CHECK(recognised("active_power_L1", "W") == "ActivePower.A");
  CHECK(recognised("Voltage_L1-N", "V") == "Voltage.LN.A");
  CHECK(recognised("Voltage L1-L2", "V") == "Voltage.LL.AB");
  CHECK(recognised("VoltageAN", "V") == "Voltage.LN.A");
  CHECK(recognised("CurrentPhaseB", "mA") == "Current.B");
  CHECK(recognised("PowerFactor", "") == "PowerFactor");
  CHECK(recognised("Grid Frequency", "Hz") == "Frequency");
  CHECK(recognised("SoC", "%") == "StateOfCharge");
  CHECK(recognised("EnergyImport", "kWh") == "EnergyImport");
}

TEST_CASE("any doubt leaves the name as it is") {
  CHECK(recognised("ActivePower", "") == "");
  CHECK(recognised("ActivePower", "%") == "");
  CHECK(recognised("Energy", "kWh") == "");
  CHECK(recognised("Voltage", "V") == "");
  CHECK(recognised("VoltageL1", "V") == "");
  CHECK(recognised("ActivePowerSetpoint", "W") == "");
  CHECK(recognised("MaxCurrent", "A") == "");
  CHECK(recognised("Frequency_L1", "Hz") == "");
  CHECK(quantities_in("Hz") == "Frequency");
  CHECK(quantities_in("nonsense") == "");
  CHECK(component_of("P tot (sum)") == "P_tot_sum");
  CHECK(component_of("a") == "point_a");
  CHECK(component_of("°") == "point_");
}

TEST_CASE("CSV has quotes, line feeds inside them, and rows that say where they begin") {
  config::Findings findings;
  const auto rows =
      parse_csv("f.csv", "\xEF\xBB\xBFName, Unit\r\n\"a, \"\"b\"\"\n c\",kW\r\n,,\n\nlast\n", findings);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].get("NAME") == "a, \"b\"\n c");
  CHECK(rows[0].get("unit") == "kW");
  CHECK(rows[0].line == 2);
  CHECK(rows[1].get("name") == "last");
  CHECK(rows[1].get("unit") == "");
  CHECK(rows[1].line == 6);
  CHECK(findings.empty());
  parse_csv("f.csv", "a\n\"open", findings);
  CHECK(config::to_string(findings).contains("f.csv:2"));
}

TEST_CASE("TOML is a tree with lines") {
  const std::string file = "f.toml";
  config::Findings findings;
  const auto root = parse_toml(file, R"(a.b = 1_0 # ten
"k e" = 'C:\x'
s = "é\u00e9\n\"" 
[[l]]
n = [1, [2, 3],
  { x = true }, ]
[l.t]
y = -1.5
[[l]]
)",
                               findings);
  REQUIRE(root);
  CHECK(root->find("a")->find("b")->text == "10");
  CHECK(root->find("k e")->text == "C:\\x");
  CHECK(root->find("s")->text == "éé\n\"");
  const config::Value& list = *root->find("l");
  REQUIRE(list.children.size() == 2);
  const config::Value& n = *list.children[0].find("n");
  CHECK(n.children[1].children[1].text == "3");
  CHECK(n.children[2].find("x")->text == "true");
  CHECK(list.children[0].find("t")->find("y")->line == 8);
  CHECK(list.children[0].find("t")->find("y")->path() == "l[0].t.y");
  for (const std::string_view bad : {"a", "a =", "a = [1", "a = {b = 1", "a = \"x", "[a", "a = 1 2\n=",
                                     "a=1\na=2", "a = \"\\q\"", "a=1\n[a]\nb=1", "a=1\n[[a]]"}) {
    CAPTURE(bad);
    config::Findings wrong;
    CHECK(parse_toml(file, bad, wrong) == nullptr);
    CHECK(wrong.errors() == 1);
  }
}

TEST_CASE("a file that ends anywhere is read or refused, never more") {
  const std::string file = "f";
  const std::string_view toml = "a.'b' = [1, {c = \"\\u00e9\"}]\n[[x.y]]\nz = \"\"\"\n\\\n q\"\"\"\n[x.w]\n";
  const std::string_view csv = "a,\"b\"\"\"\r\n\"1\n\",2\r\n";
  for (std::size_t length = 0; length <= toml.size(); ++length) {
    config::Findings findings;
    const auto tree = parse_toml(file, toml.substr(0, length), findings);
    CHECK((tree != nullptr) == findings.ok());
  }
  for (std::size_t length = 0; length <= csv.size(); ++length) {
    config::Findings findings;
    CHECK(parse_csv(file, csv.substr(0, length), findings).size() <= 1);
  }
}

TEST_CASE("comments go from JSON, but not from its texts") {
  CHECK(without_comments("{ # one\n\t\"a\": \"#\\\"#\"}# end") == "{ \n \"a\": \"#\\\"#\"}");
}

}  // namespace
}  // namespace iw::importers
