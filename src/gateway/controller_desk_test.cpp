// Controllers that act, with the arbiter and people beside them: on a manual clock, with a battery that is a
// number.
#include "gateway/controller_desk.hpp"

#include <list>

#include <doctest/doctest.h>

#include "config/document.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using namespace iw::gateway;
using control::Level;
using control::Mode;
using model::WriteState;

namespace {

constexpr auto setpoint = "battery/ActivePowerSetpoint";
constexpr model::DeviceId meter{1};
constexpr model::DeviceId battery{2};

ControlSection a_section() {
  ControlSection section{.enabled = true, .settle = 1s};
  section.points[setpoint] = {.minimum = -5000, .maximum = 5000};
  section.rights = {{.owner = "anna", .highest = Level::people, .points = {"*"}},
                    {.owner = "bob", .highest = Level::optimisation, .points = {"*"}}};
  return section;
}

constexpr std::string_view own_sun = R"(
- name: own sun
  mode: act
  self_consumption:
    grid: meter/ActivePower
    batteries: [{asset: battery, max_charge_w: 5000, max_discharge_w: 5000}]
)";
constexpr std::string_view reserve = R"(
- name: reserve
  mode: act
  soc_reserve: {batteries: [{battery: battery, full_percent: 40}]}
)";

model::Point point(std::string_view name, bool writable = false) {
  return {.name = model::parse_point_name(name).value(), .writable = writable};
}

// The disk outlives the desks, as it outlives a process.
struct Site {
  explicit Site(std::string_view controllers) : text(controllers) {
    REQUIRE(files.make_folder("data"));
    describe(meter, "meter", {point("ActivePower")});
    describe(battery, "battery",
             {point("ActivePower"), point("StateOfCharge"), point("ActivePowerSetpoint", true)});
    measure(-2000);
    start();
  }

  void describe(model::DeviceId id, const std::string& name, std::vector<model::Point> points) {
    const std::size_t count = points.size();
    REQUIRE(site.add_device(id, name));
    REQUIRE(site.describe({.device = id, .name = name, .identity = {}, .points = std::move(points)}));
    live.reset(id, count);
    live.apply(bus::DeviceEvent{.device = id, .time = {}, .state = bus::DeviceState::online});
  }

  void start() {
    auto keeper =
        ControlKeeper::open({.core = executor, .storage = executor}, files, "data", 400, log).value();
    control = std::make_unique<ControlDesk>(
        ControlDesk::Surroundings{
            .core = executor,
            .site = site,
            .live = live,
            .log = log,
            .write =
                [this](model::WriteCommand command, auto done) {
                  written = command.value;
                  done({.id = command.id, .state = WriteState::confirmed, .read_back = command.value});
                }},
        std::move(keeper));
    desk = std::make_unique<ControllerDesk>(ControllerDesk::Surroundings{
        .core = executor, .site = site, .live = live, .log = log, .control = control.get()});
    control->begin(a_section());
    configure(text);
  }
  // As kill -9.
  void restart() {
    desk.reset();
    control.reset();
    start();
  }

  void configure(std::string_view controllers) {
    config::Findings findings;
    documents.push_back(*config::Document::parse("interwatt.yaml", controllers, findings));
    auto& parsed = sections.emplace_back();
    const auto rule = config::list_of<control::ControllerSection>(control::controller_record());
    rule.read(documents.back().root(), parsed, findings);
    control::check(parsed, findings);
    REQUIRE(findings.ok());
    desk->configure(parsed, zone);
    executor.run();
  }

  void measure(double grid_w) {
    say(meter, {grid_w});
    say(battery, {0, 50, 0});
  }
  void say(model::DeviceId device, std::vector<double> values) {
    model::SampleBatch batch{.device = device, .source_time = {}, .received = executor.now()};
    for (std::uint16_t i = 0; i < values.size(); ++i)
      batch.add(i, values[i], {});
    live.apply(batch);
    if (desk) desk->take(batch);
  }
  // With measurements that stay fresh.
  void run_for(Duration time, double grid_w = -2000) {
    for (Duration done{}; done < time; done += 500ms) {
      measure(grid_w);
      executor.advance(500ms);
    }
  }

  void claim(control::ClaimRequest request) {
    bool accepted = false;
    control->claim({std::move(request)},
                   [&](ControlDesk::Claimed claimed) { accepted = claimed.front().has_value(); });
    executor.run();
    REQUIRE(accepted);
  }
  Result<void> set_mode(std::string name, Mode mode, std::string by) {
    std::optional<Result<void>> result;
    desk->set_mode({.controller = std::move(name), .mode = mode, .by = std::move(by), .reason = "test"},
                   [&](Result<void> done) { result = std::move(done); });
    executor.run();
    REQUIRE(result);
    return *result;
  }

