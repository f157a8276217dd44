// Connection: a TCP connection between two nodes, as its two ends see it, with the faults of the links
// between.
//
// Bytes sent are cut into segments, each with its arrival time, never before the one ahead. A segment that
// can not pass (link blocked, machine without power) is sent again with growing pauses; after give_up_after
// its sender gets a timeout. Data for an end that is gone is answered with a reset. Acknowledgements take no
// time, except to a writer that waits for room in the window.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "io/endpoint.hpp"
#include "io/stream.hpp"
#include "io/world/byte_queue.hpp"
#include "io/world/event_queue.hpp"
#include "io/world/link.hpp"

namespace iw::io::world {

class Node;
class World;
enum class Death : std::uint8_t;

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using End = std::size_t;
  static constexpr End client = 0;
  static constexpr End server = 1;

  static constexpr Duration first_retransmission = 200ms;
  static constexpr Duration give_up_after = 10s;  // as io/posix sets it, also when closed

  Connection(SimulatedExecutor& client_executor, Endpoint client_at, SimulatedExecutor& server_executor,
             Endpoint server_at);

  // What the stream at one end asks for.
  std::optional<Result<std::size_t>> start_read(End me, MutableBytes into,
                                                Operation<Result<std::size_t>>& op);
  std::optional<Result<void>> start_write(End me, Bytes bytes, Operation<Result<void>>& op);
  void close(End me);
  [[nodiscard]] std::string peer_of(End me) const;

  // The end knows that the connection stands; before, a reset does not reach it.
  void open(End me) { sides_[me].state = State::open; }
  // Nothing arrives at the end before this.
  void not_before(End to, Instant arrival) { flows_[to].last_arrival = arrival; }

  // Faults.
  [[nodiscard]] bool joins(const Node& a, const Node& b) const;
  void reset();
  void forget() { forgotten_ = true; }
  void end_sides_of(const Node& node, Death death);

 private:
  enum class State : std::uint8_t { opening, open, gone };

  struct Side {
    SimulatedExecutor* executor;
    Endpoint at;
    State state = State::opening;
    std::optional<ErrorKind> broken = {};
    MutableBytes into = {};
    Operation<Result<std::size_t>>* reading = nullptr;
    Operation<Result<void>>* writing = nullptr;
  };
  struct Segment {
    Instant arrival;
    std::size_t size;  // 0: the end of the stream
  };
  // The way to one side: bytes that arrived and nobody read yet, then bytes that are under way.
  struct Flow {
    ByteQueue bytes = {};
    std::size_t arrived = 0;
    std::deque<Segment> under_way = {};
    Instant last_arrival = {};
    bool ended = false;
    bool planned = false;  // an event for the first segment is scheduled
    unsigned tries = 0;
    Instant stalled_since = {};
  };

  static constexpr End other(End end) { return 1 - end; }
  [[nodiscard]] World& world() const;
  [[nodiscard]] Node& node_of(End end) const;
  [[nodiscard]] Link& link_to(End end) const { return *links_[end]; }
  [[nodiscard]] bool passes_to(End end) const;

  void send(End me, Bytes bytes);
  void put_under_way(End to, std::size_t size);
  void plan(End to);
  void arrive(End to);
  void stall(End to);
  void wake_reader(End me);
  std::size_t take(End me, MutableBytes into);
  void acknowledge(End me);
  void send_reset(End to);
  void break_side(End me, ErrorKind kind, const std::string& why);
  void cancel_waiting(End me);
  void discard(End to);
  void schedule(Duration in, EventKind kind, End who, void (Connection::*event)(End));
  void take_reset(End me);

  std::array<Side, 2> sides_;
  std::array<Flow, 2> flows_;   // by receiving end
  std::array<Link*, 2> links_;  // by receiving end
  bool forgotten_ = false;
};

}  // namespace iw::io::world
