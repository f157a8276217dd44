#include "io/world/simulated_serial.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "io/world/world.hpp"

namespace iw::io::world {

namespace {

constexpr std::size_t kernel_buffer = 4096;  // bytes of a write that the kernel takes at once

Unexpected cancelled() { return fail(ErrorKind::cancelled, "the serial port was closed on this side"); }

}  // namespace

class SimulatedSerial final : public ByteStream {
 public:
  SimulatedSerial(SerialBus& bus, SimulatedExecutor& executor, SerialSettings settings, std::uint64_t id)
      : bus_(bus),
        executor_(executor),
        settings_(std::move(settings)),
        id_(id),
        sender_(std::make_shared<SerialBus::Sender>(id, executor.node().id(), settings_)) {
    bus_.ports_.push_back(this);
  }
  ~SimulatedSerial() override { close(); }

  void close() override {
    if (std::exchange(closed_, true)) return;
    std::erase(bus_.ports_, this);
    if (reading_ != nullptr) {
      executor_.post([op = std::exchange(reading_, nullptr)] { op->complete(cancelled()); });
    }
    if (writing_ != nullptr) {
      executor_.post([op = std::exchange(writing_, nullptr)] { op->complete(cancelled()); });
    }
  }
  [[nodiscard]] std::string peer() const override { return settings_.device; }

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const SerialSettings& settings() const { return settings_; }
  [[nodiscard]] SimulatedExecutor& executor() { return executor_; }

  void hear(Bytes bytes) {
    received_.append(bytes.first(std::min(bytes.size(), kernel_buffer - received_.size())));
  }
  void wake_reader() {
    if (reading_ == nullptr || received_.empty()) return;
    executor_.world().enter(executor_);
    std::exchange(reading_, nullptr)->complete(take(into_));
  }
  void wake_writer() {
    if (writing_ == nullptr || sender_->queue.size() > kernel_buffer) return;
    executor_.world().enter(executor_);
    std::exchange(writing_, nullptr)->complete({});
  }
  void pull() {
    pulled_ = true;
    cut_power();
    executor_.world().enter(executor_);
    // Who is resumed first may destroy this.
    const Unexpected error = is_pulled();
    auto* reading = std::exchange(reading_, nullptr);
    auto* writing = std::exchange(writing_, nullptr);
    if (reading != nullptr) reading->complete(error);
    if (writing != nullptr) writing->complete(error);
  }
  void cut_power() {
    sender_->queue.clear();
    sender_->on_air = 0;
  }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                Operation<Result<std::size_t>>& op) override {
    if (closed_) return cancelled();
    if (!received_.empty()) return take(into);
    if (pulled_) return is_pulled();
    into_ = into;
    reading_ = &op;
    return std::nullopt;
  }

  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) override {
    if (closed_) return cancelled();
    if (pulled_) return is_pulled();
    sender_->queue.append(bytes);
    bus_.send(sender_);
    if (sender_->queue.size() <= kernel_buffer) return Result<void>{};
    writing_ = &op;
    return std::nullopt;
  }

 private:
  [[nodiscard]] Unexpected is_pulled() const {
    return fail(ErrorKind::io, fmt::format("{}: the device is gone", settings_.device),
                "plug the converter in again");
  }
  std::size_t take(MutableBytes into) {
    const std::size_t n = std::min(into.size(), received_.size());
    received_.take(into.first(n));
    return n;
  }

  SerialBus& bus_;
  SimulatedExecutor& executor_;
  SerialSettings settings_;
  std::uint64_t id_;
  std::shared_ptr<SerialBus::Sender> sender_;
  ByteQueue received_;
  MutableBytes into_;
  Operation<Result<std::size_t>>* reading_ = nullptr;
  Operation<Result<void>>* writing_ = nullptr;
  bool closed_ = false;
  bool pulled_ = false;
};

SerialBus::SerialBus(World& world, std::string name, SerialBusSettings settings)
    : world_(world),
      path_("/dev/" + std::move(name)),
      settings_(settings),
      random_(world.random("serial:" + path_)) {}
SerialBus::~SerialBus() = default;

SimulatedSerial* SerialBus::find(std::uint64_t port) const {
  const auto found = std::ranges::find(ports_, port, &SimulatedSerial::id);
  return found == ports_.end() ? nullptr : *found;
}

