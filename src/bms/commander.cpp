#include "bms/commander.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

namespace iw::bms {
namespace {

using control::ClaimId;
using control::Level;

constexpr Duration look_every = 1s;
constexpr std::size_t most_waiting = 1000;

std::size_t index_of(Level level) { return static_cast<std::size_t>(level); }

// What live claims of the owner there are.
std::set<ClaimId> standing(const gateway::ControlDesk& desk, std::string_view owner) {
  std::set<ClaimId> ids;
  for (const gateway::ControlDesk::View& view : desk.view()) {
    for (const control::Claim& claim : view.point.claims)
      if (claim.owner == owner) ids.insert(claim.id);
  }
  return ids;
}

template <class T>
bool take(std::string_view& line, T& out) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const auto [stop, error] = std::from_chars(line.data(), line.data() + end, out);
  const bool right = error == std::errc() && stop == line.data() + end;
  line.remove_prefix(std::min(end + 1, line.size()));
  return right;
}

}  // namespace

std::optional<double> Commander::Point::top(Level level) const {
  for (std::uint8_t priority = 1; priority <= slots.size(); ++priority) {
    if (level_of(priority) == level && slots.at(priority - 1U)) return slots.at(priority - 1U);
  }
  return std::nullopt;
}

Commander::Commander(Around around, Settings settings)
    : around_(std::move(around)), settings_(std::move(settings)) {
  around_.core.arm(*this, around_.core.now() + look_every);
}

// ---- Kept: "<priority> <claim> <value> <path>", a line a slot

std::string Commander::text() const {
  std::string text;
  for (const auto& [path, point] : points_) {
    for (std::uint8_t priority = 1; priority <= point.slots.size(); ++priority) {
      const auto& slot = point.slots.at(priority - 1U);
      const auto level = level_of(priority);
      if (!slot || !level) continue;
      text += fmt::format("{} {} {} {}\n", priority, point.claims.at(index_of(*level)).value(), *slot, path);
    }
  }
  return text;
}

void Commander::restore(std::string_view kept) {
  std::set<ClaimId> alone = standing(around_.desk, settings_.owner);
  const std::set<ClaimId> live = alone;
  while (!kept.empty()) {
    const std::size_t end = std::min(kept.find('\n'), kept.size());
    std::string_view line = kept.substr(0, end);
    kept.remove_prefix(std::min(end + 1, kept.size()));
    unsigned priority = 0;
    std::uint64_t id = 0;
    double value = 0;
    const bool right =
        take(line, priority) && take(line, id) && take(line, value) && priority >= 1 && priority <= 16;
    const auto level = right ? level_of(static_cast<std::uint8_t>(priority)) : std::nullopt;
    if (!level || !live.contains(ClaimId(id))) continue;
    alone.erase(ClaimId(id));
    Point& point = points_[std::string(line)];
    point.slots.at(priority - 1U) = value;
    point.claims.at(index_of(*level)) = ClaimId(id);
  }
  // Nobody could give these back by BACnet.
  for (const ClaimId id : alone)
    release(id);
}

std::vector<Slot> Commander::slots() const {
  std::vector<Slot> all;
  for (const auto& [path, point] : points_) {
    for (std::uint8_t priority = 1; priority <= point.slots.size(); ++priority) {
      if (const auto& slot = point.slots.at(priority - 1U))
        all.push_back({.path = path, .priority = priority, .value = *slot});
    }
  }
  return all;
}

// ---- Commands

void Commander::command(Order order, std::move_only_function<void(Result<void>)> done) {
  if (waiting_.size() >= most_waiting)
    return done(fail(ErrorKind::busy, "too many commands wait to be put on record"));
  waiting_.push_back({.order = std::move(order), .done = std::move(done)});
  next();
}

void Commander::next() {
  if (busy_ || waiting_.empty()) return;
  busy_ = true;
  carry_out(waiting_.front());
}

