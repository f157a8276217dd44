// The claims of a control desk: who may make them, what they outlive, and how they end.
#include <doctest/doctest.h>

#include "gateway/control_desk.hpp"
#include "gateway/testing/desk_site.hpp"

using namespace iw;
using namespace iw::gateway;
using namespace iw::gateway::testing;

TEST_CASE("what nobody granted is refused, and that is on record") {
  DeskSite site;
  ClaimRequest eve = by_anna(1);
  eve.owner = "eve";
  CHECK(site.claim(eve).error().kind == ErrorKind::denied);
  ClaimRequest too_high = by_anna(1);
  too_high.owner = "dso";
  CHECK(site.claim(too_high).error().kind == ErrorKind::denied);
  CHECK(site.claim(by_anna(6000)).error().kind == ErrorKind::invalid_argument);
  CHECK(site.written.empty());
  CHECK(site.audited("claim", "refused") == 3);
}

TEST_CASE("a role gives a right to every point up to its level, to whom the configuration does not name") {
  DeskSite site;
  const auto claim = [&](const std::string& owner, Level level) {
    std::optional<Result<control::Claim>> result;
    site.desk->claim(
        {{.path = setpoint, .owner = owner, .level = level, .value = 1000, .life = 1h}},
        [&](ControlDesk::Claimed claimed) { result = claimed.front(); }, Level::people);
    site.run();
    return result.value();
  };
  CHECK(claim("bert", Level::people));
  CHECK(claim("bert", Level::protection).error().kind == ErrorKind::denied);
  CHECK(claim("dso", Level::grid));
  CHECK(claim("dso", Level::people).error().kind == ErrorKind::denied);  // whatever the role
  CHECK(site.audited("claim", "refused") == 2);
}

TEST_CASE("a preview says what a claim would bring about, and changes nothing") {
  DeskSite site;
  REQUIRE(site.claim({.path = setpoint,
                      .owner = "dso",
                      .level = Level::grid,
                      .demand = Demand::at_most,
                      .value = 2000,
                      .life = 1h,
                      .reason = "the feeder is full"}));
  const std::size_t records = site.audited().size();
  const auto would = site.desk->preview(by_anna(3000));
  REQUIRE(would);
  CHECK(would->ruling.value == 2000);
  CHECK(would->ruling.code == control::Code::limited_by_claim);
  CHECK(would->words.find("dso (grid) allows at most 2000") != std::string::npos);
  CHECK(site.desk->preview(by_anna(6000)).error().kind == ErrorKind::invalid_argument);
  ClaimRequest by_eve = by_anna(3000);
  by_eve.owner = "eve";
  CHECK(site.desk->preview(by_eve).error().kind == ErrorKind::denied);
  CHECK(site.desk->view().front().point.claims.size() == 1);
  CHECK(site.audited().size() == records);
}

TEST_CASE("what can not be put on record does not come into force") {
  DeskSite site;
  site.files.fail_with(Error{ErrorKind::exhausted, "the disk is full"});
  CHECK(site.claim(by_anna(3000)).error().kind == ErrorKind::exhausted);
  CHECK(site.written.empty());
  site.files.fail_with(std::nullopt);
  REQUIRE(site.claim(by_anna(2000)));
  CHECK(site.written.back().value == 2000);
}

TEST_CASE("what is written once is not begun while the gateway stops") {
  constexpr model::DeviceId second{3};
  ControlSection section = a_section();
  section.points[setpoint].once = true;
  section.points["second/ActivePowerSetpoint"] = section.points[setpoint];
  section.points["second/ActivePowerSetpoint"].once = false;
  DeskSite site(section);
  site.add_device(second, "second", model::Quantity::ActivePowerSetpoint, true);
  site.set_battery(bus::DeviceState::offline);
  REQUIRE(site.claim(by_anna(3000)));
  ClaimRequest other = by_anna(1000);
  other.path = "second/ActivePowerSetpoint";
  REQUIRE(site.claim(other));
  REQUIRE(site.written.size() == 1);  // it is under way, so that stopping takes a while
  bool stopped = false;
  site.desk->stop([&] { stopped = true; });
  site.set_battery(bus::DeviceState::online);
  site.wait(1s);
  CHECK(site.written.size() == 1);
  site.confirm();
  site.wait(4s);
  CHECK(stopped);
  CHECK(std::ranges::find(site.written, 3000, &model::WriteCommand::value) == site.written.end());
}

TEST_CASE("what is on record stands, whatever becomes of the file of claims") {
  constexpr auto file = "data/control/claims.json";
  DeskSite site;
  SUBCASE("it follows a moment later") {}
  SUBCASE("it can not be written") { site.files.refuse(file); }
  const auto claim = site.claim(by_anna(3000));
  REQUIRE(claim);
  CHECK(site.written.back().value == 3000);
  SUBCASE("it is there") { site.wait(2s); }
  SUBCASE("it is lost") {
    site.wait(2s);
    REQUIRE(site.files.remove(file));
  }
  SUBCASE("it can not be read") {
    site.wait(2s);
    site.files.put(file, "{");
  }
  site.kill();
  site.start();
  REQUIRE(site.desk->points().front().claims.size() == 1);
  CHECK(site.desk->points().front().claims.front().id == claim->id);
  CHECK(site.desk->points().front().claims.front().reason == "test");
  const auto next = site.claim(by_anna(2000));
  REQUIRE(next);
  CHECK(next->id > claim->id);
}

