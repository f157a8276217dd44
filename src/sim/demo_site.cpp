#include "sim/demo_site.hpp"

#include <algorithm>

#include "sim/huawei_sun2000.hpp"
#include "sim/meters.hpp"
#include "sim/sunspec_device.hpp"

namespace iw::sim {

namespace {

constexpr std::string_view flaky = "heat pump meter";

}  // namespace

DemoSite::DemoSite(io::Network& network, io::Random& random, Log& log, DemoSettings settings)
    : network_(network),
      executor_(network.executor()),
      random_(random),
      log_(log),
      settings_(std::move(settings)),
      physics_(settings_.site, random.next()),
      wake_(executor_),
      tasks_(executor_) {
  const SiteState& site = physics_.state();

  add_server();
  add("roof inverter", "sunspec", 1, "pv", std::make_unique<SunSpecInverter>(physics_, 0));
  add_server();
  add("carport inverter", "huawei/sun2000", 1, "pv", std::make_unique<HuaweiSun2000>(physics_, 1));
  add_server();
  add("battery", "sunspec", 1, "battery", std::make_unique<SunSpecBattery>(physics_));
  add_server({.any_unit = true});
  add("grid meter", "schneider/iem3000", 1, "grid", std::make_unique<Meter>(schneider_iem3000, site.grid));

  // 38400 baud, 10 bits a character.
  add_server({.bus = BusSettings{.character_time = 260us}});
  add("house meter", "eastron/sdm630", 1, "load", std::make_unique<Meter>(eastron_sdm630, site.load));
  add("roof meter", "abb/b23", 2, "meter", std::make_unique<Meter>(abb_b23, site.pv[0].ac));
  add("battery meter", "eastron/sdm630", 3, "meter",
      std::make_unique<Meter>(eastron_sdm630, site.battery.ac));
  add("garage meter", "eastron/sdm630", 4, "meter", nullptr);

  add_server();
  add(std::string(flaky), "eastron/sdm630", 1, "meter",
      std::make_unique<Meter>(eastron_sdm630, site.heat_pump));
  if (settings_.building) add_building();
}

DemoSite::~DemoSite() = default;

void DemoSite::add_building() {
  add_bacnet("air handler", std::make_unique<AirHandler>(network_, random_, hvac_, 1001));
  add_bacnet("chiller plant", std::make_unique<ChillerPlant>(network_, random_, hvac_, 1002));
  add_bacnet("building meter",
             std::make_unique<BacnetMeter>(network_, random_, physics_.state().building, 1003));
}

void DemoSite::add_bacnet(std::string name, std::unique_ptr<BacnetDevice> device) {
  building_.push_back({.description = {.name = std::move(name),
                                       .profile = {},
                                       .endpoint = {},
                                       .unit = {},
                                       .role = "building",
                                       .connect = {}},
                       .device = std::move(device)});
}

ModbusServer& DemoSite::add_server(ServerSettings settings) {
  return *servers_.emplace_back(std::make_unique<ModbusServer>(network_, random_, log_, settings));
}

void DemoSite::add(std::string name, std::string profile, std::uint8_t unit, std::string role,
                   std::unique_ptr<Device> device) {
  if (device) servers_.back()->add(modbus::UnitId(unit), *device);
  entries_.push_back({.description = {.name = std::move(name),
                                      .profile = std::move(profile),
                                      .endpoint = {},
                                      .unit = modbus::UnitId(unit),
                                      .role = std::move(role),
                                      .connect = {}},
                      .device = std::move(device),
                      .server = servers_.size() - 1});
}

Result<void> DemoSite::listen() {
  std::uint16_t port = settings_.first_port;
  const auto next = [&] { return io::Endpoint{settings_.host, port == 0 ? port : port++}; };
  for (const auto& server : servers_) {
    if (auto listening = server->listen(next()); !listening) return fail(std::move(listening).error());
  }
  for (BuildingEntry& entry : building_) {
    auto listening = entry.device->listen(next());
    if (!listening) return fail(std::move(listening).error());
    entry.description.endpoint = *listening;
    entry.description.connect =
        fmt::format("bacnet://{}?device={}", io::to_string(*listening), entry.device->instance());
  }
  return {};
}

Result<std::vector<DemoDevice>> DemoSite::start() {
  // The devices show a site that runs, from the first request on.
  step(executor_.clock().wall_now(), settings_.step);
  if (auto listening = listen(); !listening) {
    stop();
    return fail(std::move(listening).error().in("demo site"));
  }
  std::vector<DemoDevice> devices;
  for (Entry& entry : entries_) {
    DemoDevice& description = entry.description;
    description.endpoint = servers_[entry.server]->endpoint();
    description.connect =
        fmt::format("modbus://{}?unit={}", io::to_string(description.endpoint), description.unit.value());
    devices.push_back(description);
  }
  for (const BuildingEntry& entry : building_)
    devices.push_back(entry.description);
  return devices;
}

// The building draws what its plant needs, and its plant has the weather of the site.
void DemoSite::step(WallTime now, Duration dt) {
  const SiteState& site = physics_.state();
  if (!building_.empty()) {
    const double day = std::chrono::duration<double>(24h).count();
    const double fast = day / std::chrono::duration<double>(settings_.site.day_length).count();
    hvac_.step(site.air_temperature, site.irradiance, site.hour,
               std::chrono::duration<double>(dt).count() * fast);
    physics_.building_draws(hvac_.state().air_handler_w() + hvac_.state().plant_w());
  }
  physics_.step(now, dt);
  for (const BuildingEntry& entry : building_)
    entry.device->refresh();
}

io::Task<void> DemoSite::run() {
  for (const auto& server : servers_)
    tasks_.spawn(server->run());
  for (const BuildingEntry& entry : building_)
    tasks_.spawn(entry.device->run());
  const Instant start = executor_.now();
  Instant last = start;
  for (Instant next = start + settings_.step; !wake_.closed();) {
    const io::Wake why = co_await wake_.wait_until(next);
    if (why == io::Wake::closed) break;
    const Instant now = executor_.now();
    step(executor_.clock().wall_now(), now - last);
    last = now;
    // A step that was missed is not made up for: the next one is longer.
    while (next <= now)
      next += settings_.step;
    for (const Entry& entry : entries_) {
      if (entry.device) entry.device->refresh(now);
    }
    misbehave(now - start);
  }
  co_await tasks_.join();
}

void DemoSite::stop() {
  for (const auto& server : servers_)
    server->stop();
  for (const BuildingEntry& entry : building_)
    entry.device->stop();
  wake_.close();
}

// Of each minute: 35 s well, 10 s with garbled and late replies, 15 s silent.
void DemoSite::misbehave(Duration since_start) const {
  Device* device = find(flaky);
  const Duration in_minute = since_start % 1min;
  device->faults.garble_rate = in_minute >= 35s ? 0.1 : 0;
  device->faults.late_rate = in_minute >= 35s ? 0.2 : 0;
  device->faults.silent = in_minute >= 45s;
}

Device* DemoSite::find(std::string_view name) const {
  const auto found =
      std::ranges::find(entries_, name, [](const Entry& e) { return std::string_view(e.description.name); });
  return found == entries_.end() ? nullptr : found->device.get();
}

BacnetDevice* DemoSite::find_bacnet(std::string_view name) const {
  const auto found = std::ranges::find(
      building_, name, [](const BuildingEntry& e) { return std::string_view(e.description.name); });
  return found == building_.end() ? nullptr : found->device.get();
}

}  // namespace iw::sim
