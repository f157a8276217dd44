// What the checks of the invariants share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "life.hpp"

namespace iw::life {

// A command that was handed to the kernel may be so long on its way.
inline constexpr Duration on_its_way = 15s;

template <class Range, class Value, class Projection = std::identity>
bool has(const Range& range, const Value& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

inline bool same(double a, double b, double resolution) { return std::abs(a - b) <= resolution; }

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

// Whether the write changed nothing.
inline bool unmoved(const Life& life, Settable point) {
  const auto& history = life.premises().history(point);
  return history.size() > 1 && history[history.size() - 2].value == history.back().value;
}

template <class Check>
constexpr InvariantRow row(int number, std::string_view sentence, Mutation caught) {
  return {number, sentence, []() -> std::unique_ptr<Invariant> { return std::make_unique<Check>(); }, caught};
}

// Of commands, claims and what reaches a device; of what is measured, and of the site.
std::span<const InvariantRow> control_checks();
std::span<const InvariantRow> site_checks();

}  // namespace iw::life