Result<StreamPtr> SerialBus::open(SimulatedExecutor& executor, const SerialSettings& settings) {
  const Node& node = executor.node();
  if (std::ranges::find(unplugged_, &node) != unplugged_.end()) {
    return fail(ErrorKind::unreachable, fmt::format("no serial port {}", path_),
                "plug the converter in again");
  }
  if (settings.baud == 0) return fail(ErrorKind::invalid_argument, fmt::format("{}: 0 baud", path_));
  if (std::ranges::any_of(ports_, [&](SimulatedSerial* port) { return &port->executor().node() == &node; })) {
    return fail(ErrorKind::busy, fmt::format("{} is open already on {}", path_, node.name()));
  }
  return std::make_unique<SimulatedSerial>(*this, executor, settings, ++last_port_);
}

void SerialBus::unplug(const Node& node) {
  unplugged_.push_back(&node);
  const auto port =
      std::ranges::find(ports_, &node, [](SimulatedSerial* p) { return &p->executor().node(); });
  if (port == ports_.end()) return;
  world_.schedule(world_.now(), {EventKind::serial, node.id(), nullptr, [this, id = (*port)->id()] {
                                   if (SimulatedSerial* pulled = find(id)) {
                                     std::erase(ports_, pulled);
                                     pulled->pull();
                                   }
                                 }});
}

void SerialBus::plug(const Node& node) { std::erase(unplugged_, &node); }

void SerialBus::end_ports_of(const Node& node, Death death) {
  const auto ports = ports_;
  for (SimulatedSerial* port : ports) {
    if (&port->executor().node() != &node) continue;
    if (death == Death::power_cut) port->cut_power();
    port->close();
  }
}

// Puts the next burst on the air, unless one of this sender is there already.
void SerialBus::send(const std::shared_ptr<Sender>& sender) {
  if (sender->on_air > 0 || sender->queue.empty()) return;
  sender->on_air = std::min(sender->queue.size(), std::max<std::size_t>(settings_.burst, 1));
  sender->collided = false;
  for (const auto& another : on_air_)
    another->collided = sender->collided = true;
  on_air_.push_back(sender);
  const Duration air_time = sender->settings.character_time() * static_cast<std::int64_t>(sender->on_air);
  world_.schedule(world_.now() + air_time,
                  {EventKind::serial, sender->node, nullptr, [this, sender] { end_burst(sender); }});
}

void SerialBus::end_burst(const std::shared_ptr<Sender>& sender) {
  std::erase(on_air_, sender);
  if (sender->on_air == 0) return;  // the power went
  const std::vector<std::byte> bytes = on_the_wire(*sender);
  sender->on_air = 0;
  world_.mix(bytes);
  world_.trace(path_, "{} characters{}", bytes.size(), sender->collided ? ", garbled by a collision" : "");
  send(sender);

  // First all hear, then they act: what they do may open and close ports.
  std::vector<std::uint64_t> hearers;
  for (SimulatedSerial* port : ports_) {
    if (port->id() == sender->port && !settings_.echo) continue;
    port->hear(as_heard(sender->settings, port->settings(), bytes));
    hearers.push_back(port->id());
  }
  for (const std::uint64_t id : hearers) {
    if (SimulatedSerial* port = find(id)) port->wake_reader();
  }
  if (SimulatedSerial* port = find(sender->port)) port->wake_writer();
}

std::vector<std::byte> SerialBus::on_the_wire(Sender& sender) {
  std::vector<std::byte> sent(sender.on_air);
  sender.queue.take(sent);
  std::vector<std::byte> wire;
  for (std::byte b : sent) {
    if (random_.chance(settings_.drop)) continue;
    if (sender.collided) b = static_cast<std::byte>(random_.below(256));
    if (random_.chance(settings_.noise)) b ^= std::byte{1} << random_.below(8);
    wire.push_back(b);
  }
  return wire;
}

std::vector<std::byte> SerialBus::as_heard(const SerialSettings& sent, const SerialSettings& by,
                                           Bytes bytes) {
  std::vector<std::byte> heard(bytes.begin(), bytes.end());
  if (sent.baud == by.baud && sent.parity == by.parity && sent.data_bits == by.data_bits) return heard;
  // Half of the characters fail their parity or stop bit and are dropped; the rest is anything.
  std::erase_if(heard, [this](std::byte) { return random_.chance(0.5); });
  for (std::byte& b : heard)
    b = static_cast<std::byte>(random_.below(256));
  return heard;
}

}  // namespace iw::io::world