  [[nodiscard]] const std::string& why() {
    words = control->view().front().words;
    return words;
  }
  [[nodiscard]] Mode mode() const { return desk->view().front().mode; }
  [[nodiscard]] std::vector<std::string> modes_on_record() {
    std::vector<std::string> all;
    const auto verdict =
        security::verify_audit(files, "data/audit", [&](const security::AuditRecord& record) {
          if (record.entry.action == "mode" && record.entry.subject.starts_with("controllers/"))
            all.push_back(record.entry.actor + " " + record.entry.outcome);
        });
    CHECK_FALSE(verdict->fault);
    return all;
  }

  io::testing::ManualExecutor executor;
  io::testing::MemoryFiles files;
  io::testing::CaptureLog log;
  model::SiteModel site{model::Mrid()};
  bus::LiveState live;
  Utc zone;
  std::string text;
  std::list<config::Document> documents;
  std::list<std::vector<control::ControllerSection>> sections;
  std::optional<double> written;
  std::string words;
  std::unique_ptr<ControlDesk> control;
  std::unique_ptr<ControllerDesk> desk;
};

}  // namespace

TEST_CASE("a controller that acts moves its point, and the point says for whom and why") {
  Site s(own_sun);
  s.run_for(3s);
  REQUIRE(s.written);
  CHECK(*s.written > 800);
  CHECK(s.why().starts_with("own sun (optimisation) wants set "));
  CHECK(s.why().contains(": -2.0 kW at the grid: storing "));
  CHECK(s.modes_on_record() == std::vector<std::string>{"configuration act"});
}

TEST_CASE("without fresh measurements the controller lets go, and the default of the point comes back") {
  Site s(own_sun);
  s.run_for(3s);
  s.executor.advance(10s);
  CHECK(s.written == 0);
  CHECK(s.why() == "nobody sets it: the fallback is 0");
}

TEST_CASE("of two controllers on one point the limit of the higher level shrinks what the other wants") {
  Site s(std::string(own_sun) + std::string(reserve));
  s.run_for(3s);
  CHECK(s.written == 0);
  CHECK(s.why().contains("reserve (contract) allows at most 0"));
  CHECK(s.why().starts_with("own sun (optimisation) wants set "));
}

TEST_CASE("the claim of an operator goes before a controller, which is back when that ends") {
  Site s(own_sun);
  s.run_for(3s);
  s.claim({.path = setpoint,
           .owner = "anna",
           .level = Level::people,
           .value = -1000,
           .life = 5s,
           .reason = "load test"});
  s.run_for(2s);
  CHECK(s.written == -1000);
  CHECK(s.why() == "anna (operator) wants set -1000: load test");
  s.run_for(5s);
  CHECK(*s.written > 800);
}

TEST_CASE("a controller is switched by who may claim what it moves, on record and over restarts") {
  Site s(own_sun);
  s.run_for(2s);
  CHECK(s.set_mode("own sun", Mode::observe, "eve").error().kind == ErrorKind::denied);
  CHECK(s.mode() == Mode::act);
  CHECK(s.set_mode("nobody", Mode::observe, "anna").error().kind == ErrorKind::not_found);
  CHECK(s.set_mode("own sun", Mode::observe, "bob"));
  CHECK(s.mode() == Mode::observe);
  s.run_for(2s);
  CHECK(s.written == 0);
  s.restart();
  CHECK(s.mode() == Mode::observe);
  CHECK(s.desk->switched("own sun")->by == "bob");
  s.run_for(2s);
  CHECK(s.written == 0);
  CHECK(s.modes_on_record() == std::vector<std::string>{"configuration act", "eve refused", "anna refused",
                                                        "bob observe", "bob observe"});
}

TEST_CASE("what was switched holds until the configuration gives the controller another mode") {
  Site s(own_sun);
  REQUIRE(s.set_mode("own sun", Mode::observe, "anna"));
  s.configure(own_sun);
  CHECK(s.mode() == Mode::observe);
  std::string off(own_sun);
  off.replace(off.find("act"), 3, "off");
  s.configure(off);
  CHECK(s.mode() == Mode::off);
  s.configure(own_sun);
  CHECK(s.mode() == Mode::act);
  CHECK(s.desk->switched("own sun") == nullptr);
}

TEST_CASE("a switch that can not be put on record does not come into force") {
  Site s(own_sun);
  s.files.fail_with(Error{ErrorKind::exhausted, "the disk is full"});
  CHECK_FALSE(s.set_mode("own sun", Mode::off, "anna"));
  CHECK(s.mode() == Mode::act);
}

TEST_CASE("after kill -9 the controller takes up its point before any default is written") {
  Site s(own_sun);
  s.run_for(3s);
  s.written.reset();
  s.restart();
  s.run_for(500ms);
  REQUIRE(s.written);
  CHECK(*s.written > 0);
}

TEST_CASE("a file of modes that can not be read leaves the configured ones, and is said") {
  Site s(own_sun);
  REQUIRE(s.files.replace("data/control/modes.json", "{", 0600));
  s.restart();
  CHECK(s.mode() == Mode::act);
  CHECK(s.log.has("the file of switched controllers can not be read"));
}
