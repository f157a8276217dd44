// Control at work: the real gateway with its threads, sockets, desk, controllers, audit log and disk, against
// a fleet of devices on ports from --first-port on.
//
//   order        --devices 500: an order for two points of each; from the request to the last setpoint
//                that was handed to the kernel
//   regulation   two more devices, a frequency meter and a battery: from the frame of the measurement to
//                that of the setpoint
//
// --period-ms 1000: the devices are polled so often; 0: flat out. Beside it: two wake-ups of a thread that
// sleeps, there and back, at the same time.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gateway/gateway.hpp"
#include "io/posix/files.hpp"
#include "io/posix/loop.hpp"
#include "io/posix/random.hpp"
#include "io/posix/thread.hpp"
#include "report.hpp"

namespace iw::bench {
namespace {

constexpr Duration never_seen = Duration::min();

// What is handed to the kernel.
struct Written {
  std::atomic<std::size_t> setpoints = 0;
  std::atomic<Duration> last = never_seen;      // of a setpoint
  std::atomic<Duration> measured = never_seen;  // that no setpoint has answered yet
  std::vector<float> answers_ms;                // the field's
};

class Watched final : public io::ByteStream {
 public:
  Watched(io::StreamPtr inner, const io::Executor& executor, Written& written)
      : inner_(std::move(inner)), executor_(executor), written_(written) {}

  void close() override { inner_->close(); }
  [[nodiscard]] std::string peer() const override { return inner_->peer(); }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                io::Operation<Result<std::size_t>>& op) override {
    return inner_->start_read(into, op);
  }
  std::optional<Result<void>> start_write(Bytes bytes, io::Operation<Result<void>>& op) override {
    auto done = inner_->start_write(bytes, op);
    const int function = bytes.size() > 7 ? std::to_integer<int>(bytes[7]) : 0;
    if (function == 6 || function == 16) note();
    return done;
  }

 private:
  void note() {
    const Duration now = executor_.now().time_since_epoch();
    const Duration measured = written_.measured.exchange(never_seen);
    if (measured != never_seen)
      written_.answers_ms.push_back(std::chrono::duration<float, std::milli>(now - measured).count());
    written_.last = now;
    ++written_.setpoints;
  }

  io::StreamPtr inner_;
  const io::Executor& executor_;
  Written& written_;
};

class WatchedNetwork final : public io::Network {
 public:
  WatchedNetwork(io::Network& inner, Written& written) : inner_(inner), written_(written) {}

  io::Task<Result<io::StreamPtr>> connect(io::Endpoint to, Instant deadline) override {
    auto stream = co_await inner_.connect(std::move(to), deadline);
    if (!stream) co_return stream;
    co_return std::make_unique<Watched>(std::move(*stream), inner_.executor(), written_);
  }
  Result<io::StreamPtr> open_serial(const io::SerialSettings& settings) override {
    return inner_.open_serial(settings);
  }
  Result<io::ListenerPtr> listen(const io::Endpoint& at) override { return inner_.listen(at); }
  Result<io::DatagramSocketPtr> bind(const io::Endpoint& at) override { return inner_.bind(at); }
  [[nodiscard]] io::Executor& executor() override { return inner_.executor(); }

 private:
  io::Network& inner_;
  Written& written_;
};

// What the machine takes to wake a thread that sleeps, and to be woken by it.
class WakeUps final : private io::Timer {
 public:
  explicit WakeUps(io::Executor& here) : here_(here), there_("wake") {
    here_.arm(*this, here_.now() + every);
  }
  void stop() { disarm(); }

  std::vector<float> ms;

 private:
  static constexpr Duration every = 20ms;

  void on_timer() override {
    there_.executor().post([this, asked = here_.now()] {
      here_.post([this, asked] {
        ms.push_back(std::chrono::duration<float, std::milli>(here_.now() - asked).count());
        here_.arm(*this, here_.now() + every);
      });
    });
  }

