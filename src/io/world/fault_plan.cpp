#include "io/world/fault_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/append.hpp"

namespace iw::io::world {

namespace {

enum class On : std::uint8_t { node, link, bus, converter };

struct Row {
  FaultKind kind;
  std::string_view name;
  On on;
};

constexpr std::array<Row, fault_kinds> table{{
    {FaultKind::slow_link, "slow link", On::link},
    {FaultKind::lossy_link, "lossy link", On::link},
    {FaultKind::reordering_link, "reordering link", On::link},
    {FaultKind::dribbling_link, "dribbling link", On::link},
    {FaultKind::narrow_link, "narrow link", On::link},
    {FaultKind::partition, "partition", On::link},
    {FaultKind::one_way_partition, "one-way partition", On::link},
    {FaultKind::forgotten_connections, "forgotten connections", On::link},
    {FaultKind::reset_connections, "reset connections", On::link},
    {FaultKind::serial_noise, "serial noise", On::bus},
    {FaultKind::serial_loss, "serial loss", On::bus},
    {FaultKind::serial_unplugged, "serial converter unplugged", On::converter},
    {FaultKind::wall_clock_step, "wall clock step", On::node},
    {FaultKind::clock_drift, "clock drift", On::node},
    {FaultKind::disk_full, "disk full", On::node},
    {FaultKind::disk_error, "disk error", On::node},
    {FaultKind::crash, "crash", On::node},
    {FaultKind::power_cut, "power cut", On::node},
}};

const Row& row_of(FaultKind kind) { return table[static_cast<std::size_t>(kind)]; }

bool is_death(FaultKind kind) { return kind == FaultKind::crash || kind == FaultKind::power_cut; }

void begin(World& world, const Fault& fault) {
  const auto nodes = world.nodes();
  const auto buses = world.serial_buses();
  const auto link = [&]() -> LinkSettings& { return world.link(*nodes[fault.first], *nodes[fault.second]); };
  switch (fault.kind) {
    case FaultKind::slow_link:
      link().latency_max = Duration(static_cast<std::int64_t>(fault.strength * 5e9));
      return;
    case FaultKind::lossy_link: link().loss = fault.strength * 0.5; return;
    case FaultKind::reordering_link:
      link().reorder = fault.strength;
      link().duplicate = fault.strength * 0.5;
      return;
    case FaultKind::dribbling_link:
      link().split = 1;
      link().dribble = fault.strength;
      return;
    case FaultKind::narrow_link:
      link().bytes_per_second = 100 + static_cast<std::uint64_t>(fault.strength * 1e5);
      return;
    case FaultKind::partition: world.partition(*nodes[fault.first], *nodes[fault.second]); return;
    case FaultKind::one_way_partition: link().blocked = true; return;
    case FaultKind::forgotten_connections:
      world.forget_connections(*nodes[fault.first], *nodes[fault.second]);
      return;
    case FaultKind::reset_connections:
      world.reset_connections(*nodes[fault.first], *nodes[fault.second]);
      return;
    case FaultKind::serial_noise: buses[fault.first]->settings().noise = fault.strength * 0.05; return;
    case FaultKind::serial_loss: buses[fault.first]->settings().drop = fault.strength * 0.05; return;
    case FaultKind::serial_unplugged: buses[fault.first]->unplug(*nodes[fault.second]); return;
    case FaultKind::wall_clock_step:
      nodes[fault.first]->clock().step_wall(
          Duration(static_cast<std::int64_t>((fault.strength - 0.5) * 86'400e9)));
      return;
    case FaultKind::clock_drift: nodes[fault.first]->set_drift_ppm((fault.strength - 0.5) * 400); return;
    case FaultKind::disk_full: nodes[fault.first]->files().set_full(true); return;
    case FaultKind::disk_error: nodes[fault.first]->files().set_broken(true); return;
    case FaultKind::crash: nodes[fault.first]->kill(Death::crash); return;
    case FaultKind::power_cut: nodes[fault.first]->kill(Death::power_cut); return;
  }
}

void end(World& world, const Fault& fault, const FaultPlan::Reboot& reboot) {
  const auto nodes = world.nodes();
  const auto buses = world.serial_buses();
  const LinkSettings& sound = world.link_default;
  const auto link = [&]() -> LinkSettings& { return world.link(*nodes[fault.first], *nodes[fault.second]); };
  switch (fault.kind) {
    case FaultKind::slow_link: link().latency_max = sound.latency_max; return;
    case FaultKind::lossy_link: link().loss = sound.loss; return;
    case FaultKind::reordering_link:
      link().reorder = sound.reorder;
      link().duplicate = sound.duplicate;
      return;
    case FaultKind::dribbling_link:
      link().split = sound.split;
      link().dribble = sound.dribble;
      return;
    case FaultKind::narrow_link: link().bytes_per_second = sound.bytes_per_second; return;
    case FaultKind::partition: world.heal(*nodes[fault.first], *nodes[fault.second]); return;
    case FaultKind::one_way_partition: link().blocked = false; return;
    case FaultKind::forgotten_connections:
    case FaultKind::reset_connections: return;
    case FaultKind::serial_noise: buses[fault.first]->settings().noise = 0; return;
    case FaultKind::serial_loss: buses[fault.first]->settings().drop = 0; return;
    case FaultKind::serial_unplugged: buses[fault.first]->plug(*nodes[fault.second]); return;
    case FaultKind::wall_clock_step:
      nodes[fault.first]->clock().step_wall(-nodes[fault.first]->clock().wall_offset());
      return;
    case FaultKind::clock_drift: nodes[fault.first]->set_drift_ppm(0); return;
    case FaultKind::disk_full: nodes[fault.first]->files().set_full(false); return;
    case FaultKind::disk_error: nodes[fault.first]->files().set_broken(false); return;
    case FaultKind::crash:
    case FaultKind::power_cut:
      if (!nodes[fault.first]->alive()) reboot(*nodes[fault.first]);
      return;
  }
}

std::string where(const World& world, const Fault& fault) {
  const auto nodes = world.nodes();
  const auto buses = world.serial_buses();
  switch (row_of(fault.kind).on) {
    case On::node: return nodes[fault.first]->name();
    case On::link: return fmt::format("{} > {}", nodes[fault.first]->name(), nodes[fault.second]->name());
    case On::bus: return buses[fault.first]->path();
    case On::converter:
      return fmt::format("{} of {}", buses[fault.first]->path(), nodes[fault.second]->name());
  }
  return {};
}

double seconds(Instant instant) { return std::chrono::duration<double>(instant.time_since_epoch()).count(); }

}  // namespace

std::string_view to_string(FaultKind kind) { return row_of(kind).name; }

FaultPlan FaultPlan::draw(World& world, Instant end, std::string_view name, std::size_t first_nodes) {
  SeededRandom random = world.random(name);
  const std::size_t nodes = std::min(world.nodes().size(), first_nodes);
  const std::size_t buses = world.serial_buses().size();
  FaultPlan plan;
  for (const Row& row : table) {
    const bool on = random.chance(0.5);
    const std::uint64_t times = 1 + random.below(4);
    const bool possible = row.on == On::link   ? nodes > 1
                          : row.on == On::node ? nodes > 0
                                               : nodes > 0 && buses > 0;
    if (!on || !possible) continue;
    plan.on_[static_cast<std::size_t>(row.kind)] = true;
    for (std::uint64_t i = 0; i < times; ++i) {
      const Duration left = end - world.now();
      const Duration start = random.between({}, left);
      const Duration length = random.between({}, (left - start) / 2);
      const bool on_bus = row.on == On::bus || row.on == On::converter;
      const std::size_t first = random.below(on_bus ? buses : nodes);
      std::size_t second = random.below(nodes);
      if (row.on == On::link && second == first) second = (second + 1) % nodes;
      const Instant from = world.now() + start;
      plan.faults_.push_back({row.kind, from, from + length, first, second, random.unit()});
    }
  }
  std::ranges::sort(plan.faults_, {}, &Fault::from);
  return plan;
}

void FaultPlan::start(World& world, const Reboot& reboot) const {
  for (const Fault& fault : faults_) {
    if (is_death(fault.kind) && !reboot) continue;
    world.at(fault.from, [&world, fault] {
      world.trace(where(world, fault), "fault: {}", to_string(fault.kind));
      begin(world, fault);
    });
    world.at(fault.until, [&world, fault, reboot] {
      world.trace(where(world, fault), "fault ends: {}", to_string(fault.kind));
      end(world, fault, reboot);
    });
  }
}

std::string FaultPlan::describe(const World& world) const {
  std::string text;
  for (const Fault& fault : faults_) {
    append(text, "{:.3f}..{:.3f} {}: {}, strength {:.2f}\n", seconds(fault.from), seconds(fault.until),
           where(world, fault), to_string(fault.kind), fault.strength);
  }
  return text;
}

}  // namespace iw::io::world
