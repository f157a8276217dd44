// DeskSite: control at run time, on a manual clock, with a device that is a map of numbers: for tests of
// ControlDesk.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "gateway/control_desk.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"

namespace iw::gateway::testing {

using control::ClaimRequest;
using control::Demand;
using control::Level;
using model::WriteState;

inline constexpr auto setpoint = "battery/ActivePowerSetpoint";
inline constexpr auto meter = "meter/ActivePower";
inline constexpr model::DeviceId battery{1};
inline constexpr model::DeviceId grid{2};

inline ControlSection a_section() {
  ControlSection section{.enabled = true, .settle = 5s};
  section.points[setpoint] = {.minimum = -5000, .maximum = 5000, .fallback = 100};
  section.rights = {{.owner = "anna", .highest = Level::people, .points = {"*"}},
                    {.owner = "dso", .highest = Level::grid, .points = {"*"}}};
  return section;
}

// The disk outlives the desk, as it outlives a process.
struct DeskSite {
  explicit DeskSite(ControlSection wanted = a_section()) : section(std::move(wanted)) {
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
  void set_battery(bus::DeviceState state) {
    live.apply(bus::DeviceEvent{.device = battery, .time = {}, .state = state});
    desk->device_changed(battery);
    run();
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

  void measure(double watts, model::Quality quality = {}) {
    model::SampleBatch batch{.device = grid, .source_time = {}, .received = executor.now()};
    batch.add(0, watts, quality);
    live.apply(batch);
  }
  // What a poll says that the battery holds.
  void show(double watts) {
    model::SampleBatch batch{.device = battery, .source_time = {}, .received = executor.now()};
    batch.add(0, watts, {});
    desk->take_raw(batch);
    run();
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

inline ClaimRequest by_anna(double value, Duration life = 1h) {
  return {.path = setpoint,
          .owner = "anna",
          .level = Level::people,
          .value = value,
          .life = life,
          .reason = "test"};
}

}  // namespace iw::gateway::testing
