// The real driver: one Line for each device on a field thread, decoding into the model, handed over to the
// core thread, into the live state and onto the bus. Optionally with writes of which the time to the kernel
// is taken.

#include <atomic>
#include <deque>

#include "bus/bus.hpp"
#include "bus/field_feed.hpp"
#include "bus/live_state.hpp"
#include "io/posix/loop.hpp"
#include "io/posix/random.hpp"
#include "io/posix/thread.hpp"
#include "io/sleep.hpp"
#include "protocols/modbus/line.hpp"
#include "report.hpp"

namespace iw::bench {
namespace {

// Looks at what is written: when a write request has been handed to the kernel.
class Watched final : public io::ByteStream {
 public:
  Watched(io::StreamPtr inner, io::Executor& executor, std::vector<float>& latencies, Instant& asked)
      : inner_(std::move(inner)), executor_(executor), latencies_(latencies), asked_(asked) {}

  void close() override { inner_->close(); }
  [[nodiscard]] std::string peer() const override { return inner_->peer(); }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                io::Operation<Result<std::size_t>>& op) override {
    return inner_->start_read(into, op);
  }
  std::optional<Result<void>> start_write(Bytes bytes, io::Operation<Result<void>>& op) override {
    auto done = inner_->start_write(bytes, op);
    const bool is_write = bytes.size() > 7 && std::to_integer<int>(bytes[7]) == 6;
    if (is_write && asked_ != Instant{}) {
      latencies_.push_back(std::chrono::duration<float, std::milli>(executor_.now() - asked_).count());
      asked_ = Instant{};
    }
    return done;
  }

