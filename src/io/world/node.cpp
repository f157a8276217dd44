#include "io/world/node.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "io/world/world.hpp"

namespace iw::io::world {

Node::Node(World& world, std::uint32_t id, std::string name, std::string address)
    : world_(world),
      id_(id),
      name_(std::move(name)),
      address_(std::move(address)),
      clock_(world),
      files_(*this),
      random_(world.random("node:" + name_)) {
  executors_.push_back(std::make_unique<SimulatedExecutor>(world, *this, name_, world.new_executor_id()));
}

SimulatedExecutor& Node::add_executor(std::string_view name) {
  const std::string full_name = fmt::format("{}/{}", name_, name);
  for (const auto& executor : executors_) {
    if (executor->name() == full_name) return *executor;
  }
  executors_.push_back(
      std::make_unique<SimulatedExecutor>(world_, *this, full_name, world_.new_executor_id()));
  return *executors_.back();
}

void Node::set_drift_ppm(double ppm) {
  clock_.set_drift_ppm(ppm);
  for (const auto& executor : executors_)
    executor->plan_wake();
}

// The next of the ephemeral ports that nobody holds.
std::uint16_t Node::free_port() {
  do {
    last_port_ = last_port_ == 65'535 ? 49'152 : static_cast<std::uint16_t>(last_port_ + 1);
  } while (listeners_.contains(last_port_) || sockets_.contains(last_port_));
  return last_port_;
}

void Node::kill(Death death) {
  if (!alive_) return;
  world_.trace(name_, "{}", death == Death::crash ? "crashes" : "loses power");
  alive_ = false;
  powered_ = death == Death::crash;
  for (const auto& executor : executors_)
    executor->freeze();
  for (const auto& executor : executors_)
    executor->network().die();
  world_.end_connections_of(*this, death);
  world_.end_serial_ports_of(*this, death);
  if (death == Death::power_cut) files_.lose_power();
}

void Node::bury() {
  if (alive_) throw std::logic_error(fmt::format("node {} is alive: kill() it before bury()", name_));
  constexpr int most_steps = 1'000'000;
  clock_.afterlife_ = clock_.now();
  for (int step = 0; step < most_steps; ++step) {
    if (std::ranges::any_of(executors_, [](const auto& executor) { return executor->run_frozen_job(); }))
      continue;
    const auto earliest = std::ranges::min_element(
        executors_, {}, [](const auto& executor) { return executor->timers_->next(); });
    TimerQueue& timers = *(*earliest)->timers_;
    if (timers.next() == never) return;
    clock_.afterlife_ = std::max(*clock_.afterlife_, timers.next());
    timers.fire_one(*clock_.afterlife_);
  }
  throw std::logic_error(
      fmt::format("node {}: its code goes on for ever after kill(): tell it to stop before bury()", name_));
}

void Node::restart() {
  if (alive_) throw std::logic_error(fmt::format("node {} is alive: kill() it before restart()", name_));
  for (const auto& executor : executors_)
    executor->thaw();
  clock_.afterlife_.reset();
  alive_ = powered_ = true;
  world_.trace(name_, "starts again");
}

}  // namespace iw::io::world
