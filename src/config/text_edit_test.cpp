#include "config/text_edit.hpp"

#include <doctest/doctest.h>

#include "config/emit.hpp"

using namespace iw;
using namespace iw::config;

namespace {

constexpr std::string_view site = R"(# The roof of hall 3.
site: {name: Roof}   # a short map

devices:
  # South side.
  - name: pv
    connect: modbus://192.0.2.10?unit=1   # DHCP reservation
    profile: sunspec

  # Behind the meter cabinet.
  - name:    grid-meter
    connect: "modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3"
    rates:
      # the limit needs it
      fast: 200ms
      slow: 1min
    # unit: 7

limits:
  pv/ActivePower: {high: 10}
)";

Value map_of(std::string_view yaml) {
  Findings findings;
  auto document = Document::parse("", yaml, findings);
  REQUIRE_MESSAGE(document, to_string(findings));
  return document->root();
}

std::string replaced(std::string_view text, std::string_view old, std::string_view by) {
  std::string result(text);
  const auto at = result.find(old);
  REQUIRE(at != std::string::npos);
  return result.replace(at, old.size(), by);
}

}  // namespace

TEST_CASE("a new item goes to the end of its list, as far from the last as they are from each other") {
  CHECK(add_item(site, "devices", "name: boiler\nconnect: modbus://192.0.2.12\n").value() ==
        replaced(site, "    # unit: 7\n",
                 "    # unit: 7\n\n  - name: boiler\n    connect: modbus://192.0.2.12\n"));
  CHECK(add_item("devices:\n- name: a\n- name: b\nlimits: {}\n", "devices", "name: c").value() ==
        "devices:\n- name: a\n- name: b\n- name: c\nlimits: {}\n");
}

TEST_CASE("a list that is empty, not there or in brackets takes an item too") {
  const std::string_view item = "name: a\nassets:\n  battery: b\n";
  const std::string block = "  - name: a\n    assets:\n      battery: b\n";
  CHECK(add_item("", "devices", item).value() == "devices:\n" + block);
  CHECK(add_item("site: {name: x}", "devices", item).value() == "site: {name: x}\ndevices:\n" + block);
  CHECK(add_item("devices: []  # none yet\nrates: {}\n", "devices", item).value() ==
        "devices:  # none yet\n" + block + "rates: {}\n");
  CHECK(add_item("devices:\n# none yet\n", "devices", item).value() == "devices:\n" + block + "# none yet\n");
  CHECK(add_item("devices: null", "devices", item).value() == "devices:\n" + block);
  CHECK(add_item("devices: [{name: x, note: \"]}\"}, ]\n", "devices", item).value() ==
        "devices: [{name: x, note: \"]}\"}, {name: a, assets: {battery: b}}, ]\n");
}

TEST_CASE("comments at the head of a new item stay above it") {
  CHECK(add_item("devices:\n  - name: a\n", "devices", "# new\nname: b\n").value() ==
        "devices:\n  - name: a\n    # new\n  - name: b\n");
}

TEST_CASE("a changed value is all that changes: comments, alignment and quotes of the others stay") {
  Value pv = map_of("{name: pv, connect: 'modbus://192.0.2.11?unit=1', profile: sunspec}");
  CHECK(change_item(site, "devices", 0, pv).value() == replaced(site, "192.0.2.10", "192.0.2.11"));

  const Value meter = map_of(
      "{name: meter, connect: \"modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3\", rates: {fast: 1s, slow: "
      "1min}}");
  CHECK(change_item(site, "devices", 1, meter).value() ==
        replaced(replaced(site, "grid-meter", "meter"), "fast: 200ms", "fast: 1s"));
  CHECK(change_item(site, "devices", 1, map_of(item_text(site, "devices", 1).value())).value() == site);
}

TEST_CASE("entries come and go") {
  const Value without = map_of("{name: grid-meter, connect: \"modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3\"}");
  CHECK(change_item(site, "devices", 1, without).value() ==
        replaced(site, "    rates:\n      # the limit needs it\n      fast: 200ms\n      slow: 1min\n", ""));

  Value off = map_of(
      "{name: pv, connect: 'modbus://192.0.2.10?unit=1', profile: sunspec, enabled: false, "
      "points: {ActivePower: 200ms}}");
  CHECK(change_item(site, "devices", 0, off).value() ==
        replaced(site, "    profile: sunspec\n",
                 "    profile: sunspec\n    enabled: false\n    points:\n      ActivePower: 200ms\n"));

  CHECK(change_item("devices:\n  - old: 1\n    name: a\n", "devices", 0, map_of("name: a")).value() ==
        "devices:\n  - name: a\n");
}

