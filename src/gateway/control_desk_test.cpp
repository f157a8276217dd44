// The run of a control desk: what is written, when, and what is on record of it.
#include "gateway/control_desk.hpp"

#include <doctest/doctest.h>

#include "gateway/control_json.hpp"
#include "gateway/testing/desk_site.hpp"
#include "json/json.hpp"

using namespace iw;
using namespace iw::gateway;
using namespace iw::gateway::testing;

TEST_CASE("a claim is written, confirmed by the device, and over at its end") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 60s)));
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].value == 3000);
  CHECK(site.written[0].owner == "anna");
  CHECK(site.state() == WriteState::sent);
  site.confirm();
  CHECK(site.state() == WriteState::confirmed);
  site.wait(59s);
  CHECK(site.written.size() == 1);
  site.wait(2s);
  REQUIRE(site.written.size() == 2);
  CHECK(site.written[1].value == 100);
  CHECK(site.written[1].owner == "default");
  CHECK(site.audited("claim", "accepted") == 1);
  CHECK(site.audited("command", "confirmed") == 1);
  CHECK(site.audited("expiry", "expired") == 1);
}

TEST_CASE("a claim on a group moves its members, is kept over a restart, and its shares are not") {
  ControlSection section = a_section();
  section.groups = {{.name = "storage",
                     .point = {.quantity = model::Quantity::ActivePowerSetpoint},
                     .members = {{.asset = "battery"}}}};
  config::Findings findings;
  section.add_groups(findings);
  REQUIRE(findings.ok());
  DeskSite site(section);
  ClaimRequest all = by_anna(3000, 60s);
  all.path = "storage/ActivePowerSetpoint";
  const auto claim = site.claim(all);
  REQUIRE(claim);
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].value == 3000);
  CHECK(site.written[0].owner == "anna");
  site.confirm();
  const auto view_of_group = [&] { return site.desk->view().back(); };
  REQUIRE(view_of_group().group != nullptr);
  CHECK(view_of_group().actuator.status().state == WriteState::confirmed);
  CHECK(view_of_group().actuator.status().shown == 3000);
  const auto share = site.desk->view().front().point.claims.front();
  CHECK(site.release(share.id, "anna").error().message == "claim 2 is a share of claim 1");
  site.kill();
  site.start();
  CHECK(site.desk->view().front().point.claims.size() == 1);
  CHECK(site.written.back().value == 3000);
  site.confirm();
  REQUIRE(site.release(claim->id, "anna"));
  CHECK(site.desk->view().front().point.claims.empty());
  site.wait(10s);
  CHECK(site.written.back().value == 100);
}

TEST_CASE("nothing is written without a claim before the site has settled, then the default") {
  DeskSite site;
  site.wait(4s);
  CHECK(site.written.empty());
  site.wait(2s);
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].value == 100);
}

TEST_CASE(
    "a device that comes back before the site has settled is not told what a claim wanted that is over") {
  DeskSite site;
  const auto claim = site.claim(by_anna(3000));
  REQUIRE(site.written.size() == 1);
  site.answer(WriteState::unknown);
  site.set_battery(bus::DeviceState::offline);
  REQUIRE(site.release(claim->id, "anna"));
  site.wait(2s);
  site.set_battery(bus::DeviceState::online);
  site.wait(2s);
  CHECK(site.written.size() == 1);
  site.wait(2s);  // it has settled: the default
  REQUIRE(site.written.size() == 2);
  CHECK(site.written[1].value == 100);
}

TEST_CASE("a site without control writes nothing, whatever is asked") {
  ControlSection off = a_section();
  off.enabled = false;
  DeskSite site(off);
  CHECK(site.claim(by_anna(1)).error().kind == ErrorKind::denied);
  site.wait(1min);
  CHECK(site.written.empty());
}

TEST_CASE("the diary waits until the devices are told, and has the end of it also at a stop") {
  ControlSection section = a_section();
  section.points[setpoint].on_stop = OnStop::keep;
  DeskSite site(section);
  const WallTime begin = site.executor.clock().wall_now();
  const auto noted = [&] {
    return read_decisions(site.files, "data/control", setpoint, begin, begin + 1h).value();
  };
  REQUIRE(site.claim(by_anna(3000, 60s)));
  REQUIRE(site.written.size() == 1);
  CHECK(noted().empty());
  site.confirm();
  site.wait(100ms);
  REQUIRE(noted().size() == 1);
  CHECK(noted()[0].value == 3000);
  CHECK(noted()[0].state == "confirmed");
  site.wait(1s);
  REQUIRE(site.claim(by_anna(2000, 60s)));
  site.confirm();
  bool stopped = false;
  site.desk->stop([&] { stopped = true; });
  site.wait(50ms);
  REQUIRE(stopped);
  REQUIRE(noted().size() == 2);
  CHECK(noted()[1].value == 2000);
}

