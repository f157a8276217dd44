// interwatt simulate: one simulated device of any profile, or a BACnet device, on a real port, as good or as
// bad as one wants it.

#include "gateway/commands/commands.hpp"
#include "gateway/commands/simulate_bacnet.hpp"
#include "gateway/surroundings.hpp"
#include "io/posix/signals.hpp"
#include "io/sleep.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/object.hpp"
#include "protocols/modbus/address.hpp"
#include "protocols/modbus/catalogue.hpp"
#include "sim/modbus_server.hpp"
#include "sim/profile_device.hpp"
#include "sim/sunspec_device.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string profile;
  std::string listen = "127.0.0.1:1502";
  std::string serial;
  int unit = 1;
  std::uint32_t instance = 1001;
  std::string faults;
  bool rtu = false;
};

// The device, and for SunSpec the site whose sun shines on it.
struct Simulated {
  std::unique_ptr<sim::SitePhysics> site;
  std::unique_ptr<sim::Device> device;
};

constexpr Duration step = 250ms;
constexpr std::string_view bacnet_prefix = "bacnet/";

Result<Simulated> make_device(const std::string& profile, io::Random& random, WallTime now) {
  Simulated made;
  if (profile == "sunspec" || profile == "sunspec-battery") {
    made.site = std::make_unique<sim::SitePhysics>(sim::SiteSettings{.day_length = 10min, .start_at = 11h},
                                                   random.next());
    // A device that runs, from the first request on: it takes some seconds to follow the sun.
    for (Duration settling{}; settling < 5s; settling += step)
      made.site->step(now, step);
    if (profile == "sunspec") {
      made.device = std::make_unique<sim::SunSpecInverter>(*made.site, 0);
    } else {
      made.device = std::make_unique<sim::SunSpecBattery>(*made.site);
    }
    return made;
  }
  const auto catalogue = modbus::Catalogue::built_in();
  const auto found = catalogue.find(profile);
  if (!found) return fail(found.error());
  made.device = std::make_unique<sim::ProfileDevice>((*found)->map, (*found)->identity);
  made.device->identity =
      sim::basic_identity((*found)->manufacturer,
                          (*found)->models.empty() ? (*found)->id : (*found)->models.front(), "simulated");
  return made;
}

// Port 0 is nowhere to connect to, but somewhere to listen at: any port that is free.
Result<io::Endpoint> parse_listen(std::string_view text, std::uint16_t usual_port) {
  const bool any_port = text.ends_with(":0");
  if (any_port) text.remove_suffix(2);
  return io::parse_endpoint(text, any_port ? std::uint16_t{0} : usual_port);
}

// What the device does by itself, it does also when nobody asks.
io::Task<void> move_physics(io::Executor& executor, sim::SitePhysics* site, sim::Device& device,
                            const bool& stopping) {
  while (site != nullptr && !stopping) {
    co_await io::sleep_for(executor, step);
    site->step(executor.clock().wall_now(), step);
    device.refresh(executor.now());
  }
}

int simulate(const Options& options, Console& console) {
  const auto faults = sim::parse_faults(options.faults);
  if (!faults) {
    console.error(faults.error());
    return 2;
  }
  if (options.profile.starts_with(bacnet_prefix)) {
    const auto at = parse_listen(options.listen, bacnet::default_port);
    if (at) {
      return simulate_bacnet({.device = options.profile.substr(bacnet_prefix.size()),
                              .instance = options.instance,
                              .listen = *at,
                              .faults = *faults},
                             console);
    }
    console.error(at.error());
    return 2;
  }
  ConsoleLog log;
  Surroundings surroundings(&log);
  io::posix::EpollLoop& loop = surroundings.loop();
  io::posix::Signals signals(loop, [&loop](int) { loop.stop(); });

  auto made = make_device(options.profile, surroundings.random(), loop.clock().wall_now());
  if (!made) {
    console.error(made.error());
    return 2;
  }
  made->device->faults = *faults;
  const bool rtu = options.rtu || !options.serial.empty();
  sim::ModbusServer server(surroundings.network(), surroundings.random(), log,
                           {.framing = rtu ? sim::Framing::rtu : sim::Framing::tcp});
  server.add(modbus::UnitId(static_cast<std::uint8_t>(options.unit)), *made->device);
  io::TaskGroup tasks(loop);
  bool stopping = false;
  if (options.serial.empty()) {
    const auto at = parse_listen(options.listen, modbus::tcp_port);
    const auto listening = at ? server.listen(*at) : Result<io::Endpoint>(fail(at.error()));
    if (!listening) {
      console.error(listening.error());
      return 1;
    }
    tasks.spawn(server.run());
    console.out(fmt::format("{} at modbus{}://{}?unit={}", options.profile, rtu ? "+rtu" : "",
                            io::to_string(*listening), options.unit));
  } else {
    const auto address = modbus::parse_address("modbus+rtu://" + options.serial);
    auto port = address ? surroundings.network().open_serial(address->serial)
                        : Result<io::StreamPtr>(fail(address.error()));
    if (!port) {
      console.error(port.error());
      return 1;
    }
    tasks.spawn(server.serve(std::move(*port)));
    console.out(fmt::format("{} at modbus+rtu://{}, unit {}", options.profile, options.serial, options.unit));
  }
  tasks.spawn(move_physics(loop, made->site.get(), *made->device, stopping));
  loop.run();
  stopping = true;
  server.stop();
  while (tasks.running() > 0)
    loop.run_for(10ms);
  return 0;
}

}  // namespace

void add_simulate(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("simulate", "A simulated device of any profile, on a real port.");
  command
      .add_option(
          "profile", options->profile,
          "sunspec, sunspec-battery, a profile of the catalogue (interwatt profiles), bacnet/air-handler, "
          "bacnet/chiller-plant or bacnet/meter")
      .required();
  command
      .add_option("--listen", options->listen,
                  "address and port, 0: any; only this machine unless you say otherwise")
      .show_default();
  command.add_option("--serial", options->serial,
                     "serve RTU on a serial port: '/dev/ttyUSB0?baud=9600&parity=even'");
  command.add_flag("--rtu", options->rtu, "RTU frames over TCP");
  command.add_option("--unit", options->unit, "unit id").show_default().within(1, 247);
  command.add_option("--device", options->instance, "device instance, of BACnet")
      .show_default()
      .within(0U, bacnet::max_instance);
  command.add_option("--faults", options->faults,
                     "how it misbehaves: silent, delay=200ms, garble=0.01, reset=50, busy, dribble ...");
  command.footer(
      "Examples:\n"
      "  interwatt simulate huawei/sun2000 --listen 127.0.0.1:1502\n"
      "  interwatt simulate eastron/sdm630 --serial '/dev/ttyUSB0?baud=9600' --unit 3\n"
      "  interwatt simulate sunspec --faults delay=200ms,garble=0.01\n"
      "  interwatt simulate sunspec-battery\n"
      "  interwatt simulate bacnet/air-handler --listen 0.0.0.0:47808 --device 1001\n");
  command.callback([options, &program] { program.status = simulate(*options, program.console); });
}

}  // namespace iw::gateway
