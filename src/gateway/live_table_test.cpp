#include "gateway/live_table.hpp"

#include <doctest/doctest.h>

#include "gateway/live_json.hpp"

using namespace iw;
using namespace iw::gateway;
using model::Detail;
using model::Quality;
using model::Quantity;
using model::Unit;
using model::Validity;

namespace {

struct Site {
  Site() {
    REQUIRE(site.add_device(device, "roof",
                            {{"", {.mrid = {}, .name = "roof", .kind = model::AssetKind::inverter}}}));
    model::DeviceDescription description{
        .device = device, .name = "roof", .identity = {.manufacturer = "Acme"}, .points = {}};
    description.points.push_back({.name = {.quantity = Quantity::ActivePower}});
    REQUIRE(site.describe(std::move(description)));
    live.reset(device, 1);
    live.apply({.device = device, .time = {}, .state = bus::DeviceState::online, .reason = "answers"});
  }
  void sample(double value, Quality quality) {
    model::SampleBatch batch;
    batch.device = device;
    batch.source_time = WallTime(1767225600s);
    batch.received = Instant(10s);
    batch.add(0, value, quality);
    live.apply(batch);
  }
  std::string table() { return live_table(site, live, Instant(12s), console); }

  model::DeviceId device{1};
  model::SiteModel site{model::Mrid{}};
  bus::LiveState live;
  Console console;
};

}  // namespace

TEST_CASE("values are shown with the prefix that fits") {
  CHECK(format_value(-4980, Unit::W) == "-4.98 kW");
  CHECK(format_value(12'345'678, Unit::Wh) == "12.3 MWh");
  CHECK(format_value(999, Unit::W) == "999 W");
  CHECK(format_value(230.14, Unit::V) == "230.1 V");
  CHECK(format_value(50.003, Unit::Hz) == "50.00 Hz");
  CHECK(format_value(87.4, Unit::percent) == "87 %");
}

TEST_CASE("ages are short") {
  CHECK(format_age(400ms) == "0.4 s");
  CHECK(format_age(42s) == "42 s");
  CHECK(format_age(5min) == "5 min");
}

TEST_CASE(
    "a good value is shown plainly, an old one with a question mark, a lost one with an exclamation mark") {
  Site site;
  CHECK(site.table().find("…") != std::string::npos);
  site.sample(-4980, {});
  CHECK(site.table().find("-4.98 kW  2.0 s  Acme") != std::string::npos);
  site.sample(0, Quality(Validity::questionable).with(Detail::old_data));
  CHECK(site.table().find("-4.98 kW ?") != std::string::npos);
  site.sample(0, Quality(Validity::invalid).with(Detail::failure));
  CHECK(site.table().find("-4.98 kW !") != std::string::npos);
}

TEST_CASE("an offline device says why") {
  Site site;
  site.live.apply(
      {.device = site.device, .time = {}, .state = bus::DeviceState::offline, .reason = "nobody listens"});
  CHECK(site.table().find("nobody listens") != std::string::npos);
}

TEST_CASE("JSON gives number, unit, quality and time, and no number where there is none") {
  Site site;
  site.sample(-4980, {});
  const std::string json = live_json(site.site, site.live, Instant(12s));
  CHECK(json.find(R"("path": "roof/ActivePower")") != std::string::npos);
  CHECK(json.find(R"("value": -4980.0)") != std::string::npos);
  CHECK(json.find(R"("time": "2026-01-01T00:00:00.000Z")") != std::string::npos);
  CHECK(json.find(R"("quality": "good")") != std::string::npos);
}

TEST_CASE("table columns are as wide as what is shown, not as its bytes") {
  CHECK(display_width("●") == 1);
  CHECK(display_width("\033[32m°C\033[0m") == 2);
}