TEST_CASE("items in braces are changed within their braces") {
  const std::string_view text =
      "devices:\n  - {name: Dächer, unit: 3, connect: \"a, b}\"}  # here\n  - {name: b}\n";
  CHECK(change_item(text, "devices", 0, map_of("{name: Dächer, unit: 4, connect: \"a, b}\", enabled: false}"))
            .value() == replaced(replaced(text, "unit: 3", "unit: 4"), "b}\"", "b}\", enabled: false"));
  CHECK(change_item(text, "devices", 0, map_of("{name: Dächer, connect: \"a, b}\"}")).value() ==
        replaced(text, ", unit: 3", ""));
  CHECK(change_item(text, "devices", 0, map_of("{unit: 3, connect: \"a, b}\"}")).value() ==
        replaced(text, "name: Dächer, ", ""));
}

TEST_CASE("values of several lines are replaced as a whole") {
  const std::string_view text =
      "devices:\n  - name: a\n    note: |\n      # no comment\n      two\n    list:\n    - 1\n    - 2\n    "
      "z: 1\n";
  CHECK(change_item(text, "devices", 0, map_of("{name: a, note: short, list: [3], z: 1}")).value() ==
        "devices:\n  - name: a\n    note: short\n    list:\n      - 3\n    z: 1\n");
}

TEST_CASE("a removed item takes the comment right above it along, and no more") {
  CHECK(remove_item(site, "devices", 0).value() ==
        replaced(site,
                 "  # South side.\n  - name: pv\n    connect: modbus://192.0.2.10?unit=1   # DHCP "
                 "reservation\n    profile: sunspec\n",
                 ""));
  CHECK(remove_item("devices:\n  # all\n\n  - name: a\nx: 1\n", "devices", 0).value() ==
        "devices: []\n  # all\n\nx: 1\n");
  CHECK(remove_item("devices: [{name: a}, {name: b}]\n", "devices", 0).value() == "devices: [{name: b}]\n");
  CHECK(remove_item("devices: [{name: a}, {name: b}]\n", "devices", 1).value() == "devices: [{name: a}]\n");
  CHECK(remove_item("devices: [{name: a}]\n", "devices", 0).value() == "devices: []\n");
  CHECK(remove_item(site, "devices", 2).error().kind == ErrorKind::not_found);
}

TEST_CASE("the text of an item can be taken, and put in its place again") {
  CHECK(item_text(site, "devices", 0).value() ==
        "name: pv\nconnect: modbus://192.0.2.10?unit=1   # DHCP reservation\nprofile: sunspec\n");
  const std::string meter = item_text(site, "devices", 1).value();
  CHECK(meter.ends_with("  slow: 1min\n# unit: 7\n"));
  CHECK(replace_item(site, "devices", 1, meter).value() == site);
  CHECK(replace_item("devices: [{name: a}, {name: b}]\n", "devices", 0, "name: c\n").value() ==
        "devices: [{name: c}, {name: b}]\n");
  CHECK(replace_item(site, "devices", 0, "- name: a").error().message == "this is no map");
}

TEST_CASE("lines end as the others of the file do") {
  CHECK(add_item("devices:\r\n  - name: a\r\n", "devices", "name: b\nunit: 2\n").value() ==
        "devices:\r\n  - name: a\r\n  - name: b\r\n    unit: 2\r\n");
}

TEST_CASE("what can not be edited in parts is refused, not spoiled") {
  const auto shared = change_item("a: &x {name: a}\ndevices: [*x]\n", "devices", 0, map_of("name: b"));
  REQUIRE_FALSE(shared);
  CHECK(shared.error().kind == ErrorKind::unsupported);
  CHECK(shared.error().remedy == "edit its text");
  CHECK(add_item("devices: 3\n", "devices", "name: a").error().kind == ErrorKind::unsupported);
  CHECK(add_item("devices: [\n", "devices", "name: a").error().kind == ErrorKind::invalid_argument);
}

TEST_CASE("an alias inside an item is replaced by what is wanted, its anchor stays") {
  CHECK(change_item("x: &r {fast: 1s}\ndevices:\n  - name: a\n    rates: *r\n", "devices", 0,
                    map_of("{name: a, rates: {fast: 2s}}"))
            .value() == "x: &r {fast: 1s}\ndevices:\n  - name: a\n    rates:\n      fast: 2s\n");
}

TEST_CASE("scalars are plain where that reads back as the same text") {
  const auto shown = [](std::string text, bool quoted) {
    return scalar_to_yaml({.kind = Kind::scalar, .text = std::move(text), .quoted = quoted});
  };
  CHECK(shown("modbus://192.0.2.10:502?unit=1", true) == "modbus://192.0.2.10:502?unit=1");
  CHECK(shown("200ms", true) == "200ms");
  CHECK(shown("12", true) == "\"12\"");
  CHECK(shown("12", false) == "12");
  CHECK(shown("-3.5", false) == "-3.5");
  CHECK(shown("No", true) == "\"No\"");
  CHECK(shown("", true) == "\"\"");
  CHECK(shown("a: b", true) == "\"a: b\"");
  CHECK(shown("*", true) == "\"*\"");
  CHECK(shown("say \"hi\"\n", true) == "\"say \\\"hi\\\"\\n\"");
}
