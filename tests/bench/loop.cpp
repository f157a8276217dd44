// A loop of a write and a read of one device, a thousand times a second: what a fast controller does.
//
//   raw     a socket and nothing around it: FC 6, its answer, FC 3, its answer
//   line    Line's command: write, and what was written read back
//
// A tick is missed when its cycle has not ended before the next one.

#include "io/posix/loop.hpp"

#include <array>
#include <cmath>
#include <cstring>

#include <poll.h>

#include "io/posix/random.hpp"
#include "io/sleep.hpp"
#include "protocols/modbus/line.hpp"
#include "raw_socket.hpp"
#include "report.hpp"

namespace iw::bench {
namespace {

constexpr Duration tick = 1ms;
constexpr Duration warm = 500ms;

// The cycles from the end of the warm-up on, each from its tick to its last answer.
class Cycles {
 public:
  Cycles(Instant begin, double seconds)
      : counted_from_(begin + warm),
        end_(counted_from_ + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds))) {}

  // The tick after the one that has just ended; ticks that are over by then are missed.
  Instant next(Instant due, Instant now) {
    Instant next = due + tick;
    for (; next < now; next += tick)
      missed_ += due >= counted_from_ ? 1 : 0;
    if (due >= counted_from_) ms_.push_back(std::chrono::duration<float, std::milli>(now - due).count());
    return next;
  }
  [[nodiscard]] bool over(Instant due) const { return due >= end_; }

  [[nodiscard]] nlohmann::ordered_json report() {
    const double ticks = static_cast<double>(ms_.size()) + missed_;
    return {{"cycle_ms", quantiles(ms_)}, {"missed_per_mille", 1000 * missed_ / ticks}};
  }

 private:
  Instant counted_from_;
  Instant end_;
  std::vector<float> ms_;
  double missed_ = 0;
};

Instant now() { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }

void ask(int fd, std::array<unsigned char, 12> request, std::size_t answer_size) {
  std::array<unsigned char, 260> answer{};
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    std::abort();
  for (std::size_t have = 0; have < answer_size;) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    poll(&waiting, 1, -1);
    const ssize_t n = recv(fd, answer.data() + have, answer.size() - have, 0);
    if (n <= 0) std::abort();
    have += static_cast<std::size_t>(n);
  }
  if (std::memcmp(answer.data(), request.data(), 2) != 0 || answer[7] != request[7]) std::abort();
}

nlohmann::ordered_json raw(const Options& options) {
  const int fd = connect_to(options.first_port);
  Cycles cycles(now(), options.seconds);
  unsigned char number = 0;
  for (Instant due = now() + tick; !cycles.over(due);) {
    const auto left = (due - now()).count();
    const timespec wait{.tv_sec = 0, .tv_nsec = std::max<long>(0, left)};
    ppoll(nullptr, 0, &wait, nullptr);
    ++number;
    ask(fd, {0, number, 0, 0, 0, 6, 1, 6, 0, 1, 0, number}, 12);
    ask(fd, {1, number, 0, 0, 0, 6, 1, 3, 0, 1, 0, 1}, 11);
    due = cycles.next(due, now());
  }
  return cycles.report();
}

class NoFeed final : public bus::Feed {
 public:
  void describe(model::DeviceDescription /*description*/) override {}
  void publish(model::SampleBatch& batch) override { batch.clear(); }
  void report(bus::DeviceEvent /*event*/) override {}
};

modbus::LineDevice device() {
  modbus::RegisterPoint point;
  point.point.name.quantity = model::Quantity::ActivePowerSetpoint;
  point.point.writable = true;
  point.address = 1;
  point.period = Duration(1min);
  auto map = std::make_shared<modbus::RegisterMap>();
  map->points.push_back(point);
  return {.id = model::DeviceId(1), .name = "device", .unit = modbus::UnitId(1), .map = std::move(map)};
}

nlohmann::ordered_json line(const Options& options) {
  io::posix::EpollLoop loop;
  io::posix::OsRandom random;
  NoFeed feed;
  NullLog log;
  modbus::Line line({.name = "line",
                     .address = {.transport = modbus::Transport::tcp,
                                 .endpoint = {"127.0.0.1", options.first_port},
                                 .serial = {},
                                 .unit = {}}},
                    {loop.network(), random, feed, log});
  line.add(device());
  io::TaskGroup tasks(loop);
  tasks.spawn(line.run());
  loop.run_for(200ms);
  Cycles cycles(loop.now(), options.seconds);
  const auto commands = [&]() -> io::Task<void> {
    double value = 0;
    for (Instant due = loop.now() + tick; !cycles.over(due);) {
      co_await io::sleep_for(loop, due - loop.now());
      value = std::fmod(value + 1, 256);
      const auto result = co_await line.write(
          {.point = {model::DeviceId(1), 0}, .value = value, .owner = "bench", .id = 1, .expiry = never});
      if (result.state != model::WriteState::confirmed) std::abort();
      due = cycles.next(due, loop.now());
    }
    line.stop();
    loop.stop();
  };
  tasks.spawn(commands());
  loop.run();
  return cycles.report();
}

}  // namespace
}  // namespace iw::bench

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode != "raw" && mode != "line") return 2;
  const iw::bench::Options options = iw::bench::parse(argc - 1, argv + 1);
  std::printf("%s\n", (mode == "raw" ? iw::bench::raw(options) : iw::bench::line(options)).dump().c_str());
  std::fflush(stdout);
  std::_Exit(0);
}
