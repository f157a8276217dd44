// The devices of the benchmark: a fleet on consecutive ports, until the standard input closes.
//
//   bench_fleet DEVICES FIRST_PORT SILENT DELAYED DELAY_MS     prints READY when it listens

#include "sim/fleet.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "io/posix/loop.hpp"

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  iw::io::posix::EpollLoop loop;
  iw::sim::Fleet fleet(loop.network(), {.first_port = static_cast<std::uint16_t>(std::atoi(argv[2])),
                                        .devices = static_cast<std::size_t>(std::atoi(argv[1])),
                                        .registers = 1000,
                                        .silent = std::atof(argv[3]),
                                        .delayed = std::atof(argv[4]),
                                        .delay = std::chrono::milliseconds(std::atoi(argv[5]))});
  const auto ports = fleet.listen();
  if (!ports) {
    std::fprintf(stderr, "%s\n", ports.error().message.c_str());
    return 1;
  }
  iw::io::TaskGroup tasks(loop);
  tasks.spawn(fleet.run());
  std::puts("READY");
  std::fflush(stdout);
  std::thread stopper([&loop] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
  stopper.join();
  fleet.stop();
  while (tasks.running() > 0)
    loop.run_for(std::chrono::milliseconds(10));
  return 0;
}
