#include "protocols/bacnet/profile.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "protocols/bacnet/catalogue.hpp"
#include "protocols/bacnet/profile_writing.hpp"

namespace iw::bacnet {

std::span<const EmbeddedFile> embedded_schema();  // bacnet.schema.json, README.md

namespace {

constexpr std::uint32_t kilowatts = 48;
constexpr std::uint32_t celsius = 62;
constexpr std::uint32_t fahrenheit = 64;
constexpr std::uint32_t no_units = 95;

// The rules begin in line 7.
std::string with_rules(std::string_view rules, std::string_view others = "ignore") {
  return fmt::format(
      "protocol: bacnet\n"
      "profile: acme/box\n"
      "manufacturer: Acme\n"
      "models: [Box]\n"
      "assets: [{{kind: building_controller}}, {{role: meter, kind: meter}}]\n"
      "points:\n{}\nothers: {}\n",
      rules, others);
}

Profile load(const std::string& text) {
  config::Findings findings;
  auto profile = load_profile("acme/box.yaml", text, findings);
  REQUIRE_MESSAGE(profile, config::to_string(findings));
  CHECK(config::to_string(findings) == "");
  return std::move(*profile);
}

std::string finding(std::string_view rule) {
  config::Findings findings;
  CHECK_FALSE(load_profile("box.yaml", with_rules(fmt::format("  - {}", rule)), findings));
  std::string all = config::to_string(findings);
  if (all.ends_with('\n')) all.pop_back();
  return all;
}

ObjectFacts analog(std::uint32_t instance, std::string name, std::uint32_t units) {
  return {.id = {ObjectType::analog_input, instance}, .name = std::move(name), .units = units};
}

std::string name_of(const ObjectPoint& point) { return model::to_string(point.point.name); }

}  // namespace

TEST_CASE("an object, or all whose name matches, becomes the point that the rule names") {
  const Profile profile = load(
      with_rules("  - {object: ai1, name: ActivePower, role: meter}\n"
                 "  - {match: \"fcu-*/roomt*\", type: ai, name: \"AirTemperature.room-{}\", rate: slow}"));
  const std::vector objects{analog(1, "anything", kilowatts), analog(2, "FCU-12/RoomTemp", celsius),
                            analog(3, "FCU-Hall 3/RoomT", fahrenheit), analog(4, "other", celsius)};
  const ObjectMap map = points_by(profile.rules, objects);
  REQUIRE(map.points.size() == 3);
  CHECK(name_of(map.points[0]) == "ActivePower");
  CHECK(map.points[0].scale == 1000);
  CHECK(map.points[0].point.role == "meter");
  CHECK(name_of(map.points[1]) == "AirTemperature.room-12");
  CHECK(map.points[1].point.rate == model::RateClass::slow);
  CHECK(name_of(map.points[2]) == "AirTemperature.room-hall-3");
  CHECK(map.points[2].scale == doctest::Approx(5.0 / 9));
  CHECK(map.warnings.empty());
}

TEST_CASE("what no rule is about is proposed, or left out") {
  const std::string rules = "  - {object: ai1, name: ActivePower}";
  const std::vector objects{analog(1, "a", kilowatts), analog(2, "Outside", celsius)};
  CHECK(points_by(load(with_rules(rules, "ignore")).rules, objects).points.size() == 1);
  const ObjectMap all = points_by(load(with_rules(rules, "propose")).rules, objects);
  REQUIRE(all.points.size() == 2);
  CHECK(name_of(all.points[1]) == "AirTemperature.outside");
}

TEST_CASE("scale, unit, sign and range are converted once") {
  const Profile profile = load(
      with_rules("  - {object: av1, name: ActivePowerLimit, unit: kW, scale: 0.1, negate: true, min: -50, "
                 "max: 0, writable: true}"));
  ObjectFacts facts{.id = {ObjectType::analog_value, 1}, .name = "limit", .units = no_units};
  facts.commandable = true;
  const ObjectMap map = points_by(profile.rules, std::vector{facts});
  REQUIRE(map.points.size() == 1);
  CHECK(map.points[0].scale == doctest::Approx(-100));
  CHECK(map.points[0].point.minimum == -50'000);
  CHECK(map.points[0].point.maximum == 0);
  CHECK(map.points[0].point.writable);
}

TEST_CASE("a rule does not hold where the object measures something else, and that is said") {
  const Profile profile =
      load(with_rules("  - {object: ai1, name: ActivePower}\n"
                      "  - {object: ai2, name: AirTemperature.one}\n"
                      "  - {object: ai9, name: AirTemperature.two}",
                      "propose"));
  const ObjectMap map =
      points_by(profile.rules, std::vector{analog(1, "x", celsius), analog(2, "y", no_units)});
  REQUIRE(map.points.size() == 2);
  CHECK(name_of(map.points[0]) == "AirTemperature.x");
  CHECK(name_of(map.points[1]) == "Count.y");
  REQUIRE(map.warnings.size() == 3);
  CHECK(map.warnings[0].contains("analog-input 1 is in degrees-celsius, which is no unit of ActivePower"));
  CHECK(map.warnings[2] == "analog-input 9 of the profile is not there");
}

TEST_CASE("states have the texts of the profile where it has some") {
  const Profile profile =
      load(with_rules("  - {object: msv1, name: OperatingState.mode, texts: {1: heating, 2: cooling}}"));
  const ObjectFacts facts{.id = {ObjectType::multi_state_value, 1}, .name = "m", .state_texts = {"a", "b"}};
  const ObjectMap map = points_by(profile.rules, std::vector{facts});
  REQUIRE(map.points.size() == 1);
  CHECK(map.points[0].point.texts ==
        std::vector<std::pair<std::int64_t, std::string>>{{1, "heating"}, {2, "cooling"}});
}

TEST_CASE("a pattern matches whole names, its stars anything") {
  const auto matches = [](std::string_view pattern, std::string name) {
    const Profile profile =
        load(with_rules(fmt::format("  - {{match: \"{}\", name: AirTemperature.x}}", pattern)));
    return points_by(profile.rules, std::vector{analog(1, std::move(name), celsius)}).points.size() == 1;
  };
  CHECK(matches("abc", "ABC"));
  CHECK_FALSE(matches("abc", "abcd"));
  CHECK(matches("*", ""));
  CHECK(matches("a*a", "aa"));
  CHECK_FALSE(matches("a*a", "a"));
  CHECK(matches("a*b*c", "a-b-b-c"));
  CHECK_FALSE(matches("a*b*c", "a-c"));
  CHECK_FALSE(matches("ab*b", "ab"));
  CHECK(matches("*b*", "abc"));
}

TEST_CASE("a device is asked only for the objects that the rules name, where they name all") {
  CHECK(objects_of(load(with_rules("  - {object: ai1, name: ActivePower}")).rules).size() == 1);
  CHECK(objects_of(load(with_rules("  - {object: ai1, name: ActivePower}", "propose")).rules).empty());
  CHECK(objects_of(load(with_rules("  - {match: \"*\", name: \"Count.{}\"}")).rules).empty());
}

TEST_CASE("a profile knows all its points only when no rule is about names") {
  const Profile closed = load(with_rules("  - {object: ai1, name: ActivePower}"));
  CHECK(closed.complete);
  CHECK(closed.has(model::parse_point_name("ActivePower").value()));
  CHECK_FALSE(load(with_rules("  - {object: ai1, name: ActivePower}", "propose")).complete);
  CHECK_FALSE(load(with_rules("  - {match: \"*\", name: \"Count.{}\"}")).complete);
}

TEST_CASE("what is wrong with a rule is said at its place") {
  CHECK(finding("{name: ActivePower}") ==
        "box.yaml:7:5: points[0]: a rule is about an object or about names: give 'object' or 'match'");
  CHECK(finding("{object: ai1, name: ActivePowr}").contains("did you mean"));
  CHECK(finding("{object: ai1, name: ActivePower, unit: degC}") ==
        "box.yaml:7:44: points[0].unit: ActivePower is not measured in degC; it is in W, or what converts to "
        "it");
  CHECK(finding("{object: ai1, name: ActivePower, role: roof}").contains("no asset with the role 'roof'"));
  CHECK(finding("{object: ai1, name: \"Count.{}\"}").contains("there is none"));
  CHECK(finding("{object: zz1, name: ActivePower}").contains("is not a BACnet object"));
  CHECK(finding("{object: ai1, type: ai, name: ActivePower}").contains("'type' is for rules with 'match'"));
  CHECK(finding("{object: ai1, name: ActivePower, scale: 0}").contains("every value 0"));
}

TEST_CASE("a proposal is written that loads without a finding and says the same") {
  std::vector objects{analog(1, "AHU \"1\"/Power", kilowatts), analog(2, "Supply Air", celsius)};
  objects.push_back(
      {.id = {ObjectType::large_analog_value, 3}, .name = "Flow", .description = "m3\nper h", .units = 135});
  objects.push_back({.id = {ObjectType::binary_value, 4}, .name = "Fan", .state_texts = {"off", "on"}});
  const std::string text = profile_text({.id = profile_id_of("Acme Inc.", "AHU 1000 (v2)"),
                                         .manufacturer = "Acme Inc.",
                                         .model = "",
                                         .source = "x"},
                                        objects);
  CAPTURE(text);
  config::Findings findings;
  const auto profile = load_profile("acme-inc/ahu-1000-v2.yaml", text, findings);
  CHECK(config::to_string(findings) == "");
  REQUIRE(profile);
  CHECK(profile->id == "acme-inc/ahu-1000-v2");
  const ObjectMap read = points_by(profile->rules, objects);
  const ObjectMap proposed = propose(objects);
  REQUIRE(read.points.size() == proposed.points.size());
  CHECK(read.warnings.empty());
  for (std::size_t i = 0; i < read.points.size(); ++i) {
    CHECK(read.points[i] == proposed.points[i]);
    CHECK(read.points[i].point.texts == proposed.points[i].point.texts);
  }
}

TEST_CASE("every built-in profile loads without a finding, at the path that is its id") {
  config::Findings findings;
  Catalogue catalogue;
  for (const auto& [path, text] : embedded_profiles())
    CHECK_MESSAGE(catalogue.add(path, text, findings), path);
  CHECK(config::to_string(findings) == "");
  CHECK(catalogue.size() == embedded_profiles().size());
  const auto hvac = catalogue.find("bacnet/hvac");
  REQUIRE(hvac);
  const ObjectMap map = points_by((*hvac)->rules, std::vector{analog(1, "AHU-1/SA-T", celsius)});
  CHECK(name_of(map.points[0]) == "AirTemperature.supply-ahu-1");
}

TEST_CASE("the committed JSON Schema and the table of the README are what the program says") {
  for (const auto& [path, text] : embedded_schema()) {
    if (path == "README.md") {
      CHECK_MESSAGE(text.contains(profile_documentation()),
                    "profiles/README.md is out of date: put the output of profile_documentation() there");
    } else {
      CHECK_MESSAGE(text == profile_json_schema(),
                    "profiles/bacnet.schema.json is out of date: write profile_json_schema() there");
    }
  }
}

}  // namespace iw::bacnet
