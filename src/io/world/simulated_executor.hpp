// SimulatedExecutor: one thread of a node. What it posts to itself runs at the same virtual time; what other
// threads post to it arrives after a small drawn delay, in order for each sender, so that seeds explore the
// interleavings.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/executor.hpp"
#include "io/world/seeded_random.hpp"
#include "io/world/simulated_network.hpp"

namespace iw::io::world {

class Node;
class World;

class SimulatedExecutor final : public Executor {
 public:
  SimulatedExecutor(World& world, Node& node, std::string name, std::uint32_t id);

  [[nodiscard]] const Clock& clock() const override;
  void post(Job job) override;
  void arm(Timer& timer, Instant deadline) override;

  // Network whose streams and sockets belong to this thread.
  [[nodiscard]] SimulatedNetwork& network() { return network_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] World& world() { return world_; }

 private:
  friend class Node;
  friend class World;

  void plan_wake();
  void wake();

  // The life after death, see Node::bury().
  void freeze();
  bool run_frozen_job();
  void thaw();

  World& world_;
  Node& node_;
  std::string name_;
  std::uint32_t id_;
  SeededRandom random_;
  SimulatedNetwork network_;
  std::unique_ptr<TimerQueue> timers_ = std::make_unique<TimerQueue>();
  std::vector<Instant> wakes_;                               // planned, the earliest last
  std::map<const SimulatedExecutor*, Instant> handed_over_;  // when the last job of each sender arrives
  std::deque<Job> frozen_;                                   // jobs of a machine that was killed
};

}  // namespace iw::io::world
