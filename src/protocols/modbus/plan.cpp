#include "protocols/modbus/plan.hpp"

#include <algorithm>
#include <tuple>

namespace iw::modbus {
namespace {

bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

}  // namespace

Plan::Plan(const RegisterMap& map, std::span<const Duration> periods)
    : max_registers_(map.limits.max_registers), max_bits_(map.limits.max_bits), max_gap_(map.limits.max_gap) {
  for (std::size_t i = 0; i < map.points.size(); ++i) {
    const RegisterPoint& point = map.points[i];
    Item item{.point = static_cast<std::uint16_t>(i), .table = point.table, .period = periods[i]};
    item.first = point.address;
    item.end = point.address + std::uint32_t{register_count(point)};
    if (point.scale_register) {
      item.first = std::min<std::uint32_t>(item.first, point.scale_register->address);
      item.end = std::max<std::uint32_t>(item.end, point.scale_register->address + 1U);
    }
    const std::uint32_t longest = is_bit_table(point.table) ? max_bits_ : max_registers_;
    if (item.end > 0x10000 || item.end - item.first > longest) {
      unreadable_.push_back(item.point);
    } else {
      items_.push_back(item);
    }
  }
  std::ranges::sort(items_, {}, [](const Item& item) {
    return std::tuple(item.table, item.period, item.first, item.end, item.point);
  });
  join();
}

bool Plan::joinable(const Range& range, const Item& next) const {
  const Item& head = items_[range.first];
  if (next.table != head.table || next.period != head.period || next.cut_before) return false;
  std::uint32_t end = 0;
  for (std::size_t i = range.first; i < range.end; ++i)
    end = std::max(end, items_[i].end);
  const std::uint32_t longest = is_bit_table(head.table) ? max_bits_ : max_registers_;
  return next.first <= end + max_gap_ && std::max(end, next.end) - head.first <= longest;
}

// Joins what may be joined, left to right, with what is known about holes.
void Plan::join() {
  ranges_.clear();
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].missing) continue;
    if (!ranges_.empty() && ranges_.back().end == i && joinable(ranges_.back(), items_[i])) {
      ranges_.back().end = i + 1;
    } else {
      ranges_.push_back({.first = i, .end = i + 1});
    }
  }
  blocks_.clear();
  for (const Range& range : ranges_)
    blocks_.push_back(make_block(range));
}

Block Plan::make_block(const Range& range) const {
  const Item& head = items_[range.first];
  Block block{.table = head.table, .period = head.period};
  std::uint32_t end = 0;
  for (std::size_t i = range.first; i < range.end; ++i) {
    end = std::max(end, items_[i].end);
    block.points.push_back(items_[i].point);
  }
  block.address = static_cast<std::uint16_t>(head.first);
  block.count = static_cast<std::uint16_t>(end - head.first);
  return block;
}

bool Plan::refused(std::size_t block) {
  const Range range = ranges_[block];
  if (range.end - range.first == 1) {
    Item& item = items_[range.first];
    item.missing = true;
    missing_.push_back(item.point);
    ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(block));
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(block));
    finish_trial();
    return true;
  }
  const std::size_t middle = range.first + (range.end - range.first) / 2;
  halvings_.push_back({.first = range.first, .middle = middle, .end = range.end});
  const Range left{.first = range.first, .end = middle, .trial = true};
  const Range right{.first = middle, .end = range.end, .trial = true};
  ranges_[block] = left;
  blocks_[block] = make_block(left);
  ranges_.insert(ranges_.begin() + static_cast<std::ptrdiff_t>(block) + 1, right);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1, make_block(right));
  return true;
}

bool Plan::accepted(std::size_t block) {
  if (!ranges_[block].trial) return false;
  ranges_[block].trial = false;
  const Range range = ranges_[block];
  for (Halving& halving : halvings_) {
    if (range.first == halving.first && range.end == halving.middle) halving.left_accepted = true;
    if (range.first == halving.middle && range.end == halving.end) halving.right_accepted = true;
    // Each half alone is there, both together are not: the hole is between them.
    if (halving.left_accepted && halving.right_accepted) items_[halving.middle].cut_before = true;
  }
  const std::vector<Block> before = blocks_;
  finish_trial();
  return blocks_ != before;
}

// When nothing is on trial any more, what was found out is kept and the rest is joined again.
void Plan::finish_trial() {
  if (halvings_.empty() || std::ranges::any_of(ranges_, &Range::trial)) return;
  halvings_.clear();
  join();
}

}  // namespace iw::modbus