void Commander::carry_out(Waiting& waiting) {
  const Order& order = waiting.order;
  const auto level = level_of(order.priority);
  if (!level) return finish(fail(ErrorKind::denied, "priority 6 belongs to minimum on and off times"));
  Point after = points_[order.path];
  after.slots.at(order.priority - 1U) = order.value;
  if (const auto top = after.top(*level)) return claim(waiting, *level, *top);
  Point& point = points_[order.path];
  point.slots = after.slots;
  release(std::exchange(point.claims.at(index_of(*level)), ClaimId()));
  finish({});
}

void Commander::claim(Waiting& waiting, Level level, double value) {
  const Order& order = waiting.order;
  control::ClaimRequest request{
      .path = order.path,
      .owner = settings_.owner,
      .level = level,
      .demand = control::Demand::set,
      .value = value,
      .life = settings_.life,
      .reason = fmt::format("BACnet priority {} from {}", order.priority, order.by)};
  around_.desk.claim({std::move(request)},
                     [this, level, alive = std::weak_ptr(alive_)](gateway::ControlDesk::Claimed claimed) {
                       if (alive.expired()) return;
                       Result<control::Claim>& one = claimed.front();
                       if (!one) return finish(fail(std::move(one).error()));
                       const Order& order = waiting_.front().order;
                       Point& point = points_[order.path];
                       point.slots.at(order.priority - 1U) = order.value;
                       release(std::exchange(point.claims.at(index_of(level)), one->id));
                       finish({});
                     });
}

void Commander::finish(Result<void> result) {
  Waiting done = std::move(waiting_.front());
  waiting_.pop_front();
  busy_ = false;
  if (result) around_.changed();
  done.done(std::move(result));
  next();
}

void Commander::release(ClaimId claim) {
  if (claim == ClaimId()) return;
  around_.desk.release(claim, settings_.owner,
                       [&log = around_.log, claim](const Result<control::Claim>& released) {
                         if (!released && released.error().kind != ErrorKind::not_found)
                           log.warning("BACnet: claim {}: {}", claim.value(), released.error().message);
                       });
}

// ---- Shedding

void Commander::shed(const std::string& path, std::optional<Shed> wanted,
                     std::move_only_function<void(Result<void>)> done) {
  release(std::exchange(sheds_[path], ClaimId()));
  if (!wanted) return done({});
  control::ClaimRequest request{.path = path,
                                .owner = settings_.owner,
                                .level = Level::grid,
                                .demand = control::Demand::at_most,
                                .value = wanted->limit,
                                .starts_in = wanted->starts_in,
                                .life = wanted->life,
                                .reason = fmt::format("BACnet load control from {}", wanted->by)};
  around_.desk.claim({std::move(request)},
                     [this, path, done = std::move(done),
                      alive = std::weak_ptr(alive_)](gateway::ControlDesk::Claimed claimed) mutable {
                       if (alive.expired()) return;
                       Result<control::Claim>& one = claimed.front();
                       if (!one) return done(fail(std::move(one).error()));
                       release(std::exchange(sheds_[path], one->id));
                       done({});
                     });
}

// ---- Claims that end by themselves

void Commander::on_timer() {
  drop_ended();
  around_.core.arm(*this, around_.core.now() + look_every);
}

void Commander::drop_ended() {
  if (points_.empty() || busy_) return;
  const std::set<ClaimId> live = standing(around_.desk, settings_.owner);
  bool emptied = false;
  for (auto& [path, point] : points_) {
    for (std::uint8_t priority = 1; priority <= point.slots.size(); ++priority) {
      const auto level = level_of(priority);
      auto& slot = point.slots.at(priority - 1U);
      if (!slot || !level || live.contains(point.claims.at(index_of(*level)))) continue;
      slot.reset();
      emptied = true;
    }
  }
  if (emptied) around_.changed();
}

}  // namespace iw::bms
