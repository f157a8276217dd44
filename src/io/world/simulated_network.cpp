#include "io/world/simulated_network.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "io/world/connection.hpp"
#include "io/world/world.hpp"

namespace iw::io::world {

namespace {

constexpr std::size_t largest_datagram = 65'507;
constexpr std::size_t datagrams_kept = 256;

Unexpected machine_is_dead(const Node& node) {
  return fail(ErrorKind::cancelled, fmt::format("node {} was killed", node.name()));
}

class SimulatedStream final : public ByteStream {
 public:
  SimulatedStream(std::shared_ptr<Connection> connection, Connection::End me)
      : connection_(std::move(connection)), me_(me) {}
  ~SimulatedStream() override { connection_->close(me_); }

  void close() override { connection_->close(me_); }
  [[nodiscard]] std::string peer() const override { return connection_->peer_of(me_); }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                Operation<Result<std::size_t>>& op) override {
    return connection_->start_read(me_, into, op);
  }
  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) override {
    return connection_->start_write(me_, bytes, op);
  }

 private:
  std::shared_ptr<Connection> connection_;
  Connection::End me_;
};

}  // namespace

// One attempt to connect. Owned by the coroutine that waits: when that goes, what is under way finds nobody.
class Connecting final : public Timer, public std::enable_shared_from_this<Connecting> {
 public:
  Connecting(SimulatedExecutor& executor, Endpoint to) : executor_(executor), to_(std::move(to)) {
    executor_.network().connecting_.push_back(this);
  }
  ~Connecting() override {
    std::erase(executor_.network().connecting_, this);
    if (connection_) connection_->close(Connection::client);
  }

  std::optional<Result<StreamPtr>> start(Instant deadline, Operation<Result<StreamPtr>>& op) {
    if (!node().alive()) return machine_is_dead(node());
    target_ = world().find_host(node(), to_.host);
    if (target_ == nullptr) {
      return fail(ErrorKind::unreachable, fmt::format("no host {} in this world", to_.host),
                  "add_node() it, or correct the name");
    }
    if (deadline <= executor_.now()) return timeout();
    op_ = &op;
    executor_.arm(*this, deadline);
    send_syn();
    return std::nullopt;
  }

  void cancel() {
    disarm();
    if (op_ == nullptr) return;
    executor_.post(
        [op = std::exchange(op_, nullptr), &node = node()] { op->complete(machine_is_dead(node)); });
  }

 private:
  using Step = void (Connecting::*)();

  Node& node() { return executor_.node(); }
  World& world() { return executor_.world(); }
  Link& there() { return world().link_of(node(), *target_); }
  Link& back() { return world().link_of(*target_, node()); }

  Unexpected timeout() {
    return fail(ErrorKind::timeout, fmt::format("connect to {}: no answer in time", to_string(to_)),
                "check that the device has power and that its address is right");
  }
  void on_timer() override { finish(timeout()); }

  // Resumes the waiting coroutine, which may destroy this.
  void finish(Result<StreamPtr> result) {
    disarm();
    if (op_ == nullptr) return;
    world().enter(executor_);
    std::exchange(op_, nullptr)->complete(std::move(result));
  }

  void schedule(Duration in, EventKind kind, const Node& who, Step step) {
    world().schedule(world().now() + in, {kind, who.id(), nullptr, [weak = weak_from_this(), step] {
                                            if (const auto self = weak.lock()) (*self.*step)();
                                          }});
  }
  void again(Step step) { schedule(1s * (1 << std::min(tries_++, 5U)), EventKind::syn, node(), step); }

  void send_syn() {
    if (op_ == nullptr) return;
    if (there().random.chance(there().settings.loss)) return again(&Connecting::send_syn);
    schedule(there().latency(), EventKind::syn, *target_, &Connecting::take_syn);
  }

  // At the target.
  void take_syn() {
    if (op_ == nullptr) return;
    if (there().settings.unreachable) {
      return finish(
          fail(ErrorKind::unreachable, fmt::format("connect to {}: no route to host", to_string(to_))));
    }
    if (there().settings.blocked || !target_->powered()) return again(&Connecting::send_syn);
    const auto listener = target_->listeners_.find(to_.port);
    if (listener == target_->listeners_.end()) {
      return schedule(back().latency(), EventKind::reset, node(), &Connecting::take_refusal);
    }
    SimulatedListener& server = *listener->second;
    if (!server.has_room()) return again(&Connecting::send_syn);
    world().trace(target_->name(), "connection from {} to port {}", node().name(), to_.port);
    const auto connection = std::make_shared<Connection>(
        executor_, Endpoint{node().address(), node().free_port()}, server.executor(), to_);
    connection_ = connection;
    world().add_connection(connection);
    const Duration way_back = back().latency();
    connection->not_before(Connection::client, world().now() + way_back);
    schedule(way_back, EventKind::syn_ack, node(), &Connecting::take_syn_ack);
    server.offer(connection);
  }

