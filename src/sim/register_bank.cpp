#include "sim/register_bank.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace iw::sim {

void RegisterBank::add(Table table, std::uint16_t first, std::size_t count, Access access) {
  if (count == 0) return;
  auto& ranges = tables_[static_cast<std::size_t>(table)];
  Range joined{
      .first = first, .values = std::vector<std::uint16_t>(count), .access = std::vector(count, access)};

  // All ranges that overlap or touch the new one become part of it.
  const auto low = std::ranges::lower_bound(ranges, joined.first, {}, &Range::end);
  const auto high = std::ranges::upper_bound(low, ranges.end(), joined.end(), {}, &Range::first);
  if (low != high) {
    const std::size_t start = std::min(joined.first, low->first);
    const std::size_t end = std::max(joined.end(), std::prev(high)->end());
    Range whole{.first = start,
                .values = std::vector<std::uint16_t>(end - start),
                .access = std::vector(end - start, Access::read_only)};
    const auto lay = [&whole](const Range& part) {
      const auto at = static_cast<std::ptrdiff_t>(part.first - whole.first);
      std::ranges::copy(part.values, whole.values.begin() + at);
      std::ranges::copy(part.access, whole.access.begin() + at);
    };
    lay(joined);
    for (auto part = low; part != high; ++part) {
      const std::vector<Access> kept = whole.access;
      lay(*part);
      // Writable if either says so.
      for (std::size_t i = 0; i < kept.size(); ++i)
        whole.access[i] = std::max(whole.access[i], kept[i]);
    }
    joined = std::move(whole);
  }
  ranges.insert(ranges.erase(low, high), std::move(joined));
}

const RegisterBank::Range* RegisterBank::range_of(Table table, std::size_t first, std::size_t count) const {
  const auto& ranges = tables_[static_cast<std::size_t>(table)];
  const auto after = std::ranges::upper_bound(ranges, first, {}, &Range::first);
  if (after == ranges.begin()) return nullptr;
  const Range& range = *std::prev(after);
  return first + count <= range.end() ? &range : nullptr;
}

std::span<const std::uint16_t> RegisterBank::find(Table table, std::uint16_t first, std::size_t count) const {
  const Range* range = range_of(table, first, count);
  if (range == nullptr) return {};
  return std::span(range->values).subspan(first - range->first, count);
}

std::span<std::uint16_t> RegisterBank::find(Table table, std::uint16_t first, std::size_t count) {
  const auto found = std::as_const(*this).find(table, first, count);
  return {const_cast<std::uint16_t*>(found.data()), found.size()};
}

bool RegisterBank::writable(Table table, std::uint16_t first, std::size_t count) const {
  const Range* range = range_of(table, first, count);
  if (range == nullptr) return false;
  return std::ranges::all_of(std::span(range->access).subspan(first - range->first, count),
                             [](Access a) { return a == Access::read_write; });
}

std::uint16_t& RegisterBank::at(Table table, std::uint16_t address) {
  const auto found = find(table, address, 1);
  if (found.empty()) throw std::out_of_range(fmt::format("the simulated device has no register {}", address));
  return found[0];
}

std::uint16_t RegisterBank::at(Table table, std::uint16_t address) const {
  return const_cast<RegisterBank&>(*this).at(table, address);
}

}  // namespace iw::sim
