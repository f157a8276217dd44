// The usual way: libmodbus, a thread for each device.

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <modbus/modbus.h>

#include "report.hpp"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  const iw::bench::Options options = iw::bench::parse(argc, argv);
  const auto period = std::chrono::milliseconds(options.period_ms);
  std::atomic<bool> stopping = false;
  std::atomic<bool> counting = false;
  std::atomic<std::uint64_t> requests = 0;
  std::mutex mutex;
  iw::bench::Measured measured;

  const auto poll = [&](std::size_t number) {
    modbus_t* device = modbus_new_tcp("127.0.0.1", options.first_port + static_cast<int>(number));
    modbus_set_response_timeout(device, 1, 0);
    if (modbus_connect(device) != 0) std::abort();
    std::vector<std::uint16_t> values(static_cast<std::size_t>(options.registers));
    std::vector<float> gaps;
    Clock::time_point last;
    auto due = Clock::now() + period * static_cast<int>(number) / static_cast<int>(options.devices);
    while (!stopping) {
      if (options.period_ms > 0) std::this_thread::sleep_until(due);
      due += period;
      if (modbus_read_registers(device, 0, options.registers, values.data()) != options.registers) continue;
      if (!counting) continue;
      ++requests;
      const auto now = Clock::now();
      if (options.period_ms > 0 && last != Clock::time_point{})
        gaps.push_back(std::chrono::duration<float, std::milli>(now - last).count());
      last = now;
    }
    modbus_close(device);
    modbus_free(device);
    const std::scoped_lock lock(mutex);
    measured.gaps_ms.insert(measured.gaps_ms.end(), gaps.begin(), gaps.end());
  };

  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < options.devices; ++i)
    threads.emplace_back(poll, i);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  counting = true;
  const double cpu = iw::bench::cpu_seconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
  measured.cpu_s = iw::bench::cpu_seconds() - cpu;
  measured.wall_s = options.seconds;
  measured.requests = requests;
  auto report = iw::bench::to_json(options, measured);  // before the threads end: they are what it costs
  stopping = true;
  for (std::thread& thread : threads)
    thread.join();
  report["gap_ms"] = iw::bench::quantiles(measured.gaps_ms);
  std::printf("%s\n", report.dump().c_str());
}
