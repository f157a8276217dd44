#include "io/world/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace iw::io::world {

std::string_view to_string(EventKind kind) {
  switch (kind) {
    case EventKind::job: return "job";
    case EventKind::timer: return "timer";
    case EventKind::syn: return "syn";
    case EventKind::syn_ack: return "syn-ack";
    case EventKind::segment: return "segment";
    case EventKind::ack: return "ack";
    case EventKind::reset: return "reset";
    case EventKind::datagram: return "datagram";
    case EventKind::serial: return "serial";
    case EventKind::action: return "action";
  }
  return "unknown";
}

void EventQueue::push(Instant time, Event event) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(event));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(event);
  }
  heap_.push_back({time, ++sequence_, slot});
  std::ranges::push_heap(heap_, later);
}

Event EventQueue::pop() {
  std::ranges::pop_heap(heap_, later);
  const std::uint32_t slot = heap_.back().slot;
  heap_.pop_back();
  free_.push_back(slot);
  return std::move(slots_[slot]);
}

std::vector<Job> EventQueue::take_jobs_of(const SimulatedExecutor& executor) {
  const auto of_another = [&](const Entry& entry) { return slots_[entry.slot].executor != &executor; };
  const auto first = std::partition(heap_.begin(), heap_.end(), of_another);
  std::sort(first, heap_.end(), [](const Entry& a, const Entry& b) { return later(b, a); });
  std::vector<Job> jobs;
  for (auto entry = first; entry != heap_.end(); ++entry) {
    Event event = std::move(slots_[entry->slot]);
    free_.push_back(entry->slot);
    if (event.kind == EventKind::job) jobs.push_back(std::move(event.run));
  }
  heap_.erase(first, heap_.end());
  std::ranges::make_heap(heap_, later);
  return jobs;
}

}  // namespace iw::io::world
