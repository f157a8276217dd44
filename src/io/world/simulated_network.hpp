// SimulatedNetwork: the network and the serial ports, as one thread of a node sees them. Hosts are the nodes
// of the world, by name or address.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/network.hpp"
#include "io/timer.hpp"

namespace iw::io::world {

class Connecting;
class Connection;
class Node;
class SimulatedExecutor;
class SimulatedNetwork;
class World;

class SimulatedListener final : public Listener {
 public:
  SimulatedListener(SimulatedExecutor& executor, Endpoint at);
  ~SimulatedListener() override { close(); }

  Task<Result<StreamPtr>> accept() override;
  [[nodiscard]] Endpoint local() const override { return at_; }
  void close() override;

  [[nodiscard]] SimulatedExecutor& executor() { return executor_; }
  // False when the backlog is full. Runs the code that accepts.
  [[nodiscard]] bool has_room() const { return backlog_.size() < 128; }
  void offer(std::shared_ptr<Connection> connection);

 private:
  SimulatedExecutor& executor_;
  Endpoint at_;
  std::deque<std::shared_ptr<Connection>> backlog_;
  Operation<Result<StreamPtr>>* accepting_ = nullptr;
  bool closed_ = false;
};

class SimulatedSocket final : public DatagramSocket {
 public:
  using Payload = std::shared_ptr<const std::vector<std::byte>>;

  SimulatedSocket(SimulatedExecutor& executor, Endpoint at);
  ~SimulatedSocket() override { close(); }

  Result<void> send(Bytes bytes, const Endpoint& to) override;
  [[nodiscard]] Endpoint local() const override { return at_; }
  void close() override;

  // Runs the code that receives; what nobody fetches is lost beyond a few.
  void deliver(Endpoint from, Payload payload);

 protected:
  std::optional<Result<Datagram>> start_receive(MutableBytes into, Operation<Result<Datagram>>& op) override;

 private:
  void send_to(Node& target, std::uint16_t port, const Payload& payload);
  Datagram take(MutableBytes into);

  SimulatedExecutor& executor_;
  Endpoint at_;
  std::deque<std::pair<Endpoint, Payload>> inbox_;
  MutableBytes into_;
  Operation<Result<Datagram>>* receiving_ = nullptr;
  bool closed_ = false;
};

class SimulatedNetwork final : public Network {
 public:
  explicit SimulatedNetwork(SimulatedExecutor& executor) : executor_(executor) {}

  Task<Result<StreamPtr>> connect(Endpoint to, Instant deadline) override;
  Result<StreamPtr> open_serial(const SerialSettings& settings) override;
  Result<ListenerPtr> listen(const Endpoint& at) override;
  Result<DatagramSocketPtr> bind(const Endpoint& at) override;
  [[nodiscard]] Executor& executor() override;

 private:
  friend class Connecting;
  friend class Node;

  // The machine ends: closes the ports and cancels who waits.
  void die();

  SimulatedExecutor& executor_;
  std::vector<Connecting*> connecting_;
};

}  // namespace iw::io::world