  io::Executor& here_;
  io::posix::LoopThread there_;
};

// Where the gateway's folders are, as long as it runs.
class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_ + "/bench");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ + "/" + name) << text;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// All registers of the fleet count up from 0; register 0 counts the requests, so it is always another value.
constexpr std::string_view meter_profile = R"(profile: bench/meter
manufacturer: Bench
models: [Meter]
description: A frequency that rises with each request.
assets: [{kind: meter}]
address_base: pdu
connection: {unit: 1, timeout: 1s}
defaults: {table: holding, type: u16}
points:
  - {name: Frequency, address: 0, unit: Hz, scale: 0.0002, offset: 50.05, rate: fast}
)";
constexpr std::string_view battery_profile = R"(profile: bench/battery
manufacturer: Bench
models: [Battery]
description: It holds what it is told.
assets: [{kind: battery}]
address_base: pdu
connection: {unit: 1, timeout: 1s}
defaults: {table: holding, type: i16}
points:
  - {name: ActivePower, address: 1, unit: W}
  - {name: StateOfCharge, address: 50, unit: "%", rate: slow}
  - {name: ActivePowerSetpoint, address: 10, unit: W, writable: true, min: -30000, max: 30000, rate: slow}
)";
std::string load_profile() {
  std::string text = R"(profile: bench/load
manufacturer: Bench
models: [Load]
description: Two things that can be set, and eight that are read.
assets: [{kind: load}]
address_base: pdu
connection: {unit: 1, timeout: 1s}
limits: {max_gap: 0}
defaults: {table: holding, type: u16}
points:
  - {name: ActivePowerLimit, address: 10, unit: W, writable: true, min: 0, max: 60000, rate: slow}
  - {name: LoadShedLevel, address: 12, writable: true, min: 0, max: 60000, rate: slow}
)";
  for (int i = 0; i < 8; ++i)
    text += fmt::format("  - {{name: AirTemperature.t{}, address: {}, unit: degC, scale: 0.01}}\n", i,
                        100 * (i + 1));
  return text;
}

class Bench {
 public:
  Bench(const Options& options, bool regulation, const std::string& folder)
      : options_(options),
        regulation_(regulation),
        folder_(folder),
        field_("field"),
        storage_("storage"),
        network_(field_.network(), written_) {
    folder_.write("bench/meter.yaml", meter_profile);
    folder_.write("bench/battery.yaml", battery_profile);
    folder_.write("bench/load.yaml", load_profile());
  }

  nlohmann::ordered_json run() {
    start();
    settle();
    WakeUps wake_ups(core_);
    const double cpu = cpu_seconds();
    const Instant begin = core_.now();
    nlohmann::ordered_json report = regulation_ ? regulate() : order();
    report["core_percent"] =
        100 * (cpu_seconds() - cpu) / std::chrono::duration<double>(core_.now() - begin).count();
    report["dropped_batches"] = gateway_->dropped();
    wake_ups.stop();
    report["wake_ms"] = quantiles(wake_ups.ms);
    return report;
  }

 private:
  void start() {
    config::Findings findings;
    auto config = gateway::load_config(folder_.path() + "/site.yaml", configuration(), files_, findings);
    if (!config) throw std::runtime_error(config::to_string(findings));
    auto keeper = gateway::ControlKeeper::open({.core = core_, .storage = storage_.executor()},
                                               storage_files_, folder_.path(), 400, log_);
    if (!keeper) throw std::runtime_error(keeper.error().message);
    gateway_ = std::make_unique<gateway::Gateway>(
        std::move(config), gateway::Gateway::Surroundings{.core = core_,
                                                          .field_network = network_,
                                                          .random = random_,
                                                          .files = field_files_,
                                                          .log = log_,
                                                          .control = std::move(*keeper)});
    gateway_->raw_bus().watch([this](const model::SampleBatch& batch) {
      if (batch.device != meter_ || !batch.quality.front().good()) return;
      Duration none = never_seen;
      written_.measured.compare_exchange_strong(none, batch.received.time_since_epoch());
    });
    gateway_->start();
  }

  // Until all connections stand, which are begun one after the other, and every point has its default.
  void settle() {
    const auto at_rest = [](const gateway::ControlDesk::View& view) {
      return view.actuator.status().state == model::WriteState::confirmed;
    };
    const Instant given_up = core_.now() + 60s;
    do {
      if (core_.now() > given_up) throw std::runtime_error("the devices do not all come on line");
      core_.run_for(500ms);
    } while (!all_online() || !std::ranges::all_of(gateway_->control()->view(), at_rest));
    core_.run_for(2s);
  }

  [[nodiscard]] bool all_online() const {
    return std::ranges::all_of(gateway_->site().devices(), [&](const model::SiteModel::Device& device) {
      const bus::DeviceEvent* heard = gateway_->live().state(device.id);
      return heard != nullptr && heard->state == bus::DeviceState::online;
    });
  }

