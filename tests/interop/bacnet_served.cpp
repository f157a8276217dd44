// bacnet_served: a BACnet device of ours for clients that we did not write, on a UDP port of loopback (0:
// any).
//
//   bacnet_served 0
//
// Device 1234 with the objects of peers/python/bacpypes3_server.py, and a counter and a Trend Log besides:
// analog inputs 1 to 1500 hold half of their number, but 1, which rises five times a second, and 8, which
// follows the damper and is in alarm above 90. READY <port>; ends when stdin closes.
#include <iostream>

#include "protocols/bacnet/server/server.hpp"
#include "served.hpp"

namespace iw::interop {
namespace {

using namespace bacnet::server;
using bacnet::ObjectType;
using bacnet::PropertyId;

constexpr std::uint32_t inputs = 1500;
constexpr bacnet::ObjectId damper{ObjectType::analog_output, 1};
constexpr bacnet::ObjectId position{ObjectType::analog_input, 8};
constexpr double widest = 90;
constexpr LogTraits traits{.interval = 1min, .buffer_size = 100};

// Takes every command; its log holds the last two digits of the minute.
class Site final : public Plant {
 public:
  explicit Site(const io::Clock& clock) : clock_(clock) {}

  void command(const Command& command, Done done) override {
    done(std::nullopt);
    if (command.object == damper) moved();
  }
  void read_log(bacnet::ObjectId /*log*/, const LogBounds& records, Logged done) override {
    std::vector<LogItem> items;
    for (std::uint32_t i = 0; i < records.count(); ++i)
      items.push_back(
          {.sequence = records.first + i, .value = static_cast<float>((records.first + i) % 100)});
    done(std::move(items));
  }
  [[nodiscard]] std::optional<LogState> log_state(bacnet::ObjectId /*log*/) const override {
    return LogState{.traits = traits, .records = bounds()};
  }
  [[nodiscard]] LogBounds bounds() const { return bounds_of(traits, WallTime{}, clock_.wall_now()); }

  std::function<void()> moved;  // the damper

 private:
  const io::Clock& clock_;
};

void add_objects(Device& device, const Site& site) {
  for (std::uint32_t i = 1; i <= inputs; ++i) {
    Object object =
        analog_object(ObjectType::analog_input, {.instance = i, .name = fmt::format("Feeder {} Power", i)},
                      {.units = 48, .cov_increment = 0.1F});
    object.set(PropertyId::present_value, static_cast<float>(i) / 2);
    device.add(std::move(object)).value();
  }
  device
      .add(analog_object(ObjectType::analog_output, {.instance = 1, .name = "Damper"},
                         {.units = 98, .minimum = 0, .maximum = 100, .relinquish_default = 10.0F}))
      .value();
  device
      .add(binary_object(ObjectType::binary_output, {.instance = 1, .name = "Fan"},
                         {.relinquish_default = false}))
      .value();
  device
      .add(multi_state_object(ObjectType::multi_state_value, {.instance = 1, .name = "Mode"},
                              {.states = {"off", "auto", "on"}, .relinquish_default = 2}))
      .value();
  Object alarm = binary_object(ObjectType::binary_input, {.instance = 1, .name = "Fan Alarm"},
                               {.inactive_text = "ok", .active_text = "alarm"});
  alarm.set_condition({.reliability = 12});
  device.add(std::move(alarm)).value();
  device.add(accumulator_object({.instance = 1, .name = "Energy"}, {.units = 18})).value();
  device.add(text_object({.instance = 1, .name = "Note"})).value();
  device
      .add(trend_log_object(1, "Feeder 1 Power trend", {.object = {ObjectType::analog_input, 1}}, traits,
                            [&site] { return site.bounds(); }))
      .value();
}

// Analog input 1 rises.
class Rising final : private io::Timer {
 public:
  Rising(io::Executor& executor, Device& device, Server& server)
      : executor_(executor), object_(*device.find({ObjectType::analog_input, 1})), server_(server) {
    executor_.arm(*this, executor_.now() + 200ms);
  }

 private:
  void on_timer() override {
    object_.set(PropertyId::present_value, value_ += 1);
    server_.changed(object_);
    executor_.arm(*this, executor_.now() + 200ms);
  }

  io::Executor& executor_;
  Object& object_;
  Server& server_;
  float value_ = 0.5F;
};

int serve_device(std::uint16_t port) {
  io::posix::EpollLoop loop;
  Site site(loop.clock());
  Device device({.instance = 1234,
                 .name = "Interwatt",
                 .vendor_name = "Interwatt",
                 .model = "interop",
                 .version = "1",
                 .writable = true,
                 .controllable = true,
                 .reports = true});
  add_objects(device, site);
  const std::vector<IpNetwork> loopback{{.host = {127, 0, 0, 0}, .prefix = 8}};
  Server server(device, site,
                {.listen = {"127.0.0.1", port},
                 .services = {.reporting = ReportingSettings{}, .password = "quiet please"},
                 .allow = loopback,
                 .write = loopback,
                 .announce = false},
                loop.network());
  Object& follower = *device.find(position);
  server.reporting()->enroll(follower, {.high = widest, .limits = {false, true}});
  site.moved = [&] {
    const double value = bacnet::number(*device.find(damper)->value(PropertyId::present_value)).value();
    follower.set(PropertyId::present_value, static_cast<float>(value));
    follower.set_condition(
        {.event = value > widest ? bacnet::EventState::high_limit : bacnet::EventState::normal});
    server.look(follower, "the damper is too wide");
    server.changed(follower);
  };
  const auto at = server.open();
  if (!at) {
    std::cerr << at.error().message << std::endl;
    return 1;
  }
  device.add(network_port_object({.ip = {127, 0, 0, 1}, .port = at->port})).value();
  io::TaskGroup tasks(loop);
  tasks.spawn(server.run());
  const Rising rising(loop, device, server);
  const UntilStdinCloses until(loop);
  std::cout << "READY " << at->port << std::endl;
  loop.run();
  server.close();
  while (tasks.running() > 0)
    loop.run_for(10ms);
  return 0;
}

}  // namespace
}  // namespace iw::interop

int main(int argc, char** argv) {
  return iw::interop::serve_device(argc > 1 ? static_cast<std::uint16_t>(std::stoi(argv[1]))
                                            : std::uint16_t{0});
}