  void take_refusal() {
    if (back().settings.blocked) return again(&Connecting::send_syn);
    world().trace(node().name(), "refused by {}", to_string(to_));
    finish(fail(ErrorKind::refused, fmt::format("connect to {}: nobody listens there", to_string(to_))));
  }

  void take_syn_ack() {
    if (op_ == nullptr) return;
    if (back().settings.blocked) return again(&Connecting::take_syn_ack);
    world().trace(node().name(), "connected to {}", to_string(to_));
    connection_->open(Connection::client);
    finish(std::make_unique<SimulatedStream>(std::exchange(connection_, nullptr), Connection::client));
  }

  SimulatedExecutor& executor_;
  Endpoint to_;
  Node* target_ = nullptr;
  Operation<Result<StreamPtr>>* op_ = nullptr;
  std::shared_ptr<Connection> connection_;  // until it is established
  unsigned tries_ = 0;
};

SimulatedListener::SimulatedListener(SimulatedExecutor& executor, Endpoint at)
    : executor_(executor), at_(std::move(at)) {
  executor_.node().listeners_[at_.port] = this;
}

Task<Result<StreamPtr>> SimulatedListener::accept() {
  co_return co_await awaiting<Result<StreamPtr>>(
      [this](Operation<Result<StreamPtr>>& op) -> std::optional<Result<StreamPtr>> {
        if (closed_) return fail(ErrorKind::cancelled, "the listener is closed");
        if (!backlog_.empty()) {
          auto connection = std::move(backlog_.front());
          backlog_.pop_front();
          return std::make_unique<SimulatedStream>(std::move(connection), Connection::server);
        }
        accepting_ = &op;
        return std::nullopt;
      });
}

void SimulatedListener::offer(std::shared_ptr<Connection> connection) {
  connection->open(Connection::server);
  if (accepting_ == nullptr) {
    backlog_.push_back(std::move(connection));
    return;
  }
  executor_.world().enter(executor_);
  std::exchange(accepting_, nullptr)
      ->complete(std::make_unique<SimulatedStream>(std::move(connection), Connection::server));
}

void SimulatedListener::close() {
  if (std::exchange(closed_, true)) return;
  executor_.node().listeners_.erase(at_.port);
  for (const auto& connection : backlog_)
    connection->close(Connection::server);
  backlog_.clear();
  if (accepting_ != nullptr) {
    executor_.post([op = std::exchange(accepting_, nullptr)] {
      op->complete(fail(ErrorKind::cancelled, "the listener is closed"));
    });
  }
}

SimulatedSocket::SimulatedSocket(SimulatedExecutor& executor, Endpoint at)
    : executor_(executor), at_(std::move(at)) {
  executor_.node().sockets_[at_.port] = this;
}

Result<void> SimulatedSocket::send(Bytes bytes, const Endpoint& to) {
  if (closed_) return fail(ErrorKind::cancelled, "the socket is closed");
  if (bytes.size() > largest_datagram) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a datagram carries at most {} bytes, not {}", largest_datagram, bytes.size()));
  }
  Node& node = executor_.node();
  const auto payload = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  if (to.host == "255.255.255.255") {
    for (const auto& target : executor_.world().nodes())
      send_to(*target, to.port, payload);
    return {};
  }
  Node* target = executor_.world().find_host(node, to.host);
  if (target == nullptr) {
    return fail(ErrorKind::unreachable, fmt::format("no host {} in this world", to.host),
                "add_node() it, or correct the name");
  }
  send_to(*target, to.port, payload);
  return {};
}