TEST_CASE("what has ended does not come back, though the file of claims knows nothing of it yet") {
  DeskSite site;
  const auto claim = site.claim(by_anna(3000, 60s));
  site.wait(59s);  // the file has it
  SUBCASE("released") { REQUIRE(site.release(claim->id, "anna")); }
  SUBCASE("expired") { site.wait(1s); }
  SUBCASE("its point is no longer controlled") {
    ControlSection none = a_section();
    none.points.clear();
    site.desk->configure(none);
    site.run();
  }
  site.kill();
  site.start();
  CHECK(site.desk->points().front().claims.empty());
  CHECK(site.audited("restore", "expired") == 0);
}

TEST_CASE("a claim survives the end of the process, and ends when it was to end") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 60s)));
  site.confirm();
  site.kill();
  site.wait(20s);
  site.start();
  REQUIRE(site.written.size() == 2);
  CHECK(site.written[1].value == 3000);
  site.confirm();
  site.wait(41s);
  CHECK(site.written.back().value == 100);
}

TEST_CASE("a claim that ended while the gateway was off is never written") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 60s)));
  site.confirm();
  site.kill();
  site.wait(61s);
  site.start();
  site.wait(1min);
  CHECK(site.written.back().value == 100);
  CHECK(std::ranges::count(site.written, 3000, &model::WriteCommand::value) == 1);
  CHECK(site.audited("restore", "expired") == 1);
}

TEST_CASE("with a clock that is behind, nobody knows how long it was off, and nothing is written") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 10min)));
  site.confirm();
  site.kill();
  site.executor.manual_clock().step_wall(-1h);
  site.start();
  CHECK(site.written.size() == 1);
  CHECK(site.audited("restore", "expired") == 1);
}

TEST_CASE("a clock that is set moves no claim while the gateway runs") {
  DeskSite site;
  REQUIRE(site.claim(by_anna(3000, 60s)));
  site.confirm();
  site.executor.manual_clock().step_wall(24h);
  site.wait(50s);
  CHECK(site.written.size() == 1);
  site.executor.manual_clock().step_wall(-48h);
  site.wait(11s);
  CHECK(site.written.size() == 2);
}

TEST_CASE("what may not be done twice is not, whenever the process ends") {
  ControlSection once = a_section();
  once.points[setpoint].once = true;
  DeskSite site(once);
  REQUIRE(site.claim(by_anna(1)));
  REQUIRE(site.written.size() == 1);
  SUBCASE("before the answer") {}
  SUBCASE("after an answer that says nothing") { site.answer(WriteState::unknown); }
  SUBCASE("after the confirmation") { site.confirm(); }
  for (int ends = 0; ends < 3; ++ends) {
    site.kill();
    site.start();
    site.wait(2min);
  }
  site.wait(10min);
  CHECK(site.written.size() == 1);
  REQUIRE(site.claim(by_anna(1)));
  CHECK(site.written.size() == 2);
}

TEST_CASE("what may not be done twice is not when its claim wins again") {
  ControlSection once = a_section();
  once.points[setpoint].once = true;
  DeskSite site(once);
  REQUIRE(site.claim(by_anna(1)));
  site.confirm();
  REQUIRE(site.claim(by_anna(2, 60s)));
  site.wait(1s);
  REQUIRE(site.written.size() == 2);
  site.confirm();
  site.wait(2min);
  CHECK(site.written.size() == 2);
}

TEST_CASE("releasing needs to be the owner, or the right") {
  DeskSite site;
  const auto claim = site.claim(by_anna(3000));
  CHECK(site.release(claim->id, "dso").error().kind == ErrorKind::denied);
  CHECK(site.release(control::ClaimId(99), "anna").error().kind == ErrorKind::not_found);
  CHECK(site.release(claim->id, "anna"));
  CHECK(site.audited("release", "refused") == 2);
  CHECK(site.audited("release", "accepted") == 1);
}

TEST_CASE("stop-all turns every point off, above the grid's claims, until it is over") {
  DeskSite site;
  REQUIRE(site.claim({.path = setpoint, .owner = "dso", .level = Level::grid, .value = 4000, .life = 2h}));
  site.confirm();
  site.wait(1s);
  bool done = false;
  site.desk->stop_all("anna", 1h, "fire", [&](const ControlDesk::Claimed& claimed) {
    done = true;
    CHECK(claimed.size() == 1);
    CHECK(claimed.front());
  });
  site.run();
  CHECK(done);
  CHECK(site.written.back().value == 0);
  site.confirm();
  site.wait(1h);
  CHECK(site.written.back().value == 4000);
}

TEST_CASE("a claim of a controller holds while it is renewed, and not over a restart") {
  DeskSite site;
  const auto id = site.desk->claim_for_controller(
      {.path = setpoint, .owner = "peak shaving", .level = Level::optimisation, .value = 500, .life = 5s});
  REQUIRE(id);
  site.desk->decide();
  site.run();
  CHECK(site.written.back().value == 500);
  site.confirm();
  site.wait(3s);
  CHECK(site.desk->renew_for_controller(setpoint, *id, 700, 5s, "more"));
  site.desk->decide();
  site.run();
  CHECK(site.written.back().value == 700);
  site.confirm();
  site.kill();
  site.start();
  site.wait(6s);
  CHECK(site.written.back().value == 100);
}
