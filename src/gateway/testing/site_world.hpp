// SiteWorld: a demo site and the real gateway that polls it, as two machines of one seeded world.
//
//   SiteWorld s(seed);
//   s.world.run_for(15s);
//   CHECK(s.trouble("grid meter") == "");
//
// The destructor stops all in order and checks that nothing is left running.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gateway/gateway.hpp"
#include "io/world/world.hpp"
#include "sim/demo_site.hpp"

namespace iw::gateway::testing {

struct SiteWorld {
  using Chosen = std::function<bool(const sim::DemoDevice&)>;

  // `how`: all links. `chosen`: the devices that the gateway is configured for at the start. `more`: further
  // sections of the configuration, such as control:.
  explicit SiteWorld(std::uint64_t seed, const io::world::LinkSettings& how = {},
                     const Chosen& chosen = everyone, std::string_view more = "")
      : world(seed), more_sections(more) {
    world.link_default = how;
    devices = site.start().value();
    site_tasks.spawn(site.run());
    gateway =
        std::make_unique<Gateway>(config(chosen), Gateway::Surroundings{.core = gateway_node.executor(),
                                                                        .field_network = field.network(),
                                                                        .random = gateway_node.random(),
                                                                        .files = gateway_node.files(),
                                                                        .log = log,
                                                                        .control = keeper()});
    gateway->start();
  }
  SiteWorld(const SiteWorld&) = delete;
  SiteWorld& operator=(const SiteWorld&) = delete;

  ~SiteWorld() {
    bool stopped = false;
    gateway->stop([&] { stopped = true; });
    CHECK(world.run_until_holds([&] { return stopped; }, 10s));
    site.stop();
    CHECK(world.run_until_holds([&] { return site_tasks.running() == 0; }, 10s));
    world.run_for(10s);  // what was posted, and late answers
  }

  // What a user would have written for these devices; `extra` is added to the section of each.
  [[nodiscard]] std::unique_ptr<LoadedConfig> config(const Chosen& chosen, std::string_view extra = "") {
    config::Findings findings;
    auto loaded = load_config("site.yaml", config_text(chosen, extra), gateway_node.files(), findings);
    REQUIRE_MESSAGE(loaded, config::to_string(findings));
    return loaded;
  }
  [[nodiscard]] std::string config_text(const Chosen& chosen, std::string_view extra = "") const {
    std::set<std::string> lines;
    std::string sections;
    for (const sim::DemoDevice& device : devices) {
      if (!chosen(device)) continue;
      const std::string line = "modbus://" + io::to_string(device.endpoint);
      lines.insert(fmt::format("  - {{connect: \"{}\", timeout: 1s}}\n", line));
      sections += fmt::format("  - {{name: {}, connect: \"{}?unit={}\", profile: {}{}}}\n", device.name, line,
                              device.unit.value(), device.profile, extra);
    }
    return fmt::format("rates: {{fast: 1s, normal: 1s, slow: 5s}}\nlines:\n{}devices:\n{}{}",
                       fmt::join(lines, ""), sections, more_sections);
  }

  // What control keeps, on the gateway's own disk.
  [[nodiscard]] std::unique_ptr<ControlKeeper> keeper() {
    REQUIRE(gateway_node.files().make_folder("data"));
    return ControlKeeper::open({.core = gateway_node.executor(), .storage = gateway_node.executor()},
                               gateway_node.files(), "data", 30, log)
        .value();
  }

  static bool everyone(const sim::DemoDevice& /*device*/) { return true; }
  // Neither dead nor flaky.
  static bool healthy(const sim::DemoDevice& device) {
    return device.name != "garage meter" && device.name != "heat pump meter";
  }

  // Null when the gateway is not configured for it.
  [[nodiscard]] const model::SiteModel::Device* device(std::string_view name) const {
    for (const model::SiteModel::Device& known : gateway->site().devices()) {
      if (known.name == name) return &known;
    }
    return nullptr;
  }

  [[nodiscard]] bool is_good(model::PointId point) const {
    const auto live = gateway->live().value(point);
    return live && live->quality.good();
  }

  // What is wrong with a device: empty when it is online and every point good, but those that it does not
  // have.
  [[nodiscard]] std::string trouble(std::string_view name) const {
    const model::SiteModel::Device* known = device(name);
    if (known == nullptr || known->points.empty()) return fmt::format("{} is not described", name);
    const bus::DeviceEvent* event = gateway->live().state(known->id);
    if (event == nullptr || event->state != bus::DeviceState::online)
      return fmt::format("{} is not online", name);
    for (const model::SiteModel::PlacedPoint& placed : known->points) {
      const auto live = gateway->live().value(placed.id);
      if (!live) return fmt::format("{} has no value", placed.path);
      if (live->quality.good() || live->quality.has(model::Detail::bad_reference)) continue;
      return fmt::format("{} is {}", placed.path, model::to_string(live->quality));
    }
    return "";
  }
  // The first trouble of a healthy device.
  [[nodiscard]] std::string trouble() const {
    for (const sim::DemoDevice& d : devices) {
      if (!healthy(d)) continue;
      if (std::string text = trouble(d.name); !text.empty()) return text;
    }
    return "";
  }
  [[nodiscard]] bool recovers_within(Duration limit) {
    return world.run_until_holds([this] { return trouble().empty(); }, limit);
  }

  // A line for each point: path, value, quality.
  [[nodiscard]] std::vector<std::string> values() const {
    std::vector<std::string> lines;
    for (const model::SiteModel::PlacedPoint& placed : gateway->site().points()) {
      const auto live = gateway->live().value(placed.id);
      if (live)
        lines.push_back(fmt::format("{} {} {}", placed.path, live->value, model::to_string(live->quality)));
    }
    return lines;
  }

  io::world::World world;
  std::string more_sections;
  io::world::Node& site_node = world.add_node("site");
  io::world::Node& gateway_node = world.add_node("gateway");
  io::world::SimulatedExecutor& field = gateway_node.add_executor("field");
  NullLog log;
  sim::DemoSite site{
      site_node.network(), site_node.random(), log, {.host = site_node.address(), .site = {.start_at = 12h}}};
  std::vector<sim::DemoDevice> devices;
  std::unique_ptr<Gateway> gateway;
  io::TaskGroup site_tasks{site_node.executor()};
};

}  // namespace iw::gateway::testing
