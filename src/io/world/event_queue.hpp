// EventQueue: everything that will happen, by (time, order of scheduling).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "io/executor.hpp"

namespace iw::io::world {

class SimulatedExecutor;

enum class EventKind : std::uint8_t {
  job,
  timer,
  syn,
  syn_ack,
  segment,
  ack,
  reset,
  datagram,
  serial,
  action
};

std::string_view to_string(EventKind kind);

struct Event {
  EventKind kind = EventKind::action;
  std::uint32_t who = 0;                  // executor or node it happens to, for the hash
  SimulatedExecutor* executor = nullptr;  // whose code it is; null: the world's own
  Job run;
};

class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] Instant next() const { return heap_.empty() ? never : heap_.front().time; }

  void push(Instant time, Event event);
  Event pop();
  // Takes the jobs of an executor out, in their order, and drops its timer wake-ups.
  std::vector<Job> take_jobs_of(const SimulatedExecutor& executor);

 private:
  struct Entry {
    Instant time;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
  }

  std::vector<Entry> heap_;
  std::vector<Event> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
};

}  // namespace iw::io::world
