// The reference: the least that polling can cost. One thread, one epoll set, one request outstanding for each
// device, replies checked and decoded to 16-bit numbers, nothing else.

#include <array>
#include <chrono>
#include <cstring>
#include <queue>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw_socket.hpp"
#include "report.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Device {
  int fd = -1;
  std::uint16_t tid = 0;
  std::size_t received = 0;
  std::array<unsigned char, 260> buffer{};
  Clock::time_point due;
  Clock::time_point last;
};

std::uint64_t checksum = 0;  // so that decoding is not optimised away

void send_request(Device& device, int registers) {
  ++device.tid;
  const std::array<unsigned char, 12> request{static_cast<unsigned char>(device.tid >> 8),
                                              static_cast<unsigned char>(device.tid),
                                              0,
                                              0,
                                              0,
                                              6,
                                              1,
                                              3,
                                              0,
                                              0,
                                              0,
                                              static_cast<unsigned char>(registers)};
  if (send(device.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    std::abort();
}

// True when a whole reply is there.
bool receive(Device& device, int registers) {
  const ssize_t n =
      recv(device.fd, device.buffer.data() + device.received, device.buffer.size() - device.received, 0);
  if (n <= 0) return false;
  device.received += static_cast<std::size_t>(n);
  if (device.received < 9 + 2 * static_cast<std::size_t>(registers)) return false;
  const auto& b = device.buffer;
  if (b[0] << 8 != (device.tid & 0xFF00) || b[1] != (device.tid & 0xFF) || b[7] != 3 || b[8] != 2 * registers)
    std::abort();
  for (int i = 0; i < registers; ++i)
    checksum += static_cast<unsigned>(b[static_cast<std::size_t>(9 + 2 * i)] << 8 |
                                      b[static_cast<std::size_t>(10 + 2 * i)]);
  device.received = 0;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const iw::bench::Options options = iw::bench::parse(argc, argv);
  const auto period = std::chrono::milliseconds(options.period_ms);
  const bool flat_out = options.period_ms == 0;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Device> devices(options.devices);
  using Due = std::pair<Clock::time_point, std::size_t>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    devices[i].fd = iw::bench::connect_to(static_cast<std::uint16_t>(options.first_port + i));
    fcntl(devices[i].fd, F_SETFL, fcntl(devices[i].fd, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, devices[i].fd, &event);
    devices[i].due = Clock::now() + period * static_cast<int>(i) / static_cast<int>(devices.size());
    if (flat_out) {
      send_request(devices[i], options.registers);
    } else {
      due.emplace(devices[i].due, i);
    }
  }

  iw::bench::Measured measured;
  const auto warm = Clock::now() + std::chrono::seconds(2);
  const auto end =
      warm + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  double cpu = 0;
  bool counting = false;
  std::array<epoll_event, 64> events{};
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    if (!counting && now >= warm) {
      counting = true;
      measured.requests = 0;
      cpu = iw::bench::cpu_seconds();
    }
    while (!due.empty() && due.top().first <= now) {
      Device& device = devices[due.top().second];
      device.due += period;
      due.emplace(device.due, due.top().second);
      due.pop();
      send_request(device, options.registers);
    }
    const auto until = due.empty() ? end : std::min(end, due.top().first);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count() + 1;
    const int n = epoll_wait(epoll, events.data(), events.size(), static_cast<int>(std::max<long>(ms, 0)));
    for (int i = 0; i < n; ++i) {
      Device& device = devices[events[static_cast<std::size_t>(i)].data.u64];
      if (!receive(device, options.registers)) continue;
      ++measured.requests;
      if (flat_out) {
        send_request(device, options.registers);
        continue;
      }
      const auto at = Clock::now();
      if (counting && device.last != Clock::time_point{}) {
        measured.gaps_ms.push_back(std::chrono::duration<float, std::milli>(at - device.last).count());
      }
      device.last = at;
    }
  }
  measured.cpu_s = iw::bench::cpu_seconds() - cpu;
  measured.wall_s = options.seconds;
  auto report = iw::bench::to_json(options, measured);
  report["checksum"] = checksum;
  std::printf("%s\n", report.dump().c_str());
}