  [[nodiscard]] std::string configuration() const {
    std::string points;
    std::string devices;
    const auto device = [&](const std::string& name, std::string_view profile, std::string_view more) {
      devices +=
          fmt::format("  - {{name: {}, connect: \"modbus://127.0.0.1:{}?unit=1\", profile: bench/{}{}}}\n",
                      name, options_.first_port + std::ranges::count(devices, '\n'), profile, more);
    };
    for (std::size_t i = 0; i < options_.devices; ++i) {
      device(fmt::format("load{}", i), "load", "");
      if (regulation_) continue;
      points += fmt::format(
          "    load{0}/ActivePowerLimit: {{min: 0, max: 60000, default: 0, every: 0s}}\n"
          "    load{0}/LoadShedLevel: {{min: 0, max: 60000, default: 0, every: 0s}}\n",
          i);
    }
    if (regulation_) {
      device("meter", "meter", ", rates: {fast: 50ms}");
      device("battery", "battery", "");
      points += "    battery/ActivePowerSetpoint: {min: -30000, max: 30000, default: 0, every: 0s}\n";
    }
    const std::string period = options_.period_ms > 0 ? fmt::format("{}ms", options_.period_ms) : "50ms";
    return fmt::format(
        "profiles: .\nrates: {{fast: 1s, normal: {}, slow: 1s}}\nhistory: {{enabled: false}}\n"
        "control:\n  enabled: true\n  settle: 1s\n  points:\n{}"
        "  rights:\n    - {{owner: dso, level: grid, points: [\"*\"]}}\n{}devices:\n{}",
        period, points,
        regulation_ ? "controllers:\n  - name: droop\n    mode: act\n    frequency_response: {frequency: "
                      "meter/Frequency, "
                      "deadband_hz: 0.01, batteries: [{asset: battery, max_charge_w: 30000, max_discharge_w: "
                      "30000}]}\n"
                    : "",
        devices);
  }

  nlohmann::ordered_json regulate() {
    for (const model::SiteModel::Device& device : gateway_->site().devices())
      if (device.name == "meter") meter_ = device.id;
    core_.run_for(1s);
    field_.executor().post([this] { written_.answers_ms.clear(); });
    core_.run_for(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options_.seconds)));
    std::vector<float> answers;
    field_.executor().post([&] {
      answers = written_.answers_ms;
      core_.stop();
    });
    core_.run();
    return {{"answers", answers.size()}, {"answer_ms", quantiles(answers)}};
  }

  nlohmann::ordered_json order() {
    std::vector<float> recorded;
    std::vector<float> last;
    const std::size_t wanted = 2 * options_.devices;
    const Instant end =
        core_.now() + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options_.seconds));
    for (int round = 1; core_.now() < end; ++round) {
      std::vector<control::ClaimRequest> requests;
      for (const control::ClaimBook::Point& point : gateway_->control()->points()) {
        requests.push_back({.path = point.path,
                            .owner = "dso",
                            .level = control::Level::grid,
                            .value = static_cast<double>(round),
                            .life = 700ms,
                            .reason = "demand response"});
      }
      written_.setpoints = 0;
      const Instant asked = core_.now();
      Instant on_record = never;
      gateway_->control()->claim(std::move(requests), [&](const gateway::ControlDesk::Claimed& claimed) {
        for (const auto& one : claimed)
          if (!one) throw std::runtime_error(one.error().message);
        on_record = core_.now();
      });
      while (written_.setpoints < wanted && core_.now() < asked + 5s)
        core_.run_for(5ms);
      if (written_.setpoints < wanted) throw std::runtime_error("the order did not reach all devices");
      recorded.push_back(std::chrono::duration<float, std::milli>(on_record - asked).count());
      last.push_back(std::chrono::duration<float, std::milli>(Instant(written_.last) - asked).count());
      core_.run_for(1s);  // the order ends, and each point goes back to its default
    }
    return {{"orders", last.size()},
            {"on_record_ms", quantiles(recorded)},
            {"last_setpoint_ms", quantiles(last)}};
  }

  Options options_;
  bool regulation_;
  Folder folder_;
  NullLog log_;
  io::posix::OsRandom random_;
  io::posix::PosixFiles files_;
  io::posix::PosixFiles field_files_;
  io::posix::PosixFiles storage_files_;
  io::posix::EpollLoop core_;
  io::posix::LoopThread field_;
  io::posix::LoopThread storage_;
  Written written_;
  WatchedNetwork network_;
  std::unique_ptr<gateway::Gateway> gateway_;
  model::DeviceId meter_{0xFFFF};
};

}  // namespace
}  // namespace iw::bench

int main(int argc, char** argv) {
  const bool regulation = argc > 2 && std::string_view(argv[1]) == "regulation";
  if (argc < 3 || (!regulation && std::string_view(argv[1]) != "order")) return 2;
  iw::bench::Bench bench(iw::bench::parse(argc - 2, argv + 2), regulation, argv[2]);
  std::printf("%s\n", bench.run().dump().c_str());
  std::fflush(stdout);
  std::filesystem::remove_all(argv[2]);
  std::_Exit(0);
}