void SimulatedSocket::send_to(Node& target, std::uint16_t port, const Payload& payload) {
  World& world = executor_.world();
  Link& link = world.link_of(executor_.node(), target);
  const Instant departure = link.departure(world.now(), payload->size());
  if (link.random.chance(link.settings.loss)) return;
  const int copies = link.random.chance(link.settings.duplicate) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    Duration delay = link.latency();
    if (link.random.chance(link.settings.reorder)) delay += link.random.between({}, link.settings.held_back);
    const Endpoint from{executor_.node().address(), at_.port};
    world.schedule(departure + delay,
                   {EventKind::datagram, target.id(), nullptr, [&world, &link, &target, port, from, payload] {
                      if (link.settings.blocked || !target.alive()) return;
                      const auto socket = target.sockets_.find(port);
                      if (socket == target.sockets_.end()) return;
                      world.mix(*payload);
                      world.trace(target.name(), "recv datagram of {} bytes from {}", payload->size(),
                                  to_string(from));
                      socket->second->deliver(from, payload);
                    }});
  }
}

void SimulatedSocket::deliver(Endpoint from, Payload payload) {
  if (inbox_.size() == datagrams_kept) return;
  inbox_.emplace_back(std::move(from), std::move(payload));
  if (receiving_ == nullptr) return;
  executor_.world().enter(executor_);
  std::exchange(receiving_, nullptr)->complete(take(into_));
}

Datagram SimulatedSocket::take(MutableBytes into) {
  auto [from, payload] = std::move(inbox_.front());
  inbox_.pop_front();
  const std::size_t n = std::min(into.size(), payload->size());
  std::copy_n(payload->begin(), n, into.begin());
  return {std::move(from), n};
}

std::optional<Result<Datagram>> SimulatedSocket::start_receive(MutableBytes into,
                                                               Operation<Result<Datagram>>& op) {
  if (closed_) return fail(ErrorKind::cancelled, "the socket is closed");
  if (!inbox_.empty()) return take(into);
  into_ = into;
  receiving_ = &op;
  return std::nullopt;
}

void SimulatedSocket::close() {
  if (std::exchange(closed_, true)) return;
  executor_.node().sockets_.erase(at_.port);
  inbox_.clear();
  if (receiving_ != nullptr) {
    executor_.post([op = std::exchange(receiving_, nullptr)] {
      op->complete(fail(ErrorKind::cancelled, "the socket is closed"));
    });
  }
}

Executor& SimulatedNetwork::executor() { return executor_; }

Task<Result<StreamPtr>> SimulatedNetwork::connect(Endpoint to, Instant deadline) {
  const auto attempt = std::make_shared<Connecting>(executor_, std::move(to));
  co_return co_await awaiting<Result<StreamPtr>>(
      [&](Operation<Result<StreamPtr>>& op) { return attempt->start(deadline, op); });
}

Result<StreamPtr> SimulatedNetwork::open_serial(const SerialSettings& settings) {
  if (!executor_.node().alive()) return machine_is_dead(executor_.node());
  SerialBus* bus = executor_.world().find_device(settings.device);
  if (bus == nullptr) {
    return fail(ErrorKind::unreachable, fmt::format("no serial port {}", settings.device),
                "World::add_serial_bus(\"x\") makes /dev/x");
  }
  return bus->open(executor_, settings);
}

Result<ListenerPtr> SimulatedNetwork::listen(const Endpoint& at) {
  Node& node = executor_.node();
  if (!node.alive()) return machine_is_dead(node);
  const std::uint16_t port = at.port == 0 ? node.free_port() : at.port;
  if (node.listeners_.contains(port)) {
    return fail(ErrorKind::busy, fmt::format("port {} of {} is taken", port, node.name()));
  }
  return std::make_unique<SimulatedListener>(executor_, Endpoint{at.host, port});
}

Result<DatagramSocketPtr> SimulatedNetwork::bind(const Endpoint& at) {
  Node& node = executor_.node();
  if (!node.alive()) return machine_is_dead(node);
  const std::uint16_t port = at.port == 0 ? node.free_port() : at.port;
  if (node.sockets_.contains(port)) {
    return fail(ErrorKind::busy, fmt::format("UDP port {} of {} is taken", port, node.name()));
  }
  return std::make_unique<SimulatedSocket>(executor_, Endpoint{at.host, port});
}

void SimulatedNetwork::die() {
  const Node& node = executor_.node();
  const auto listeners = node.listeners_;
  for (const auto& [port, listener] : listeners)
    listener->close();
  const auto sockets = node.sockets_;
  for (const auto& [port, socket] : sockets)
    socket->close();
  for (Connecting* attempt : connecting_)
    attempt->cancel();
}

}  // namespace iw::io::world
