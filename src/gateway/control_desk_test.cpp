// Control at run time, on a manual clock, with a device that is a map of numbers.
#include "gateway/control_desk.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using namespace iw::gateway;
using control::ClaimRequest;
using control::Demand;
using control::Level;
using model::WriteState;

namespace {

constexpr auto setpoint = "battery/ActivePowerSetpoint";
constexpr auto meter = "meter/ActivePower";
constexpr model::DeviceId battery{1};
constexpr model::DeviceId grid{2};

ControlSection a_section() {
  ControlSection section{.enabled = true, .settle = 5s};
  section.points[setpoint] = {.minimum = -5000, .maximum = 5000, .fallback = 100};
  section.rights = {{.owner = "anna", .highest = Level::people, .points = {"*"}},
                    {.owner = "dso", .highest = Level::grid, .points = {"*"}}};
  return section;
}

// The disk outlives the desk, as it outlives a process.
struct Site {
  explicit Site(ControlSection wanted = a_section()) : section(std::move(wanted)) {
    REQUIRE(files.make_folder("data"));
    add_device(battery, "battery", model::Quantity::ActivePowerSetpoint, true);
    add_device(grid, "meter", model::Quantity::ActivePower, false);
    start();
  }

  void add_device(model::DeviceId id, const std::string& name, model::Quantity quantity, bool writable) {
    REQUIRE(model.add_device(id, name));
    describe(id, name, {.name = {.quantity = quantity}, .writable = writable});
    live.reset(id, 1);
    live.apply(bus::DeviceEvent{.device = id, .time = {}, .state = bus::DeviceState::online});
  }

  void describe(model::DeviceId id, const std::string& name, const model::Point& point) {
    REQUIRE(model.describe({.device = id, .name = name, .identity = {}, .points = {point}}));
    if (desk) desk->described(id);
  }
  void battery_falls_back(model::Fallback fallback) {
    describe(
        battery, "battery",
        {.name = {.quantity = model::Quantity::ActivePowerSetpoint}, .writable = true, .fallback = fallback});
  }

  void start() {
    auto keeper =
        ControlKeeper::open({.core = executor, .storage = executor}, files, "data", 400, log).value();
    desk = std::make_unique<ControlDesk>(
        ControlDesk::Surroundings{.core = executor,
                                  .site = model,
                                  .live = live,
                                  .log = log,
                                  .write =
                                      [this](model::WriteCommand command, auto done) {
                                        written.push_back(command);
                                        pending.push_back(std::move(done));
                                      },
                                  .alarm =
                                      [this](events::Kind kind, const events::Source& source,
                                             const std::optional<events::Cause>& cause) {
                                        alarms[{kind, source.path}] = cause ? cause->message : "";
                                      }},
        std::move(keeper));
    desk->begin(section);
    run();
  }
  // As kill -9: nothing is said, nothing is finished.
  void kill() {
    desk.reset();
    pending.clear();
  }

  void run() { executor.run(); }
  void wait(Duration time) { executor.advance(time); }

  void answer(WriteState state, std::optional<double> shown = {}) {
    REQUIRE_FALSE(pending.empty());
    auto done = std::move(pending.front());
    pending.pop_front();
    done({.id = written.back().id, .state = state, .read_back = shown});
    run();
  }
  void confirm() { answer(WriteState::confirmed, written.back().value); }

  void measure(double watts) {
    model::SampleBatch batch{.device = grid, .source_time = {}, .received = executor.now()};
    batch.add(0, watts, {});
    live.apply(batch);
  }

  Result<control::Claim> claim(ClaimRequest request) {
    std::optional<Result<control::Claim>> result;
    desk->claim({std::move(request)}, [&](ControlDesk::Claimed claimed) { result = claimed.front(); });
    run();
    REQUIRE(result);
    return *result;
  }
  Result<control::Claim> release(control::ClaimId id, const std::string& by) {
    std::optional<Result<control::Claim>> result;
    desk->release(id, by, [&](Result<control::Claim> released) { result = std::move(released); });
    run();
    REQUIRE(result);
    return *result;
  }

  [[nodiscard]] std::vector<security::AuditEntry> audited() {
    std::vector<security::AuditEntry> all;
    const auto verdict = security::verify_audit(
        files, "data/audit", [&](const security::AuditRecord& record) { all.push_back(record.entry); });
    CHECK_FALSE(verdict->fault);
    return all;
  }
  [[nodiscard]] std::size_t audited(const std::string& action, const std::string& outcome) {
    return static_cast<std::size_t>(std::ranges::count_if(
        audited(), [&](const auto& e) { return e.action == action && e.outcome == outcome; }));
  }
  [[nodiscard]] WriteState state() const { return desk->view().front().actuator.status().state; }

