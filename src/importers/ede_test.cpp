#include "importers/ede.hpp"

#include <doctest/doctest.h>

#include "io/testing/memory_files.hpp"
#include "protocols/bacnet/profile.hpp"

namespace iw::importers {
namespace {

constexpr const char* list =
    "# Engineering-Data-Exchange - B.I.G.-EU\r\n"
    "PROJECT_NAME;Town Hall\r\n"
    "VERSION_OF_REFERENCEFILE;1\r\n"
    "AUTHOR_OF_LAST_CHANGE;G. Sampler\r\n"
    "VERSION_OF_LAYOUT;2.3\r\n"
    "#mandatory;mandatory;mandatory;mandatory;mandatory;optional\r\n"
    "# keyname;device "
    "obj.-instance;object-name;object-type;object-instance;description;present-value-default;"
    "min-present-value;max-present-value;settable;supports COV;hi-limit;low-limit;state-text-reference;"
    "unit-code;vendor-specific-address\r\n"
    "dev;1234;AHU 1;8;1234;Air handler;;;;N;N\r\n"
    "sat;1234;AHU1/Supply Temp;0;7;\"Supply; air\";;;;N;Y;;;;62\r\n"
    "pwr;1234;AHU1/Power;analog-input;8;;;;;N;N;;;;48\r\n"
    "mode;1234;AHU1/Mode;19;1;;;;;Y;N;;;5\r\n"
    "fan;1234;AHU1/Fan;5;2;;;;;Y;N;;;99\r\n"
    "sch;1234;AHU1/Schedule;17;1\r\n"
    "sat;1234;again;0;7\r\n"
    "bad;x;AHU1/Bad;0;9\r\n";

constexpr const char* states =
    "#State Text Reference\r\n"
    "#Reference Number;Text 1 or Inactive-Text;Text 2 or Active-Text;Text 3\r\n"
    "5;off;auto;on;\r\n"
    "six;a;b\r\n";

EdeImport imported(const std::string& objects) {
  io::testing::MemoryFiles files;
  files.put("in/hall_EDE.csv", objects);
  files.put("in/hall_StateTexts.csv", states);
  files.put("in/hall_Units.csv", "#Unit codes\r\n62;degrees-celsius\r\n");
  return import_ede(files, {"in"});
}

}  // namespace

TEST_CASE("a list of objects becomes a profile for each device, and a configuration") {
  const EdeImport import = imported(list);
  CHECK(import.project == "Town Hall");
  REQUIRE(import.devices.size() == 1);
  CHECK(import.devices[0].name == "ahu-1");
  REQUIRE(import.devices[0].objects.size() == 4);
  CHECK(import.devices[0].objects[0].description == "Supply; air");
  const auto outputs = written(import);
  REQUIRE(outputs.size() == 2);
  CHECK(outputs[0].path == "profiles/town-hall/ahu-1.yaml");
  CHECK(outputs[1].text.contains("connect: \"bacnet://?device=1234\"\n    profile: town-hall/ahu-1\n"));

  config::Findings findings;
  const auto profile = bacnet::load_profile(outputs[0].path, outputs[0].text, findings);
  CAPTURE(outputs[0].text);
  CHECK(config::to_string(findings) == "");
  REQUIRE(profile);
  const auto map = bacnet::points_by(profile->rules, import.devices[0].objects);
  REQUIRE(map.points.size() == 4);
  CHECK(model::to_string(map.points[0].point.name) == "AirTemperature.ahu1-supply-temp");
  CHECK(map.points[1].scale == 1000);
  CHECK(map.points[2].point.writable);
  REQUIRE(map.points[2].point.texts.size() == 3);
  CHECK(map.points[2].point.texts[1] == std::pair<std::int64_t, std::string>(2, "auto"));
}

TEST_CASE("what is wrong in a list is said at its line") {
  const EdeImport import = imported(list);
  CHECK(config::to_string(import.findings) ==
        "in/hall_StateTexts.csv:4: warning: 'six' is no reference number\n"
        "in/hall_EDE.csv:12: warning: fan: there are no state texts '99'; name the file with the state "
        "texts, "
        "too\n"
        "in/hall_EDE.csv:14: warning: sat: analog-input 7 is there twice\n"
        "in/hall_EDE.csv:15: warning: bad: this is no object: its device, type or instance is no number; "
        "correct the line, or take it out\n");
}

TEST_CASE("lists with commas are read as well, and what is no list is nothing") {
  CHECK(imported("PROJECT_NAME,x\n# keyname,device,name,type,instance\nk,7,Power,0,1,,,,,,,,,,47\n")
            .devices.size() == 1);
  CHECK(imported("").devices.empty());
  CHECK(imported("name,value\na,1\n").devices.empty());
}

}  // namespace iw::importers