TEST_CASE("what was decided at any past minute can be asked") {
  DeskSite site;
  const WallTime begin = site.executor.clock().wall_now();
  REQUIRE(site.claim(by_anna(3000, 60s)));
  site.confirm();
  REQUIRE(site.claim({.path = setpoint,
                      .owner = "dso",
                      .level = Level::grid,
                      .demand = Demand::at_most,
                      .value = 2000,
                      .life = 30s,
                      .reason = "peak"}));
  site.wait(1s);
  site.confirm();
  site.wait(29s);
  site.confirm();
  site.wait(31s);
  site.confirm();
  site.wait(25h);
  const auto at = [&](Duration after) {
    return read_decisions(site.files, "data/control", setpoint, begin + after, begin + after + 1s)
        .value()
        .front();
  };
  CHECK(at(20s).value == 2000);
  CHECK(at(20s).code == "limited_by_claim");
  CHECK(at(20s).limiter == "dso");
  CHECK(at(20s).words == "anna (operator) wants set 3000, dso (grid) allows at most 2000 (peak): test");
  CHECK(at(20s).state == "confirmed");
  CHECK(at(45s).value == 3000);
  CHECK(at(24h).value == 100);
  CHECK(at(24h).code == "fallback");
}

TEST_CASE("what is decided now is said at once, where the diary waits a minute for the next value") {
  DeskSite site;
  const auto claim = site.desk->claim_for_controller(
      {.path = setpoint, .owner = "own sun", .level = Level::optimisation, .value = 1000, .life = 1h});
  REQUIRE(claim);
  site.desk->decide();
  site.run();
  site.confirm();
  site.wait(1s);
  REQUIRE(site.desk->renew_for_controller(setpoint, *claim, 1500, 1h, "more sun"));
  site.desk->decide();
  site.run();
  site.confirm();
  const auto now = site.desk->decision(setpoint);
  REQUIRE(now);
  CHECK(now->value == 1500);
  CHECK(now->shown == 1500);
  CHECK(now->owner == "own sun");
  CHECK(now->state == "confirmed");
  CHECK(now->words == "own sun (optimisation) wants set 1500: more sun");
  const WallTime wall = site.executor.clock().wall_now();
  CHECK(now->time == wall);
  CHECK(read_decisions(site.files, "data/control", setpoint, wall, wall + 1s).value().back().value == 1000);
  CHECK_FALSE(site.desk->decision("battery/ActivePowerLimit"));
}

TEST_CASE("a bound of protection is kept at once, and what is within comes along the ramp") {
  ControlSection section = a_section();
  section.points[setpoint].ramp = 100;
  DeskSite site(section);
  site.show(4000);
  REQUIRE(site.claim(by_anna(4000)));
  REQUIRE(site.written.back().value == 4000);
  site.confirm();
  const auto bound = site.desk->claim_for_controller({.path = setpoint,
                                                      .owner = "feed-in",
                                                      .level = Level::protection,
                                                      .demand = Demand::at_most,
                                                      .value = 1000,
                                                      .life = 1h});
  REQUIRE(bound);
  site.desk->decide();
  site.wait(1s);
  CHECK(site.written.back().value == 1000);
  site.confirm();
  site.desk->release_for_controller(*bound);
  site.desk->decide();
  site.wait(1s);
  CHECK(site.written.back().value == 1100);
}

TEST_CASE("the revision is another whenever the view is, and stays while nothing happens") {
  ControlSection section = a_section();
  section.points[setpoint].needs[meter] = 10s;
  DeskSite site(section);
  std::string before;
  std::uint64_t revision = 0;
  std::size_t changes = 0;
  const auto look = [&] {
    const std::string now = control_to_json(*site.desk, {}).dump();
    if (now != before) {
      CHECK(site.desk->revision() != revision);
      ++changes;
    }
    before = now;
    revision = site.desk->revision();
  };
  const auto live_for = [&](Duration time) {
    for (Duration passed{}; passed < time; passed += 100ms) {
      look();
      site.wait(100ms);
    }
  };
  look();
  site.measure(500);
  live_for(6s);  // it settles: the default
  site.confirm();
  look();
  const auto claim = site.claim(by_anna(3000, 20s));
  look();
  site.answer(WriteState::not_followed, 800);
  look();
  site.show(900);
  live_for(8s);  // the meter is lost meanwhile
  site.measure(500);
  live_for(12s);  // and the claim ends
  ClaimRequest limit = by_anna(50);
  limit.demand = Demand::at_most;
  const auto second = site.claim(limit);
  look();
  CHECK(site.release(second->id, "anna"));
  look();
  CHECK(changes > 10);

  site.section.points[setpoint].needs.clear();
  site.desk->configure(site.section);
  while (!site.pending.empty())
    site.confirm();
  site.wait(10s);
  look();
  changes = 0;
  const std::uint64_t calm = site.desk->revision();
  live_for(20s);
  CHECK(changes == 0);
  CHECK(site.desk->revision() == calm);
}
