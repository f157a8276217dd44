// FaultPlan: what goes wrong in a run, drawn from the seed. A random half of the kinds of faults is switched
// on (swarm testing: a run without partitions finds what partitions hide), each happens a few times, and all
// have healed at the end of the plan, so that a phase can follow in which everything must recover.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "io/world/world.hpp"

namespace iw::io::world {

enum class FaultKind : std::uint8_t {
  slow_link,
  lossy_link,
  reordering_link,
  dribbling_link,
  narrow_link,
  partition,
  one_way_partition,
  forgotten_connections,
  reset_connections,
  serial_noise,
  serial_loss,
  serial_unplugged,
  wall_clock_step,
  clock_drift,
  disk_full,
  disk_error,
  crash,
  power_cut,
};
constexpr std::size_t fault_kinds = 18;

std::string_view to_string(FaultKind kind);

struct Fault {
  FaultKind kind;
  Instant from;
  Instant until;
  std::size_t first;   // node or, for a link, where it starts; serial faults: the bus
  std::size_t second;  // node where the link ends; serial_unplugged: the node
  double strength;     // 0..1
};

class FaultPlan {
 public:
  // Restarts a node after a crash or power cut; without it, these are left out. It destroys the old code of
  // the node (see Node), calls restart() and starts the new code.
  using Reboot = std::function<void(Node&)>;

  static constexpr std::size_t all_nodes = ~std::size_t{0};
  // For the first of the nodes and the buses that the world has now, from now to `end`. Another plan by
  // another name.
  static FaultPlan draw(World& world, Instant end, std::string_view name = "faults",
                        std::size_t first_nodes = all_nodes);

  // Schedules everything. A power cut or crash kills the node at its time and calls reboot at its end.
  void start(World& world, const Reboot& reboot = {}) const;

  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }
  [[nodiscard]] bool has(FaultKind kind) const { return on_[static_cast<std::size_t>(kind)]; }
  // A line for each fault, for people.
  [[nodiscard]] std::string describe(const World& world) const;

 private:
  std::array<bool, fault_kinds> on_{};
  std::vector<Fault> faults_;
};

}  // namespace iw::io::world
