#include "api/control_news.hpp"

#include <doctest/doctest.h>

#include "gateway/control_json.hpp"
#include "gateway/testing/site_world.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view controlled = R"(control:
  enabled: true
  settle: 1s
  points:
    battery/ActivePowerSetpoint: {min: -5000, max: 5000, default: 0, ramp: 500, needs: {grid meter/ActivePower: 5s}}
  rights:
    - {owner: anna, level: operator, points: ["*"]}
controllers:
  - name: own sun
    mode: act
    self_consumption:
      grid: grid meter/ActivePower
      batteries: [{asset: battery, max_charge_w: 5000, max_discharge_w: 5000}]
)";

// A site that is controlled, and what two browsers were told of it.
struct Told {
  explicit Told(std::string_view sections = controlled)
      : site(11, {}, gateway::testing::SiteWorld::everyone, sections) {
    site.world.run_for(15s);
  }

  gateway::testing::SiteWorld site;
  ControlNews news{*site.gateway, site.gateway_node.executor()};
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

TEST_CASE("a message of control is made once, however many look at it, and not again before it is another") {
  Told told("");
  const std::string* one = told.news.control(told.first);
  REQUIRE(one != nullptr);
  CHECK(json::parse(*one)["type"] == "control");
  REQUIRE(told.news.control(told.second) == one);
  CHECK(told.news.made() == 1);
  CHECK(told.news.control(told.first) == nullptr);
  told.site.world.run_for(10s);
  CHECK(told.news.control(told.first) == nullptr);
  CHECK(told.news.made() == 1);
}

TEST_CASE("what control does is told to all within a second") {
  Told told;
  for (std::uint64_t* who : {&told.first, &told.second}) {
    CHECK(told.news.control(*who) != nullptr);
    CHECK(told.news.controllers(*who) != nullptr);
  }
  told.site.gateway->control()->claim({{.path = "battery/ActivePowerSetpoint",
                                        .owner = "anna",
                                        .level = control::Level::people,
                                        .value = 1234,
                                        .life = 1h}},
                                      [](const auto& claimed) { CHECK(claimed.front()); });
  told.site.world.run_for(1s);
  for (std::uint64_t* who : {&told.first, &told.second}) {
    const std::string* text = told.news.control(*who);
    REQUIRE(text != nullptr);
    CHECK(text->contains("1234"));
  }
}

TEST_CASE("what changes all the time is not made for each look, and its last state is told in the end") {
  Told told;
  const std::uint64_t before = told.news.made();
  const std::string* last = nullptr;
  for (int look = 0; look < 100; ++look) {  // 20 browsers in two seconds
    std::uint64_t who = 0;
    last = told.news.controllers(who);
    CHECK(last != nullptr);
    told.site.world.run_for(20ms);
  }
  CHECK(told.news.made() - before <= 9);
  std::uint64_t now = 0;
  told.site.world.run_for(1s);
  last = told.news.controllers(now);
  REQUIRE(last != nullptr);
  CHECK(now == told.site.gateway->controllers().revision());
}

TEST_CASE("the revision of the controllers is another whenever more of them than ages is") {
  Told told;
  gateway::ControllerDesk& desk = told.site.gateway->controllers();
  std::string before;
  std::uint64_t revision = 0;
  std::size_t changes = 0;
  const auto watch = [&](Duration time) {
    for (Duration passed{}; passed < time; passed += 100ms) {
      json now = json::parse(gateway::controllers_to_json(desk, {}).dump());
      for (json& controller : now) {
        for (json& input : controller["inputs"])
          input.erase("trouble");
      }
      const std::string text = now.dump();
      if (text != before) {
        CHECK(desk.revision() != revision);
        ++changes;
      }
      before = text;
      revision = desk.revision();
      told.site.world.run_for(100ms);
    }
  };
  watch(5s);
  desk.set_mode({.controller = "own sun", .mode = control::Mode::observe, .by = "anna"},
                [](const Result<void>& done) { CHECK(done); });
  watch(5s);
  told.site.site.find("grid meter")->faults.silent = true;
  watch(10s);
  told.site.site.find("grid meter")->faults.silent = false;
  watch(10s);
  CHECK(changes > 20);
}

}  // namespace
}  // namespace iw::api
