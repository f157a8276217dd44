#include "gateway/commands/simulate_bacnet.hpp"

#include "gateway/surroundings.hpp"
#include "io/posix/signals.hpp"
#include "io/sleep.hpp"
#include "sim/bacnet_device.hpp"

namespace iw::gateway {
namespace {

constexpr Duration step = 250ms;
constexpr Duration day_length = 10min;

class Building {
 public:
  explicit Building(Surroundings& around)
      : around_(around),
        site_({.day_length = day_length, .start_at = 11h}, around.random().next()),
        tasks_(around.executor()) {}

  // One of its devices, on its port.
  Result<io::Endpoint> open(const BacnetSimulation& simulation) {
    if (auto made = make(simulation); !made) return fail(std::move(made).error());
    device_->faults = simulation.faults;
    move();
    return device_->listen(simulation.listen);
  }
  void run() {
    tasks_.spawn(device_->run());
    tasks_.spawn(move_on());
    around_.loop().run();
    stopping_ = true;
    device_->stop();
    while (tasks_.running() > 0)
      around_.loop().run_for(10ms);
  }

 private:
  Result<void> make(const BacnetSimulation& simulation) {
    io::Network& network = around_.network();
    io::Random& random = around_.random();
    if (simulation.device == "air-handler") {
      device_ = std::make_unique<sim::AirHandler>(network, random, hvac_, simulation.instance);
    } else if (simulation.device == "chiller-plant") {
      device_ = std::make_unique<sim::ChillerPlant>(network, random, hvac_, simulation.instance);
    } else if (simulation.device == "meter") {
      device_ =
          std::make_unique<sim::BacnetMeter>(network, random, site_.state().building, simulation.instance);
    } else {
      return fail(ErrorKind::not_found,
                  fmt::format("there is no simulated device bacnet/{}", simulation.device),
                  "there are bacnet/air-handler, bacnet/chiller-plant and bacnet/meter");
    }
    return {};
  }
  void move() {
    const sim::SiteState& site = site_.state();
    hvac_.step(site.air_temperature, site.irradiance, site.hour,
               std::chrono::duration<double>(step * (24h / day_length)).count());
    site_.building_draws(hvac_.state().air_handler_w() + hvac_.state().plant_w());
    site_.step(around_.executor().clock().wall_now(), step);
    device_->refresh();
  }
  io::Task<void> move_on() {
    while (!stopping_) {
      co_await io::sleep_for(around_.executor(), step);
      move();
    }
  }

  Surroundings& around_;
  sim::SitePhysics site_;
  sim::HvacPhysics hvac_;
  std::unique_ptr<sim::BacnetDevice> device_;
  io::TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace

int simulate_bacnet(const BacnetSimulation& simulation, Console& console) {
  ConsoleLog log;
  Surroundings surroundings(&log);
  io::posix::EpollLoop& loop = surroundings.loop();
  const io::posix::Signals signals(loop, [&loop](int) { loop.stop(); });
  Building building(surroundings);
  const auto listening = building.open(simulation);
  if (!listening) {
    console.error(listening.error());
    return 1;
  }
  console.out(fmt::format("bacnet/{} at bacnet://{}?device={}", simulation.device, io::to_string(*listening),
                          simulation.instance));
  building.run();
  return 0;
}

}  // namespace iw::gateway
