// The devices of the benchmark: a fleet on consecutive ports, until the standard input closes.
//
//   bench_fleet DEVICES FIRST_PORT SILENT DELAYED DELAY_MS SPIN     prints READY when it listens
//
// SPIN 1: the devices never sleep. Real ones are other machines: what it takes to wake a process here is not
// the client's cost, and a slower client wakes it more often.

#include "sim/fleet.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "io/posix/loop.hpp"

namespace {

// A job that always waits keeps the loop from sleeping.
void spin(iw::io::Executor& executor, const std::atomic<bool>& stopping) {
  if (!stopping) executor.post([&] { spin(executor, stopping); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
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
  std::atomic<bool> stopping = false;
  std::thread stopper([&loop, &stopping] {
    while (std::getchar() != EOF) {
    }
    stopping = true;
    loop.stop();
  });
  if (std::atoi(argv[6]) == 1) spin(loop, stopping);
  loop.run();
  stopper.join();
  fleet.stop();
  while (tasks.running() > 0)
    loop.run_for(std::chrono::milliseconds(10));
  return 0;
}
