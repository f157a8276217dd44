#include "commissioning/bacnet_browse.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "commissioning/testing/bacnet_bench.hpp"
#include "json/json.hpp"

using namespace iw;
using namespace iw::commissioning;

namespace {

struct Bench : testing::BacnetBench {
  Bench() { REQUIRE(link.open()); }
  ~Bench() { close_link(); }
  Result<BrowsedObjects> objects(BrowseSettings settings = {}) {
    settings.progress = [this](std::size_t done, std::size_t of) { progress.emplace_back(done, of); };
    return run(browse_objects(link, url(), std::move(settings)));
  }
  Result<std::vector<BrowsedProperty>> properties(std::string_view object) {
    return run(browse_properties(link, url(), bacnet::parse_object_id(object).value()));
  }
  std::vector<std::pair<std::size_t, std::size_t>> progress;
};

std::string value_of(const std::vector<BrowsedProperty>& properties, std::string_view name) {
  const auto found = std::ranges::find(properties, name, &BrowsedProperty::name);
  return found != properties.end() ? found->value : "nothing";
}

}  // namespace

TEST_CASE("every object of a device is shown in its order, with name, value, units and state") {
  Bench b;
  const auto found = b.objects();
  REQUIRE(found);
  CHECK(found->objects.size() == found->all);
  CHECK(std::ranges::is_sorted(found->objects, {}, &BrowsedObject::id));
  const auto supply = std::ranges::find(found->objects, "Supply Air Temperature", &BrowsedObject::name);
  REQUIRE(supply != found->objects.end());
  CHECK(supply->units == "degrees-celsius");
  CHECK_FALSE(supply->value.empty());
  CHECK(supply->state.empty());
  CHECK(b.progress.front() == std::pair<std::size_t, std::size_t>(0, found->all));
  const auto json = to_json(*supply);
  CHECK(json["object"] == "analog-input 1");
  CHECK(json["units"] == "degrees-celsius");
}

TEST_CASE("only objects of a type, or with letters in their names, and how many there are in all") {
  Bench b;
  const auto outputs = b.objects({.type = "ao", .progress = {}});
  REQUIRE(outputs);
  CHECK(outputs->objects.size() == 2);
  CHECK(outputs->all > 10);
  for (const BrowsedObject& one : outputs->objects)
    CHECK(one.id.type == bacnet::ObjectType::analog_output);
  const auto fans = b.objects({.match = "FAN", .progress = {}});
  REQUIRE(fans);
  CHECK(fans->objects.size() == 4);
  CHECK(b.objects({.type = "teapot", .progress = {}}).error().kind == ErrorKind::invalid_argument);
}

TEST_CASE("who does not want to know any more gets what there is so far") {
  Bench b;
  const auto found = b.objects({.progress = {}, .stopped = [] { return true; }});
  REQUIRE(found);
  CHECK(found->objects.empty());
  CHECK(found->all > 10);
}

TEST_CASE(
    "all properties of an object are shown, words for numbers, the three that its list leaves out too") {
  Bench b;
  const auto found = b.properties("ai1");
  REQUIRE(found);
  CHECK(value_of(*found, "object-identifier") == "analog-input 1");
  CHECK(value_of(*found, "object-name") == "Supply Air Temperature");
  CHECK(value_of(*found, "units") == "degrees-celsius");
  CHECK(value_of(*found, "reliability") == "no-fault-detected");
  CHECK(value_of(*found, "event-state") == "normal");
  CHECK(value_of(*found, "status-flags") == "0000");
  const auto damped = b.properties("ao1");
  REQUIRE(damped);
  CHECK(value_of(*damped, "priority-array").starts_with("null, null"));
}

TEST_CASE("an object that the device does not have is said to be missing, with what to do") {
  Bench b;
  const auto none = b.properties("ai999");
  CHECK(none.error().kind == ErrorKind::not_found);
  CHECK(none.error().message == "the device has no analog-input 999");
  CHECK(none.error().remedy.contains("browse it without an object"));
}

TEST_CASE("another device at the address, or none, is said") {
  Bench b;
  const auto other = b.run(browse_objects(b.link, b.url("?device=7"), {.progress = [](auto, auto) {}}));
  CHECK(other.error().message.contains("1001"));
  const auto nobody = b.run(browse_objects(b.link, bacnet::parse_url("bacnet://?device=7").value(),
                                           {.progress = [](auto, auto) {}}));
  CHECK(nobody.error().kind == ErrorKind::timeout);
}
