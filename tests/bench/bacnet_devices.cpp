// BACnet devices of the benchmark on consecutive ports, on the server of the gateway, until the standard
// input closes: then it says what they cost.
//
//   bench_bacnet_devices DEVICES FIRST_PORT OBJECTS SPIN     prints READY when it listens
//
// Device i has instance 1000 + i and analog inputs 1 to OBJECTS in kilowatts. SPIN as of bench_fleet.

#include <atomic>
#include <deque>
#include <thread>

#include "io/posix/loop.hpp"
#include "protocols/bacnet/server/server.hpp"
#include "report.hpp"

namespace iw::bench {
namespace {

using namespace bacnet::server;

struct NoPlant final : Plant {
  void command(const Command& /*command*/, Done done) override { done(std::nullopt); }
};

struct Served {
  Served(std::uint32_t instance, std::uint32_t objects, std::uint16_t port, io::Network& network)
      : device({.instance = instance, .name = "bench"}),
        server(device, plant,
               {.listen = {"127.0.0.1", port},
                .services = {.longest_answer = 1U << 14},
                .allow = {{.host = {127, 0, 0, 1}, .prefix = 8}},
                .announce = false},
               network) {
    for (std::uint32_t i = 1; i <= objects; ++i) {
      Object object =
          analog_object(bacnet::ObjectType::analog_input,
                        {.instance = i, .name = "Feeder " + std::to_string(i) + " Power"}, {.units = 48});
      object.set(bacnet::PropertyId::present_value, static_cast<float>(i) / 10);
      device.add(std::move(object)).value();
    }
  }

  NoPlant plant;
  Device device;
  Server server;
};

// A job that always waits keeps the loop from sleeping.
void spin(io::Executor& executor, const std::atomic<bool>& stopping) {
  if (!stopping) executor.post([&] { spin(executor, stopping); });
}

int run(std::size_t devices, std::uint16_t first_port, std::uint32_t objects, bool spinning) {
  io::posix::EpollLoop loop;
  std::deque<Served> served;
  io::TaskGroup tasks(loop);
  for (std::size_t i = 0; i < devices; ++i) {
    Served& one = served.emplace_back(static_cast<std::uint32_t>(1000 + i), objects,
                                      static_cast<std::uint16_t>(first_port + i), loop.network());
    if (const auto opened = one.server.open(); !opened) {
      std::fprintf(stderr, "%s\n", opened.error().message.c_str());
      return 1;
    }
    tasks.spawn(one.server.run());
  }
  std::puts("READY");
  std::fflush(stdout);
  std::atomic<bool> stopping = false;
  std::thread stopper([&] {
    while (std::getchar() != EOF) {
    }
    stopping = true;
    loop.stop();
  });
  if (spinning) spin(loop, stopping);
  const double before = cpu_seconds();
  loop.run();
  stopper.join();
  std::uint64_t datagrams = 0;
  for (const Served& one : served)
    datagrams += one.server.counters().datagrams_in;
  std::printf("%s\n", nlohmann::ordered_json{{"requests", datagrams},
                                             {"cpu_s", cpu_seconds() - before},
                                             {"cpu_us_per_request",
                                              1e6 * (cpu_seconds() - before) /
                                                  static_cast<double>(std::max<std::uint64_t>(datagrams, 1))},
                                             {"rss_kb", status_of("VmRSS")}}
                          .dump()
                          .c_str());
  for (Served& one : served)
    one.server.close();
  while (tasks.running() > 0)
    loop.run_for(std::chrono::milliseconds(10));
  return 0;
}

}  // namespace
}  // namespace iw::bench

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return iw::bench::run(static_cast<std::size_t>(std::atoi(argv[1])),
                        static_cast<std::uint16_t>(std::atoi(argv[2])),
                        static_cast<std::uint32_t>(std::atoi(argv[3])), std::atoi(argv[4]) == 1);
}