 private:
  io::StreamPtr inner_;
  io::Executor& executor_;
  std::vector<float>& latencies_;
  Instant& asked_;
};

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options),
        field_("field"),
        bus_(core_),
        feed_(core_, {.on_notice = [this](bus::Notice& notice) { take(notice); },
                      .on_batch = [this](const model::SampleBatch& batch) { take(batch); }}),
        subscription_(bus_.subscribe({})),
        tasks_(field_.executor()) {}

  nlohmann::ordered_json run() {
    on_field([this] { start_lines(); });
    core_.run_for(std::chrono::seconds(2));  // connections stand, the first polls are done
    requests_ = 0;
    gaps_.clear();
    const double cpu = cpu_seconds();
    const Instant begin = core_.now();
    if (options_.writes_per_second > 0) on_field([this] { tasks_.spawn(write()); });
    core_.run_for(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options_.seconds)));
    Measured measured{.requests = requests_,
                      .cpu_s = cpu_seconds() - cpu,
                      .wall_s = std::chrono::duration<double>(core_.now() - begin).count(),
                      .gaps_ms = std::move(gaps_)};
    nlohmann::ordered_json report = to_json(options_, measured);
    stop();
    report["dropped_batches"] = feed_.dropped();
    report["bus_samples"] = bus_.samples();
    if (options_.writes_per_second > 0) report["write_ms"] = quantiles(latencies_);
    return report;
  }

 private:
  void on_field(io::Job job) { field_.executor().post(std::move(job)); }

  void start_lines() {
    const auto map = make_map();
    for (std::size_t i = 0; i < options_.devices; ++i) {
      modbus::LineSettings settings{
          .name = "line",
          .address = {.transport = modbus::Transport::tcp,
                      .endpoint = {"127.0.0.1", static_cast<std::uint16_t>(options_.first_port + i)},
                      .serial = {},
                      .unit = {}},
          .in_flight = static_cast<std::uint16_t>(options_.in_flight)};
      if (options_.writes_per_second > 0) {
        settings.wrap = [this](io::StreamPtr stream, Instant) { return watch(std::move(stream)); };
      }
      lines_.emplace_back(std::move(settings),
                          modbus::Line::Surroundings{field_.network(), random_, feed_, log_});
      lines_.back().add(device(i, map));
      tasks_.spawn(lines_.back().run());
    }
  }

  io::Task<Result<io::StreamPtr>> watch(io::StreamPtr stream) {
    co_return std::make_unique<Watched>(std::move(stream), field_.executor(), latencies_, asked_);
  }

  static modbus::LineDevice device(std::size_t number, std::shared_ptr<const modbus::RegisterMap> map) {
    return {.id = model::DeviceId(static_cast<std::uint16_t>(number)),
            .name = "device",
            .unit = modbus::UnitId(1),
            .map = std::move(map)};
  }

  // What all devices have: one profile.
  [[nodiscard]] std::shared_ptr<const modbus::RegisterMap> make_map() const {
    auto map = std::make_shared<modbus::RegisterMap>();
    for (int block = 0; block < options_.blocks; ++block) {
      for (int i = 0; i < options_.registers; ++i) {
        modbus::RegisterPoint point;
        point.point.name = {
            .quantity = model::Quantity::ActivePower, .phase = {}, .component = std::to_string(i)};
        point.point.writable = i == 1 && options_.writes_per_second > 0;
        point.address = static_cast<std::uint16_t>(block * 125 + i);
        point.scale = 0.1;
        point.period =
            options_.period_ms > 0 ? Duration(std::chrono::milliseconds(options_.period_ms)) : Duration(1us);
        map->points.push_back(std::move(point));
      }
    }
    map->limits.max_gap = 0;
    return map;
  }

  io::Task<void> write() {
    const Duration every = Duration(1s) / options_.writes_per_second;
    for (std::uint64_t n = 0; !stopping_; ++n) {
      co_await io::sleep_for(field_.executor(), every);
      asked_ = field_.executor().now();
      modbus::Line& line = lines_[n * 7 % lines_.size()];
      const model::PointId point{model::DeviceId(static_cast<std::uint16_t>(n * 7 % lines_.size())), 1};
      model::WriteCommand command{
          .point = point, .value = static_cast<double>(n % 1000), .owner = "bench", .id = n};
      co_await line.write(std::move(command));
    }
  }

  void stop() {
    on_field([this] {
      stopping_ = true;
      for (modbus::Line& line : lines_)
        line.stop();
      tasks_.spawn(joined());
    });
    core_.run();
  }
  io::Task<void> joined() {
    while (tasks_.running() > 1)
      co_await io::sleep_for(field_.executor(), 10ms);
    core_.stop();
  }

  void take(bus::Notice& notice) {
    if (const auto* description = std::get_if<model::DeviceDescription>(&notice)) {
      live_.reset(description->device, description->points.size());
    }
  }

  void take(const model::SampleBatch& batch) {
    live_.apply(batch);
    bus_.publish(batch);
    model::SampleBatch taken;
    swap(taken, taken_);
    while (subscription_->take(taken)) {
    }
    swap(taken, taken_);
    if (!batch.quality.front().good()) return;
    ++requests_;
    if (options_.period_ms == 0 || options_.blocks > 1) return;
    if (last_.size() <= batch.device.value()) last_.resize(batch.device.value() + std::size_t{1});
    Instant& last = last_[batch.device.value()];
    if (last != Instant{})
      gaps_.push_back(std::chrono::duration<float, std::milli>(batch.received - last).count());
    last = batch.received;
  }

  Options options_;
  NullLog log_;
  io::posix::OsRandom random_;
  io::posix::EpollLoop core_;
  io::posix::LoopThread field_;
  bus::Bus bus_;
  bus::LiveState live_;
  bus::FieldFeed feed_;
  std::unique_ptr<bus::Subscription> subscription_;
  model::SampleBatch taken_;
  std::deque<modbus::Line> lines_;
  io::TaskGroup tasks_;
  std::atomic<bool> stopping_ = false;
  std::uint64_t requests_ = 0;
  std::vector<float> gaps_;
  std::vector<Instant> last_;
  std::vector<float> latencies_;
  Instant asked_{};
};

}  // namespace
}  // namespace iw::bench

int main(int argc, char** argv) {
  iw::bench::Bench bench(iw::bench::parse(argc, argv));
  std::printf("%s\n", bench.run().dump().c_str());
  std::fflush(stdout);
  std::_Exit(0);
}
