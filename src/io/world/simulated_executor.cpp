#include "io/world/simulated_executor.hpp"

#include <algorithm>
#include <utility>

#include "io/world/world.hpp"

namespace iw::io::world {

SimulatedExecutor::SimulatedExecutor(World& world, Node& node, std::string name, std::uint32_t id)
    : world_(world),
      node_(node),
      name_(std::move(name)),
      id_(id),
      random_(world.random("executor:" + name_)),
      network_(*this) {}

const Clock& SimulatedExecutor::clock() const { return node_.clock(); }

void SimulatedExecutor::post(Job job) {
  if (!node_.alive()) {
    frozen_.push_back(std::move(job));
    return;
  }
  Instant at = world_.now();
  const SimulatedExecutor* sender = world_.running();
  if (sender != nullptr && sender != this) {
    Instant& last = handed_over_[sender];
    at = last = std::max(last, at + random_.between({}, world_.handover_delay));
  }
  world_.schedule(at, {EventKind::job, id_, this, std::move(job)});
}

void SimulatedExecutor::arm(Timer& timer, Instant deadline) {
  timers_->arm(timer, deadline);
  plan_wake();
}

// One wake-up is planned for the earliest timer. When an earlier one comes, it is stacked on top; those below
// stay, and find nothing to do or take care of what is due then.
void SimulatedExecutor::plan_wake() {
  if (!node_.alive()) return;
  const Instant next = node_.clock().world_time_of(timers_->next());
  if (next == never) return;
  const Instant at = std::max(next, world_.now());
  if (!wakes_.empty() && wakes_.back() <= at) return;
  wakes_.push_back(at);
  world_.schedule(at, {EventKind::timer, id_, this, [this] { wake(); }});
}

// One timer for each event, so that what it posts comes before the next timer of the same instant.
void SimulatedExecutor::wake() {
  wakes_.pop_back();
  timers_->fire_one(clock().now());
  plan_wake();
}

void SimulatedExecutor::freeze() {
  for (Job& job : world_.take_jobs_of(*this))
    frozen_.push_back(std::move(job));
  wakes_.clear();
}

bool SimulatedExecutor::run_frozen_job() {
  if (frozen_.empty()) return false;
  Job job = std::move(frozen_.front());
  frozen_.pop_front();
  job();
  return true;
}

void SimulatedExecutor::thaw() {
  // What a job owns may post once more when it goes.
  while (!frozen_.empty())
    frozen_.pop_front();
  timers_ = std::make_unique<TimerQueue>();
  handed_over_.clear();
}

}  // namespace iw::io::world
