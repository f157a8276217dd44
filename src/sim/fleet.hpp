// Fleet: many plain Modbus TCP devices for benchmarks, one port each, on one loop.
//
// Each has holding registers that count (register n holds n) but for register 0, which counts the requests
// that were answered. It knows FC 3, 6 and 16, answers any unit id, and costs little more than its two system
// calls: a reply is a header and a memcpy, all requests that came together leave in one write, and nothing is
// allocated (but by delayed devices, which keep their answers until they are due).
//
// A part of the devices is bad, spread evenly: silent (accept, never answer) or delayed (each
// answer leaves so much later, whatever came before it; longer than the client's time-out, and they are
// late).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/network.hpp"
#include "io/task_group.hpp"

namespace iw::sim {

struct FleetSettings {
  std::string address = "127.0.0.1";
  std::uint16_t first_port = 0;  // then one up for each device; 0: any ports
  std::size_t devices = 100;
  std::uint16_t registers = 250;
  double silent = 0;   // part of the devices, 0 to 1
  double delayed = 0;  // part of the others
  Duration delay = 20ms;
};

class Fleet {
 public:
  enum class Behaviour : std::uint8_t { plain, silent, delayed };

  Fleet(io::Network& network, FleetSettings settings);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  // Takes all ports, or none.
  Result<std::vector<io::Endpoint>> listen();
  io::Task<void> run();  // until stop()
  void stop();

  [[nodiscard]] Behaviour behaviour(std::size_t device) const;
  [[nodiscard]] std::uint64_t answered(std::size_t device) const;
  // A register as it is now, high byte first on the wire.
  [[nodiscard]] std::uint16_t value(std::size_t device, std::uint16_t address) const;

 private:
  class Member;
  struct Connection;

  io::Task<void> accept(Member& member);
  io::Task<void> serve(Member& member, std::shared_ptr<Connection> connection);
  io::Task<void> deliver(std::shared_ptr<Connection> connection);

  io::Network& network_;
  FleetSettings settings_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<std::shared_ptr<Connection>> open_;
  io::TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace iw::sim
