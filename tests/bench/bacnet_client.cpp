// Our client: flat out (period 0), ReadProperty over many peers with so many questions to each at once, every
// answer decoded to a number; or the driver's Line, which polls all points of the devices at the period, into
// the feed. Its port is the one behind those of the devices.

#include <cmath>

#include "io/posix/files.hpp"
#include "io/posix/loop.hpp"
#include "io/posix/random.hpp"
#include "protocols/bacnet/line.hpp"
#include "report.hpp"

namespace iw::bench {
namespace {

using namespace bacnet;

struct Counting final : bus::Feed {
  void describe(model::DeviceDescription description) override { points += description.points.size(); }
  void publish(model::SampleBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i)
      samples += batch.quality[i].good() ? 1 : 0;
  }
  void report(bus::DeviceEvent /*event*/) override {}

  std::uint64_t points = 0;
  std::uint64_t samples = 0;
};

// Asks again what was answered.
class FlatOut final : private ClientOwner, private Asker {
 public:
  FlatOut(const Options& options, io::Network& network)
      : client_({.bind = {"127.0.0.1", 0}, .link = {}, .session = {}}, network, *this) {
    if (!client_.open()) std::abort();
    for (std::size_t i = 0; i < options.devices; ++i) {
      const IpAddress at{.host = {127, 0, 0, 1}, .port = static_cast<std::uint16_t>(options.first_port + i)};
      peers_.push_back({.address = {.network = local_network, .mac = to_mac(at)}, .limits = {}});
    }
    in_flight_ = static_cast<std::size_t>(options.in_flight);
    std::array<std::byte, 32> buffer;
    ParameterWriter out(buffer);
    ReadProperty{.object = {ObjectType::analog_input, 1}}.encode(out);
    question_.assign(out.written().begin(), out.written().end());
  }

  io::Task<void> run() { return client_.run(); }
  void close() { client_.close(); }
  [[nodiscard]] std::uint64_t answers() const { return answers_; }

 private:
  Instant work(Instant /*now*/) override {
    if (started_) return never;
    started_ = true;
    for (std::size_t peer = 0; peer < peers_.size(); ++peer)
      for (std::size_t k = 0; k < in_flight_; ++k)
        ask(peer);
    return never;
  }
  void heard(const Address& /*from*/, const UnconfirmedRequest& /*request*/, Instant /*now*/) override {}
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& /*request*/,
                            Instant /*now*/) override {
    return std::nullopt;
  }
  void answered(std::uint64_t peer, const Outcome& outcome, Instant /*now*/) override {
    if (const auto* ack = std::get_if<Acknowledged>(&outcome)) {
      ParameterReader in(ReadPropertyAck::decode(ack->data).value().value);
      sum_ += number(in.value()).value();
      ++answers_;
    }
    ask(peer);
  }
  void ask(std::size_t peer) {
    Asker& self = *this;
    (void)client_.ask(self, peer, peers_[peer], ConfirmedService::read_property, question_);
  }

  Client client_;
  std::vector<Binding> peers_;
  std::vector<std::byte> question_;
  std::size_t in_flight_ = 1;
  bool started_ = false;
  std::uint64_t answers_ = 0;
  double sum_ = 0;
};

nlohmann::ordered_json flat_out(const Options& options) {
  io::posix::EpollLoop loop;
  FlatOut asking(options, loop.network());
  io::TaskGroup tasks(loop);
  tasks.spawn(asking.run());
  loop.run_for(500ms);
  const std::uint64_t before = asking.answers();
  const double cpu = cpu_seconds();
  loop.run_for(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds)));
  Measured measured{
      .requests = asking.answers() - before, .cpu_s = cpu_seconds() - cpu, .wall_s = options.seconds};
  nlohmann::ordered_json report = to_json(options, measured);
  report["cpu_us_per_request"] =
      1e6 * measured.cpu_s / static_cast<double>(std::max<std::uint64_t>(measured.requests, 1));
  return report;
}

nlohmann::ordered_json polled(const Options& options) {
  io::posix::EpollLoop loop;
  io::posix::PosixFiles files;
  io::posix::OsRandom random;
  NullLog log;
  Counting feed;
  std::vector<LineDevice> devices;
  for (std::size_t i = 0; i < options.devices; ++i) {
    LineDevice device{.id = model::DeviceId(static_cast<std::uint16_t>(i)),
                      .name = "device",
                      .url = parse_url("bacnet://127.0.0.1:" + std::to_string(options.first_port + i) +
                                       "?device=" + std::to_string(1000 + i))
                                 .value()};
    device.rates.set(model::RateClass::normal, std::chrono::milliseconds(options.period_ms));
    devices.push_back(std::move(device));
  }
  const auto port = static_cast<std::uint16_t>(options.first_port + options.devices);
  const BacnetLinePlan plan(
      {.name = "bacnet://", .client = {.bind = {"127.0.0.1", port}, .link = {}, .session = {}}},
      std::move(devices));
  Line line(plan, {.network = loop.network(), .random = random, .files = files, .feed = feed, .log = log});
  io::TaskGroup tasks(loop);
  tasks.spawn(line.run());
  // Until all devices have said what they have.
  const auto expected =
      static_cast<std::uint64_t>(options.devices) * static_cast<std::uint64_t>(options.registers);
  for (int i = 0; i < 600 && feed.points < expected; ++i)
    loop.run_for(100ms);
  loop.run_for(std::chrono::milliseconds(options.period_ms));
  const std::uint64_t before = feed.samples;
  const std::uint64_t asked = line.client().session_counters().requests;
  const double cpu = cpu_seconds();
  loop.run_for(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds)));
  Measured measured{.requests = line.client().session_counters().requests - asked,
                    .cpu_s = cpu_seconds() - cpu,
                    .wall_s = options.seconds};
  nlohmann::ordered_json report = to_json(options, measured);
  report["values_per_s"] = static_cast<double>(feed.samples - before) / options.seconds;
  report["points"] = feed.points;
  return report;
}

}  // namespace
}  // namespace iw::bench

int main(int argc, char** argv) {
  const iw::bench::Options options = iw::bench::parse(argc, argv);
  const auto report = options.period_ms == 0 ? iw::bench::flat_out(options) : iw::bench::polled(options);
  std::printf("%s\n", report.dump().c_str());
  std::fflush(stdout);
  std::_Exit(0);
}
