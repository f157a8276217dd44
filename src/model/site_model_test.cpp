#include "model/site_model.hpp"

#include <doctest/doctest.h>

#include "model/command.hpp"

using namespace iw;
using namespace iw::model;

namespace {

const Mrid site = parse_mrid("6f2b6f3e-6a44-4c0e-9a53-0f6ef2d6c9a1").value();
constexpr DeviceId one{1};
constexpr DeviceId two{2};

Point point(Quantity quantity, Phase phase = Phase::none, std::string role = {}) {
  return {.name = {quantity, phase}, .role = std::move(role)};
}

DeviceDescription description(DeviceId device, std::vector<Point> points) {
  return {.device = device, .name = {}, .identity = {}, .points = std::move(points)};
}

AssetsByRole assets(std::string_view name, AssetKind kind) {
  return {{"", Asset{.mrid = {}, .name = std::string(name), .kind = kind}}};
}

// An inverter "roof" with a battery behind it, as device 1.
SiteModel hybrid() {
  SiteModel model(site);
  REQUIRE(model.add_device(one, "inverter 1", assets("roof", AssetKind::inverter)).has_value());
  REQUIRE(model
              .describe(description(one, {point(Quantity::ActivePower), point(Quantity::VoltageLN, Phase::A),
                                          point(Quantity::StateOfCharge, Phase::none, "battery")}))
              .has_value());
  return model;
}

bool has(const Result<void>& result, std::string_view part) {
  return !result.has_value() && result.error().message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a described point is found by id, path and mRID") {
  const SiteModel model = hybrid();
  const PointId voltage{one, 1};
  CHECK(model.path(voltage) == "roof/Voltage.LN.A");
  CHECK(model.find("roof/Voltage.LN.A").value() == voltage);
  CHECK(model.mrid(voltage) == derive(derive(site, "roof"), "Voltage.LN.A"));
  CHECK(model.find(model.mrid(voltage).value()) == voltage);
  REQUIRE(model.point(voltage) != nullptr);
  CHECK(model.point(voltage)->name == PointName{Quantity::VoltageLN, Phase::AN});
  CHECK(model.asset(voltage)->kind == AssetKind::inverter);
}

TEST_CASE("a role without an asset makes one, named after the main asset") {
  const SiteModel model = hybrid();
  const PointId charge{one, 2};
  CHECK(model.path(charge) == "roof-battery/StateOfCharge");
  CHECK(model.asset(charge)->kind == AssetKind::battery);
  CHECK(model.asset(charge)->mrid == asset_mrid(site, "roof-battery"));
}

TEST_CASE("a device without assets is one, called as the device") {
  SiteModel model(site);
  REQUIRE(model.add_device(one, "meter 1").has_value());
  REQUIRE(model.describe(description(one, {point(Quantity::EnergyImport)})).has_value());
  CHECK(model.path({one, 0}) == "meter 1/EnergyImport");
}

TEST_CASE("what is not there is not found, and the nearest path is named") {
  const SiteModel model = hybrid();
  CHECK(model.point({one, 3}) == nullptr);
  CHECK(model.point({two, 0}) == nullptr);
  CHECK(model.asset({two, 0}) == nullptr);
  CHECK(model.path({two, 0}).empty());
  CHECK_FALSE(model.mrid({one, 3}).has_value());
  CHECK_FALSE(model.find(Mrid{}).has_value());
  CHECK(model.device(two) == nullptr);
  const auto missing = model.find("roof/ActivPower");
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(missing.error().message == "no point 'roof/ActivPower', did you mean 'roof/ActivePower'?");
  CHECK(model.find("nothing of that kind").error().message == "no point 'nothing of that kind'");
}

TEST_CASE("a replaced device keeps the mRIDs of its assets and points") {
  SiteModel model = hybrid();
  const auto power = model.mrid({one, 0});
  const auto charge = model.mrid({one, 2});

  SUBCASE("described anew, with other points in another order") {
    REQUIRE(model
                .describe(description(
                    one, {point(Quantity::Frequency), point(Quantity::StateOfCharge, {}, "battery"),
                          point(Quantity::ActivePower)}))
                .has_value());
    CHECK(model.mrid({one, 2}) == power);
    CHECK(model.mrid({one, 1}) == charge);
    CHECK(model.find("roof/ActivePower").value() == PointId{one, 2});
    CHECK_FALSE(model.find("roof/Voltage.LN.A").has_value());
    CHECK(model.find(*charge) == PointId{one, 1});
  }
  SUBCASE("by another device under another id and name") {
    CHECK(model.remove_device(one));
    REQUIRE(model.add_device(two, "another make", assets("roof", AssetKind::inverter)).has_value());
    REQUIRE(model.describe(description(two, {point(Quantity::ActivePower)})).has_value());
    CHECK(model.mrid({two, 0}) == power);
    CHECK(model.find("roof/ActivePower").value() == PointId{two, 0});
  }
  SUBCASE("in another process") { CHECK(hybrid().mrid({one, 0}) == power); }
}

TEST_CASE("a removed device takes its points along") {
  SiteModel model = hybrid();
  const Mrid power = model.mrid({one, 0}).value();
  CHECK(model.remove_device(one));
  CHECK_FALSE(model.remove_device(one));
  CHECK(model.point({one, 0}) == nullptr);
  CHECK_FALSE(model.find("roof/ActivePower").has_value());
  CHECK_FALSE(model.find(power).has_value());
  CHECK(model.points().begin() == model.points().end());
}

TEST_CASE("the configuration may give an asset its own mRID") {
  SiteModel model(site);
  const Mrid own = parse_mrid("11111111-2222-4333-8444-555555555555").value();
  REQUIRE(model.add_device(one, "m", {{"", Asset{.mrid = own, .name = "grid", .kind = AssetKind::meter}}})
              .has_value());
  REQUIRE(model.describe(description(one, {point(Quantity::ActivePower)})).has_value());
  CHECK(model.asset({one, 0})->mrid == own);
  CHECK(model.mrid({one, 0}) == derive(own, "ActivePower"));
}

TEST_CASE("points come in the order of devices and indices, however they were added") {
  SiteModel model(site);
  REQUIRE(model.add_device(two, "b").has_value());
  REQUIRE(model.add_device(one, "a").has_value());
  REQUIRE(
      model.describe(description(two, {point(Quantity::Frequency), point(Quantity::Current)})).has_value());
  REQUIRE(model.describe(description(one, {point(Quantity::ActivePower)})).has_value());
  std::vector<std::string> paths;
  for (const SiteModel::PlacedPoint& placed : model.points())
    paths.push_back(placed.path);
  CHECK(paths == std::vector<std::string>{"a/ActivePower", "b/Frequency", "b/Current"});
  std::vector<std::string> names;
  for (const SiteModel::Device& device : model.devices())
    names.push_back(device.name);
  CHECK(names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("two devices may serve one asset, but not measure one point twice") {
  SiteModel model = hybrid();
  REQUIRE(model.add_device(two, "extra meter", assets("roof", AssetKind::inverter)).has_value());
  CHECK(model.describe(description(two, {point(Quantity::Frequency)})).has_value());
  CHECK(model.path({two, 0}) == "roof/Frequency");
  CHECK(has(model.describe(description(two, {point(Quantity::ActivePower)})),
            "'roof/ActivePower' is already measured by device 'inverter 1'"));
}

TEST_CASE("an asset is what the device says it is, unless somebody has stated it") {
  SiteModel model(site);
  REQUIRE(model.add_device(one, "storage"));
  REQUIRE(model.add_device(two, "stated", assets("feeder", AssetKind::feeder)));
  auto said =
      description(one, {point(Quantity::ActivePower), point(Quantity::Frequency, Phase::none, "meter2")});
  said.kinds = {
      {"", AssetKind::battery}, {"meter2", AssetKind::meter}, {"weather", AssetKind::weather_station}};
  REQUIRE(model.describe(said));
  CHECK(model.device(one)->assets.size() == 2);
  CHECK(model.asset({one, 0})->kind == AssetKind::battery);
  CHECK(model.asset({one, 1})->kind == AssetKind::meter);
  // Another make in its place.
  said.kinds[""] = AssetKind::inverter;
  REQUIRE(model.describe(said));
  CHECK(model.asset({one, 0})->kind == AssetKind::inverter);

  auto other = description(two, {point(Quantity::ActivePower)});
  other.kinds = {{"", AssetKind::meter}};
  REQUIRE(model.describe(other));
  CHECK(model.asset({two, 0})->kind == AssetKind::feeder);
}

TEST_CASE("of an asset that two devices serve, the kind that was said first is kept") {
  SiteModel model(site);
  REQUIRE(model.add_device(one, "first", assets("roof", AssetKind::other)));
  REQUIRE(model.add_device(two, "second", assets("roof", AssetKind::other)));
  auto inverter = description(one, {point(Quantity::ActivePower)});
  inverter.kinds = {{"", AssetKind::inverter}};
  auto meter = description(two, {point(Quantity::Frequency)});
  meter.kinds = {{"", AssetKind::meter}};
  REQUIRE(model.describe(inverter));
  REQUIRE(model.describe(meter));
  CHECK(model.asset({one, 0})->kind == AssetKind::inverter);
  CHECK(model.asset({two, 0})->kind == AssetKind::inverter);
}

TEST_CASE("a description that can not be is refused and changes nothing") {
  SiteModel model = hybrid();
  CHECK(has(model.describe(description(one, {point(Quantity::Current), point(Quantity::Current)})),
            "two points are called 'roof/Current'"));
  // AN and A are one voltage.
  CHECK(has(model.describe(description(
                one, {point(Quantity::VoltageLN, Phase::A), point(Quantity::VoltageLN, Phase::AN)})),
            "two points are called 'roof/Voltage.LN.A'"));
  CHECK(has(model.describe(description(one, {point(Quantity::Frequency, Phase::B)})),
            "device 'inverter 1': Frequency can not have phase B"));
  CHECK(has(model.describe(description(one, {point(Quantity::Current, {}, "a/b")})),
            "'roof-a/b' can not be the name"));
  CHECK(has(model.describe(description(two, {})), "device 2"));
  CHECK(has(model.describe(description(one, std::vector<Point>(65537))), "65537 points"));
  CHECK(model.find("roof/ActivePower").value() == PointId{one, 0});
  CHECK(model.device(one)->points.size() == 3);
}

TEST_CASE("a device that can not be is refused") {
  SiteModel model = hybrid();
  CHECK(has(model.add_device(one, "x"), "already a device 1"));
  CHECK(has(model.add_device(two, "inverter 1"), "already a device 'inverter 1'"));
  CHECK(has(model.add_device(two, "x", assets("roof", AssetKind::meter)),
            "'roof' of device 'inverter 1' has another"));
  CHECK(has(model.add_device(two, "x", {{"", Asset{.mrid = asset_mrid(site, "roof"), .name = "cellar"}}}),
            "have the same mRID"));
  CHECK(has(model.add_device(two, "x", assets("a/b", AssetKind::meter)), "'a/b' can not be the name"));
  CHECK(has(model.add_device(two, "x", assets("", AssetKind::meter)), "has no name"));
  CHECK(has(model.add_device(two, "x",
                             {{"", Asset{.mrid = {}, .name = "m", .kind = AssetKind::meter}},
                              {"battery", Asset{.mrid = {}, .name = "m", .kind = AssetKind::battery}}}),
            "another mRID or kind"));
  CHECK(model.device(two) == nullptr);
}

TEST_CASE("a copy of the picture is independent of the original") {
  SiteModel model = hybrid();
  const SiteModel copy = model;
  model.remove_device(one);
  CHECK(copy.find("roof/ActivePower").has_value());
  CHECK(copy.path({one, 0}) == "roof/ActivePower");
}

TEST_CASE("a command is expired from its expiry on, and only an answer ends it") {
  const WriteCommand command{
      .point = {one, 0}, .value = 5000, .owner = "test", .id = 7, .expiry = Instant{10s}};
  CHECK_FALSE(command.expired(Instant{10s} - 1ns));
  CHECK(command.expired(Instant{10s}));
  CHECK_FALSE(is_final(WriteState::requested));
  CHECK_FALSE(is_final(WriteState::sent));
  CHECK(is_final(WriteState::confirmed));
  CHECK(is_final(WriteState::unknown));
  CHECK(to_string(WriteState::not_followed) == "not followed");
}
