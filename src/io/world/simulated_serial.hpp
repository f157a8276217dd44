// SerialBus: two wires that all ports on it share. Characters take their air time; every port hears every
// other one.
//
// Characters arrive in bursts of a UART's buffer. Two that send at once garble each other. Who listens with
// another baud rate, parity or character size hears garbage; a different number of stop bits does no harm, as
// with real ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/serial.hpp"
#include "io/stream.hpp"
#include "io/world/byte_queue.hpp"
#include "io/world/seeded_random.hpp"

namespace iw::io::world {

class Node;
class SimulatedExecutor;
class SimulatedSerial;
class World;
enum class Death : std::uint8_t;

struct SerialBusSettings {
  std::size_t burst = 16;  // characters that a UART collects before it speaks up
  double noise = 0;        // characters with one wrong bit
  double drop = 0;         // characters that nobody hears
  bool echo = false;       // ports hear themselves too, as with simple RS-485 converters
};

class SerialBus {
 public:
  SerialBus(World& world, std::string name, SerialBusSettings settings);
  SerialBus(const SerialBus&) = delete;
  SerialBus& operator=(const SerialBus&) = delete;
  ~SerialBus();

  [[nodiscard]] const std::string& path() const { return path_; }
  // May be changed at any time.
  [[nodiscard]] SerialBusSettings& settings() { return settings_; }

  Result<StreamPtr> open(SimulatedExecutor& executor, const SerialSettings& settings);
  // The converter is pulled: the port of the node ends with an error of kind io, and opening fails until
  // plug().
  void unplug(const Node& node);
  void plug(const Node& node);

  void end_ports_of(const Node& node, Death death);

 private:
  friend class SimulatedSerial;

  // What one port sends. Goes on after close(), as a kernel drains its buffer.
  struct Sender {
    std::uint64_t port;
    std::uint32_t node;
    SerialSettings settings;
    ByteQueue queue;
    std::size_t on_air = 0;  // of the queue's bytes
    bool collided = false;
  };

  void send(const std::shared_ptr<Sender>& sender);
  void end_burst(const std::shared_ptr<Sender>& sender);
  [[nodiscard]] std::vector<std::byte> on_the_wire(Sender& sender);
  [[nodiscard]] std::vector<std::byte> as_heard(const SerialSettings& sent, const SerialSettings& by,
                                                Bytes bytes);
  [[nodiscard]] SimulatedSerial* find(std::uint64_t port) const;

  World& world_;
  std::string path_;
  SerialBusSettings settings_;
  SeededRandom random_;
  std::uint64_t last_port_ = 0;
  std::vector<SimulatedSerial*> ports_;
  std::vector<std::shared_ptr<Sender>> on_air_;
  std::vector<const Node*> unplugged_;
};

}  // namespace iw::io::world
