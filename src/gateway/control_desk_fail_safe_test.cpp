// What a control desk does about what is lost: what points need, their devices, the gateway itself.
#include <doctest/doctest.h>

#include "gateway/control_desk.hpp"
#include "gateway/testing/desk_site.hpp"

using namespace iw;
using namespace iw::gateway;
using namespace iw::gateway::testing;

TEST_CASE(
    "a claim is told to a device with the time to leave it, and again at half of it; a default stands") {
  DeskSite site;
  site.battery_falls_back({.to_value = true});
  REQUIRE(site.claim(by_anna(3000, 100s)));
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].revert == model::Revert{.after = 60s, .to = 100});
  site.confirm();
  site.wait(29s);
  CHECK(site.written.size() == 1);
  site.wait(2s);
  REQUIRE(site.written.size() == 2);
  CHECK(site.written[1].revert == model::Revert{.after = 60s, .to = 100});
  site.confirm();
  for (int half = 0; half < 3; ++half) {
    site.wait(30s);
    if (!site.pending.empty()) site.confirm();
  }
  CHECK(site.written.back().value == 100);
  CHECK(site.written.back().owner == "default");
  CHECK(site.written.back().revert == model::Revert{.after = 0s, .to = 100});
  const std::size_t all = site.written.size();
  site.wait(10min);
  CHECK(site.written.size() == all);
}

TEST_CASE("an off and what protects stand whatever becomes of the gateway") {
  DeskSite site;
  site.battery_falls_back({.to_value = false});
  ClaimRequest off = by_anna(0);
  off.demand = Demand::off;
  REQUIRE(site.claim(off));
  CHECK(site.written.back().revert == model::Revert{.after = 0s, .to = 100});
}

TEST_CASE("a device that falls back in any case is told again for as long as it is controlled") {
  DeskSite site;
  site.battery_falls_back({.after = 20s});
  site.wait(6s);
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].owner == "default");
  site.confirm();
  site.wait(10s);
  CHECK(site.written.size() == 2);
}

TEST_CASE("a device that would not fall back is said to be so, once") {
  DeskSite site;
  site.battery_falls_back({});
  REQUIRE(site.claim(by_anna(3000)));
  for (int time = 0; time < 2; ++time) {
    auto done = std::move(site.pending.front());
    site.pending.pop_front();
    done({.state = WriteState::confirmed,
          .read_back = 3000,
          .unguarded = Error{ErrorKind::rejected, "the revert timer, register 7: no"}});
    site.run();
    CHECK(site.state() == WriteState::confirmed);
    CHECK(site.desk->view().front().unguarded == "the revert timer, register 7: no");
    site.wait(31s);
  }
  CHECK(site.audited("revert", "refused") == 1);
}

TEST_CASE(
    "without what it needs a point goes to its fail-safe value, and back when all is well for a while") {
  ControlSection section = a_section();
  section.points[setpoint].needs[meter] = 10s;
  section.points[setpoint].fail_safe = -1;
  DeskSite site(section);
  site.measure(500);
  REQUIRE(site.claim(by_anna(3000)));
  site.confirm();
  site.wait(9s);
  CHECK(site.written.size() == 1);
  site.wait(2s);
  REQUIRE(site.written.size() == 2);
  CHECK(site.written[1].value == -1);
  CHECK(site.written[1].owner == "fail-safe");
  site.confirm();
  for (int second = 0; second < 4; ++second) {
    site.measure(500);
    site.wait(1s);
  }
  CHECK(site.written.size() == 2);
  for (int second = 0; second < 3; ++second) {
    site.measure(500);
    site.wait(1s);
  }
  CHECK(site.written.back().value == 3000);
  CHECK(site.audited("mode", "fail-safe") == 1);
  CHECK(site.audited("mode", "normal") == 1);
}

TEST_CASE("people are told when a point is held safe, and when its device does not follow") {
  ControlSection section = a_section();
  section.points[setpoint].needs = {{meter, 10s}};
  DeskSite site(section);
  const std::pair safe{events::Kind::fail_safe, std::string(setpoint)};
  const std::pair amiss{events::Kind::not_followed, std::string(setpoint)};
  for (int i = 0; i < 12; ++i) {
    site.measure(1000);
    site.wait(500ms);
  }
  site.confirm();
  REQUIRE(site.claim(by_anna(3000)));
  CHECK(site.alarms[safe].empty());
  site.answer(WriteState::not_followed, 800);
  site.measure(1000);
  site.wait(2s);
  site.answer(WriteState::not_followed, 800);
  CHECK(site.alarms[amiss].empty());
  site.measure(1000);
  site.wait(4s);
  site.answer(WriteState::not_followed, 800);
  CHECK(site.alarms[amiss] == "told 3000: not followed, it shows 800");
  site.wait(10s);
  CHECK(site.alarms[safe] == "held at 100: meter/ActivePower is not for control: too old");
  site.section.points.clear();
  site.desk->configure(site.section);
  site.run();
  CHECK(site.alarms[safe].empty());
  CHECK(site.alarms[amiss].empty());
}

