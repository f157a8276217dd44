// ModbusServer: simulated devices behind one Modbus endpoint: a TCP port, RTU over TCP, or a serial line.
//
//   ModbusServer server(network, random, log, {});
//   server.add(UnitId(1), meter);
//   server.listen({"127.0.0.1", 502});
//   group.spawn(server.run());      // until stop()
//
// The devices outlive the server. A connection takes requests while earlier replies wait for their time, so a
// slow device can be asked in advance; replies leave in the order of the requests. Reads allocate nothing.
// All on the executor of the network.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "io/network.hpp"
#include "io/random.hpp"
#include "io/signal.hpp"
#include "io/task_group.hpp"
#include "sim/device.hpp"

namespace iw::sim {

enum class Framing : std::uint8_t { tcp, rtu };

// A serial bus behind a gateway: one request at a time for all units, at the speed of the wire.
struct BusSettings {
  Duration character_time = 1'146us;  // 9600 baud, 11 bits
  Duration turnaround = 5ms;          // until a unit answers
  Duration unit_timeout = 1s;         // then the gateway answers 0B for a dead unit
};

struct ServerSettings {
  Framing framing = Framing::tcp;
  std::optional<BusSettings> bus = {};  // a gateway; none: the devices themselves
  bool any_unit = false;  // a device that does not look at the unit id: the first one answers for all
  std::size_t max_connections = 64;  // more are closed as soon as they come
};

class ModbusServer {
 public:
  ModbusServer(io::Network& network, io::Random& random, Log& log, ServerSettings settings);
  ModbusServer(const ModbusServer&) = delete;
  ModbusServer& operator=(const ModbusServer&) = delete;
  ~ModbusServer();

  void add(modbus::UnitId unit, Device& device);

  // Takes the port; port 0: any. Gives where it really is.
  Result<io::Endpoint> listen(const io::Endpoint& at);
  // Takes connections until stop(). After listen().
  io::Task<void> run();
  // Serves one stream, until it ends or stop(): a serial port, or one end of a pipe.
  io::Task<void> serve(io::StreamPtr stream);
  void stop();

  // At run time.
  void set_max_connections(std::size_t most) { settings_.max_connections = most; }
  // As if the power was off for so long: connections break, new ones are refused.
  void refuse_for(Duration duration);

  [[nodiscard]] std::size_t connections() const { return open_.size(); }
  [[nodiscard]] const io::Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Connection;
  struct Incoming {
    std::uint16_t tid = 0;
    modbus::UnitId unit;
    Bytes pdu;
  };

  io::Task<void> receive_tcp(Connection& connection);
  io::Task<void> receive_rtu(Connection& connection);
  io::Task<void> send(Connection& connection);
  // False: hang up.
  bool take(Connection& connection, const Incoming& request);
  void broadcast(const Incoming& request);
  Duration bus_time(std::size_t request_pdu, std::size_t reply_pdu);
  Instant due_on_bus(Duration cost);
  [[nodiscard]] Device* find(modbus::UnitId unit) const;
  [[nodiscard]] bool chance(double rate) { return rate > 0 && random_.unit() < rate; }
  void close_connections();

  io::Network& network_;
  io::Executor& executor_;
  io::Random& random_;
  Log& log_;
  ServerSettings settings_;
  std::array<Device*, 256> units_{};
  Device* first_ = nullptr;
  io::ListenerPtr listener_;
  io::Endpoint endpoint_;
  io::Signal wake_;
  io::TaskGroup serving_;
  std::vector<Connection*> open_;
  Instant refuse_until_{};
  Instant bus_free_{};
  bool stopping_ = false;
};

}  // namespace iw::sim
