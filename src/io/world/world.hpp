// World: a whole site in one thread, from one seed: machines, clocks, networks, serial buses, disks and their
// faults.
//
// Nothing happens but events, ordered by (time, order of scheduling); every event goes into event_hash(), so
// that two runs of one seed can be proved to be the same run. Code takes no virtual time; only waiting does.
// The world outlives everything that is made in it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "io/world/event_queue.hpp"
#include "io/world/link.hpp"
#include "io/world/node.hpp"
#include "io/world/seeded_random.hpp"
#include "io/world/simulated_serial.hpp"

namespace iw::io::world {

class Connection;

class World {
 public:
  using TraceSink = std::function<void(std::string_view line)>;

  explicit World(std::uint64_t seed) : seed_(seed) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // A machine; its address is 10.0.0.1 for the first, and so on.
  Node& add_node(std::string name);
  [[nodiscard]] std::span<const std::unique_ptr<Node>> nodes() const { return nodes_; }
  // A serial bus; every node may open it as /dev/<name>.
  SerialBus& add_serial_bus(std::string name, SerialBusSettings settings = {});
  [[nodiscard]] std::span<const std::unique_ptr<SerialBus>> serial_buses() const { return buses_; }

  // Time.
  [[nodiscard]] Instant now() const { return now_; }
  bool step();  // runs the next event; false when nothing will ever happen
  void run_until(Instant end);
  void run_for(Duration duration) { run_until(now_ + duration); }
  // Runs until it holds; false when it did not within the limit.
  bool run_until_holds(const std::function<bool()>& condition, Duration limit);
  [[nodiscard]] bool idle() const { return events_.empty(); }
  // Something the test or a fault does, at a time.
  void at(Instant when, Job action);

  // The network. Directed: link(a, b) is the road from a to b.
  LinkSettings link_default;  // what a link is made with, when it is first used or named
  LinkSettings& link(const Node& from, const Node& to) { return link_of(from, to).settings; }
  void block(const Node& from, const Node& to) { link(from, to).blocked = true; }
  void partition(const Node& a, const Node& b);
  void heal(const Node& a, const Node& b);
  void heal();  // all links
  void reset_connections(const Node& a, const Node& b);
  // Connections that stand lead nowhere from now on (a router forgot them); new ones are made as usual.
  void forget_connections(const Node& a, const Node& b);

  // How long a job needs to the queue of another thread, at most.
  Duration handover_delay = 50us;

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint64_t event_hash() const { return hash_; }
  [[nodiscard]] std::uint64_t events() const { return events_run_; }
  // A generator of its own for each component.
  [[nodiscard]] SeededRandom random(std::string_view component) const { return {seed_, component}; }
  // One line for each event: "12.345678 gateway recv 12 bytes from 10.0.0.2:502".
  void trace_to(TraceSink sink) { sink_ = std::move(sink); }

  // For the parts of the world.
  void schedule(Instant time, Event event) { events_.push(time, std::move(event)); }
  [[nodiscard]] std::vector<Job> take_jobs_of(const SimulatedExecutor& executor) {
    return events_.take_jobs_of(executor);
  }
  // Whose code runs now; null for the test itself and for the world.
  [[nodiscard]] const SimulatedExecutor* running() const { return running_; }
  void enter(const SimulatedExecutor& executor) { running_ = &executor; }
  void mix(Bytes payload);
  template <class... Args>
  void trace(std::string_view who, fmt::format_string<Args...> text, Args&&... args) {
    if (sink_) write_trace(who, fmt::format(text, std::forward<Args>(args)...));
  }
  [[nodiscard]] Link& link_of(const Node& from, const Node& to);
  // By name or address; a node finds itself as localhost. Null when there is none.
  [[nodiscard]] Node* find_host(Node& from, std::string_view host) const;
  [[nodiscard]] SerialBus* find_device(std::string_view path) const;
  void add_connection(const std::shared_ptr<Connection>& connection);
  void end_connections_of(const Node& node, Death death);
  void end_serial_ports_of(const Node& node, Death death);
  [[nodiscard]] std::uint32_t new_executor_id() { return ++executor_ids_; }

 private:
  void mix(std::uint64_t word);
  void write_trace(std::string_view who, std::string_view text) const;
  std::vector<std::shared_ptr<Connection>> connections();

  std::uint64_t seed_;
  Instant now_{};
  std::uint64_t hash_ = 0;
  std::uint64_t events_run_ = 0;
  std::uint64_t events_this_instant_ = 0;
  std::uint32_t executor_ids_ = 0;
  const SimulatedExecutor* running_ = nullptr;
  TraceSink sink_;
  EventQueue events_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Link> links_;
  std::vector<std::weak_ptr<Connection>> connections_;
  std::size_t prune_at_ = 64;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<SerialBus>> buses_;
};

}  // namespace iw::io::world
