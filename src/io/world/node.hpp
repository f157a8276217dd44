// Node: a machine in the world, with its own clock, threads, network, disk and chance.
//
// The end of a machine comes in three steps:
//   kill()     nothing of it runs any more by itself, and nothing that it does from now on reaches the
//              world; every IO that its code waits on is cancelled, but that cancellation stays frozen with
//              its other jobs
//   bury()     optional: runs what is frozen, timers too, outside of virtual time, so that coroutines that
//              were told to stop come to their ends and free their frames. Between kill() and bury() nothing
//              of it is destroyed
//   restart()  drops what is still frozen; the disk is what it was, and new code may be started
// Objects of the old life may be destroyed before or after restart(). They stay dead: their streams are
// cancelled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/world/seeded_random.hpp"
#include "io/world/simulated_clock.hpp"
#include "io/world/simulated_executor.hpp"
#include "io/world/simulated_files.hpp"

namespace iw::io::world {

enum class Death : std::uint8_t {
  crash,      // the process ends: its kernel closes connections and keeps the files; connects are refused
  power_cut,  // the machine ends: silence; the disk keeps what was synced and a part of the rest
};

class Node {
 public:
  Node(World& world, std::uint32_t id, std::string name, std::string address);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() = default;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] World& world() { return world_; }

  // The main thread, and its network.
  [[nodiscard]] SimulatedExecutor& executor() { return *executors_.front(); }
  [[nodiscard]] SimulatedNetwork& network() { return executor().network(); }
  // A further thread; the same one when the name is known.
  SimulatedExecutor& add_executor(std::string_view name);

  [[nodiscard]] SimulatedFiles& files() { return files_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] SimulatedClock& clock() { return clock_; }
  // Parts per million that the clock runs too fast, from now on.
  void set_drift_ppm(double ppm);

  void kill(Death death);
  void bury();
  void restart();

  [[nodiscard]] bool alive() const { return alive_; }
  // There is a kernel that answers, though perhaps no process.
  [[nodiscard]] bool powered() const { return powered_; }

 private:
  friend class SimulatedNetwork;
  friend class SimulatedListener;
  friend class SimulatedSocket;
  friend class Connecting;

  template <class T>
  using Ports = std::map<std::uint16_t, T*>;

  std::uint16_t free_port();

  World& world_;
  std::uint32_t id_;
  std::string name_;
  std::string address_;
  SimulatedClock clock_;
  SimulatedFiles files_;
  SeededRandom random_;
  Ports<SimulatedListener> listeners_;
  Ports<SimulatedSocket> sockets_;
  std::uint16_t last_port_ = 49'151;
  std::vector<std::unique_ptr<SimulatedExecutor>> executors_;
  bool alive_ = true;
  bool powered_ = true;
};

}  // namespace iw::io::world
