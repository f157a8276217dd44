#include "invariants.hpp"

#include <algorithm>

#include "checks.hpp"

namespace iw::life {

void Invariant::tell(Life& life, std::string what) const { life.note_broken(number, std::move(what)); }

std::span<const InvariantRow> invariant_table() {
  static const auto table = [] {
    std::vector<InvariantRow> all;
    for (const auto rows : {control_checks(), site_checks()})
      all.insert(all.end(), rows.begin(), rows.end());
    std::ranges::sort(all, {}, &InvariantRow::number);
    return all;
  }();
  return table;
}

}  // namespace iw::life