  io::testing::ManualExecutor executor;
  io::testing::MemoryFiles files;
  NullLog log;
  ControlSection section;
  model::SiteModel model{model::Mrid()};
  bus::LiveState live;
  std::vector<model::WriteCommand> written;
  std::deque<std::move_only_function<void(model::WriteResult)>> pending;
  std::map<std::pair<events::Kind, std::string>, std::string> alarms;  // active: with a message
  std::unique_ptr<ControlDesk> desk;
};

ClaimRequest by_anna(double value, Duration life = 1h) {
  return {.path = setpoint,
          .owner = "anna",
          .level = Level::people,
          .value = value,
          .life = life,
          .reason = "test"};
}

}  // namespace

TEST_CASE("a claim is written, confirmed by the device, and over at its end") {
  Site site;
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

TEST_CASE(
    "a claim is told to a device with the time to leave it, and again at half of it; a default stands") {
  Site site;
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

TEST_CASE("a claim on a group moves its members, is kept over a restart, and its shares are not") {
  ControlSection section = a_section();
  section.groups = {{.name = "storage",
                     .point = {.quantity = model::Quantity::ActivePowerSetpoint},
                     .members = {{.asset = "battery"}}}};
  config::Findings findings;
  section.add_groups(findings);
  REQUIRE(findings.ok());
  Site site(section);
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

TEST_CASE("an off and what protects stand whatever becomes of the gateway") {
  Site site;
  site.battery_falls_back({.to_value = false});
  ClaimRequest off = by_anna(0);
  off.demand = Demand::off;
  REQUIRE(site.claim(off));
  CHECK(site.written.back().revert == model::Revert{.after = 0s, .to = 100});
}

TEST_CASE("a device that falls back in any case is told again for as long as it is controlled") {
  Site site;
  site.battery_falls_back({.after = 20s});
  site.wait(6s);
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].owner == "default");
  site.confirm();
  site.wait(10s);
  CHECK(site.written.size() == 2);
}

TEST_CASE("a device that would not fall back is said to be so, once") {
  Site site;
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

TEST_CASE("nothing is written without a claim before the site has settled, then the default") {
  Site site;
  site.wait(4s);
  CHECK(site.written.empty());
  site.wait(2s);
  REQUIRE(site.written.size() == 1);
  CHECK(site.written[0].value == 100);
}

TEST_CASE("what nobody granted is refused, and that is on record") {
  Site site;
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
  Site site;
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
  Site site;
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

TEST_CASE("a site without control writes nothing, whatever is asked") {
  ControlSection off = a_section();
  off.enabled = false;
  Site site(off);
  CHECK(site.claim(by_anna(1)).error().kind == ErrorKind::denied);
  site.wait(1min);
  CHECK(site.written.empty());
}

TEST_CASE("what can not be put on record does not come into force") {
  Site site;
  site.files.fail_with(Error{ErrorKind::exhausted, "the disk is full"});
  CHECK(site.claim(by_anna(3000)).error().kind == ErrorKind::exhausted);
  CHECK(site.written.empty());
  site.files.fail_with(std::nullopt);
  REQUIRE(site.claim(by_anna(2000)));
  CHECK(site.written.back().value == 2000);
}

TEST_CASE("a claim survives the end of the process, and ends when it was to end") {
  Site site;
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
  Site site;
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
  Site site;
  REQUIRE(site.claim(by_anna(3000, 10min)));
  site.confirm();
  site.kill();
  site.executor.manual_clock().step_wall(-1h);
  site.start();
  CHECK(site.written.size() == 1);
  CHECK(site.audited("restore", "expired") == 1);
}

TEST_CASE("a clock that is set moves no claim while the gateway runs") {
  Site site;
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
  Site site(once);
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
  Site site(once);
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
  Site site;
  const auto claim = site.claim(by_anna(3000));
  CHECK(site.release(claim->id, "dso").error().kind == ErrorKind::denied);
  CHECK(site.release(control::ClaimId(99), "anna").error().kind == ErrorKind::not_found);
  CHECK(site.release(claim->id, "anna"));
  CHECK(site.audited("release", "refused") == 2);
  CHECK(site.audited("release", "accepted") == 1);
}

TEST_CASE(
    "without what it needs a point goes to its fail-safe value, and back when all is well for a while") {
  ControlSection section = a_section();
  section.points[setpoint].needs[meter] = 10s;
  section.points[setpoint].fail_safe = -1;
  Site site(section);
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
  Site site(section);
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
  Site site(section);
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

TEST_CASE("stop-all turns every point off, above the grid's claims, until it is over") {
  Site site;
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

TEST_CASE("at the end every point is left as declared, and the claims wait for the next start") {
  Site site;
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
  Site site(section);
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
  Site site;
  REQUIRE(site.claim(by_anna(3000, 1h)));
  bool stopped = false;
  site.desk->stop([&] { stopped = true; });
  site.wait(4s);
  CHECK(stopped);
}

TEST_CASE("what was decided at any past minute can be asked") {
  Site site;
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

TEST_CASE("a claim of a controller holds while it is renewed, and not over a restart") {
  Site site;
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

TEST_CASE("a point that is no longer controlled is left at its fail-safe value, and its claims end") {
  Site site;
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
