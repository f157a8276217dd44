#include "io/world/world.hpp"

#include <cstring>
#include <stdexcept>

#include "io/world/connection.hpp"

namespace iw::io::world {

// What events own may schedule more when it goes, and needs the nodes for that.
World::~World() {
  sink_ = nullptr;
  for (const auto& node : nodes_)
    node->kill(Death::power_cut);
  while (!events_.empty())
    events_.pop();
  for (const auto& node : nodes_)
    node->restart();
  while (!events_.empty())
    events_.pop();
}

Node& World::add_node(std::string name) {
  const auto id = static_cast<std::uint32_t>(nodes_.size());
  std::string address = fmt::format("10.{}.{}.{}", id / 62'500, id / 250 % 250, id % 250 + 1);
  for (const auto& node : nodes_) {
    if (node->name() == name) throw std::logic_error(fmt::format("the world has a node {} already", name));
  }
  nodes_.push_back(std::make_unique<Node>(*this, id, std::move(name), std::move(address)));
  return *nodes_.back();
}

SerialBus& World::add_serial_bus(std::string name, SerialBusSettings settings) {
  buses_.push_back(std::make_unique<SerialBus>(*this, std::move(name), settings));
  return *buses_.back();
}

bool World::step() {
  if (events_.empty()) return false;
  const Instant time = events_.next();
  Event event = events_.pop();
  if (time != now_) events_this_instant_ = 0;
  constexpr std::uint64_t too_many = 50'000'000;
  if (++events_this_instant_ > too_many) {
    throw std::logic_error(
        "time stands still: some code posts or polls for ever without waiting; trace_to() shows it");
  }
  now_ = time;
  ++events_run_;
  mix(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  mix(static_cast<std::uint64_t>(event.kind) << 32 | event.who);
  if (event.executor != nullptr) trace(event.executor->name(), "{}", to_string(event.kind));
  running_ = event.executor;
  event.run();
  running_ = nullptr;
  return true;
}

void World::run_until(Instant end) {
  while (events_.next() <= end && step()) {
  }
  now_ = std::max(now_, end);
}

bool World::run_until_holds(const std::function<bool()>& condition, Duration limit) {
  const Instant end = now_ + limit;
  while (!condition()) {
    if (events_.next() > end || !step()) {
      now_ = end;
      return false;
    }
  }
  return true;
}

void World::at(Instant when, Job action) {
  schedule(std::max(when, now_), {EventKind::action, 0, nullptr, std::move(action)});
}

void World::partition(const Node& a, const Node& b) {
  block(a, b);
  block(b, a);
}

void World::heal(const Node& a, const Node& b) {
  link(a, b).blocked = false;
  link(b, a).blocked = false;
}

void World::heal() {
  for (auto& [ends, link] : links_)
    link.settings.blocked = false;
}

void World::reset_connections(const Node& a, const Node& b) {
  for (const auto& connection : connections()) {
    if (connection->joins(a, b)) connection->reset();
  }
}

void World::forget_connections(const Node& a, const Node& b) {
  for (const auto& connection : connections()) {
    if (connection->joins(a, b)) connection->forget();
  }
}

void World::mix(std::uint64_t word) {
  hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15;
  hash_ ^= hash_ >> 32;
}

void World::mix(Bytes payload) {
  mix(payload.size());
  while (!payload.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = std::min(payload.size(), sizeof word);
    std::memcpy(&word, payload.data(), n);
    mix(word);
    payload = payload.subspan(n);
  }
}

void World::write_trace(std::string_view who, std::string_view text) const {
  const auto nanoseconds = now_.time_since_epoch().count();
  sink_(
      fmt::format("{}.{:06} {} {}", nanoseconds / 1'000'000'000, nanoseconds / 1000 % 1'000'000, who, text));
}

Link& World::link_of(const Node& from, const Node& to) {
  const auto ends = std::pair(from.id(), to.id());
  auto found = links_.find(ends);
  if (found == links_.end()) {
    LinkSettings settings = link_default;
    if (&from == &to) settings = {.latency_min = 10us, .latency_max = 50us};  // the loopback knows no faults
    const std::string component = fmt::format("link:{}>{}", from.name(), to.name());
    found = links_.try_emplace(ends, settings, seed_, component).first;
  }
  return found->second;
}

Node* World::find_host(Node& from, std::string_view host) const {
  if (host == "localhost" || host == "127.0.0.1" || host == "::1") return &from;
  for (const auto& node : nodes_) {
    if (node->name() == host || node->address() == host) return node.get();
  }
  return nullptr;
}

SerialBus* World::find_device(std::string_view path) const {
  for (const auto& bus : buses_) {
    if (bus->path() == path) return bus.get();
  }
  return nullptr;
}

void World::add_connection(const std::shared_ptr<Connection>& connection) {
  if (connections_.size() >= prune_at_) {
    std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
    prune_at_ = std::max<std::size_t>(64, 2 * connections_.size());
  }
  connections_.push_back(connection);
}

std::vector<std::shared_ptr<Connection>> World::connections() {
  std::vector<std::shared_ptr<Connection>> living;
  for (const auto& weak : connections_) {
    if (auto connection = weak.lock()) living.push_back(std::move(connection));
  }
  return living;
}

void World::end_connections_of(const Node& node, Death death) {
  for (const auto& connection : connections())
    connection->end_sides_of(node, death);
}

void World::end_serial_ports_of(const Node& node, Death death) {
  for (const auto& bus : buses_)
    bus->end_ports_of(node, death);
}

}  // namespace iw::io::world