TEST_CASE("after a start a point waits for what it needs before it is held safe") {
  ControlSection section = a_section();
  section.points[setpoint].needs[meter] = 10s;
  section.points[setpoint].fail_safe = -1;
  DeskSite site(section);
  REQUIRE(site.claim(by_anna(3000)));
  site.wait(4s);
  CHECK(site.written.empty());
  SUBCASE("which does not come") {
    site.wait(2s);
    CHECK(site.written.back().value == -1);
  }
  SUBCASE("which comes") {
    site.measure(1);
    site.wait(1s);
    CHECK(site.written.back().value == 3000);
  }
}

TEST_CASE("at the end every point is left as declared, and the claims wait for the next start") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 1h)));
  site.confirm();
  site.wait(2s);
  bool stopped = false;
  site.desk->stop([&] { stopped = true; });
  site.run();
  CHECK(site.written.back().value == 100);
  CHECK_FALSE(stopped);
  site.confirm();
  site.wait(1s);
  CHECK(stopped);
  site.kill();
  site.start();
  CHECK(site.written.back().value == 3000);
}

TEST_CASE("at the end nothing comes up that a controller held down") {
  ControlSection section = a_section();
  section.points[setpoint].fallback = 4000;
  section.points[setpoint].fail_safe = 0;
  DeskSite site(section);
  const auto held = site.desk->claim_for_controller({.path = setpoint,
                                                     .owner = "feed-in",
                                                     .level = Level::contract,
                                                     .demand = Demand::at_most,
                                                     .value = 500,
                                                     .life = 10s});
  REQUIRE(held);
  site.desk->decide();
  site.wait(6s);
  REQUIRE(site.written.back().value == 500);
  site.confirm();
  site.wait(1s);
  site.desk->stop([] {});
  site.desk->release_for_controller(*held);
  site.desk->decide();
  site.run();
  site.confirm();
  site.wait(5s);
  CHECK(site.written.size() == 2);
  CHECK(site.written.back().value == 0);
}

TEST_CASE("a device that does not answer does not keep the gateway from ending") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 1h)));
  bool stopped = false;
  site.desk->stop([&] { stopped = true; });
  site.wait(4s);
  CHECK(stopped);
}

TEST_CASE("a point that is no longer controlled is left at its fail-safe value, and its claims end") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000)));
  site.confirm();
  site.wait(2s);
  SUBCASE("because the point is taken out") { site.section.points.clear(); }
  SUBCASE("because control is switched off") { site.section.enabled = false; }
  site.desk->configure(site.section);
  site.run();
  CHECK(site.written.back().value == 100);
  site.confirm();
  CHECK(site.audited("command", "confirmed") == 2);
  site.wait(10min);
  CHECK(site.written.size() == 2);
  CHECK(site.desk->view().empty());
}

TEST_CASE("what is needed and is not good is as lost as what does not come") {
  ControlSection section = a_section();
  section.points[setpoint].needs[meter] = 10s;
  section.points[setpoint].fail_safe = -1;
  DeskSite site(section);
  site.measure(500);
  site.wait(6s);  // it has settled
  site.confirm();
  REQUIRE(site.claim(by_anna(3000)));
  site.confirm();
  SUBCASE("its device does not answer") {
    site.measure(500, model::Quality(model::Validity::questionable).with(model::Detail::old_data));
  }
  SUBCASE("somebody made it up") { site.measure(500, model::Quality().with(model::Detail::substituted)); }
  SUBCASE("it is nonsense") { site.measure(500, model::Quality(model::Validity::invalid)); }
  site.wait(2s);
  CHECK(site.written.back().value == -1);
  CHECK(site.written.back().owner == "fail-safe");
}

TEST_CASE("a point that is to be left as it is is not touched at the end, nor when it is taken out") {
  ControlSection section = a_section();
  section.points[setpoint].fail_safe = 0;
  section.points[setpoint].on_stop = OnStop::keep;
  DeskSite site(section);
  REQUIRE(site.claim(by_anna(3000)));
  site.confirm();
  site.wait(2s);
  SUBCASE("at the end") {
    bool stopped = false;
    site.desk->stop([&] { stopped = true; });
    site.wait(1s);
    CHECK(stopped);
  }
  SUBCASE("taken out") {
    site.section.points.clear();
    site.desk->configure(site.section);
    site.wait(1min);
  }
  CHECK(site.written.size() == 1);
}
