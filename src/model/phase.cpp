#include "model/phase.hpp"

#include <algorithm>
#include <array>

#include "model/words.hpp"

namespace iw::model {
namespace {

struct Name {
  Phase phase;
  std::string_view text;
};

constexpr std::array names{
    Name{Phase::none, ""},   Name{Phase::N, "N"},       Name{Phase::C, "C"},   Name{Phase::CN, "CN"},
    Name{Phase::CA, "CA"},   Name{Phase::B, "B"},       Name{Phase::BN, "BN"}, Name{Phase::BC, "BC"},
    Name{Phase::A, "A"},     Name{Phase::AN, "AN"},     Name{Phase::AB, "AB"}, Name{Phase::ABN, "ABN"},
    Name{Phase::ABC, "ABC"}, Name{Phase::ABCN, "ABCN"}, Name{Phase::s2, "s2"}, Name{Phase::s1, "s1"},
    Name{Phase::s12, "s12"},
};

}  // namespace

std::string_view to_string(Phase phase) {
  const auto* found = std::ranges::find(names, phase, &Name::phase);
  return found == names.end() ? "" : found->text;
}

std::optional<Phase> parse_phase(std::string_view text) {
  if (same_word(text, "AC")) return Phase::CA;  // as IEC 61968-9 spells it
  const auto* found = std::ranges::find_if(names, [&](const Name& n) { return same_word(n.text, text); });
  if (found == names.end()) return std::nullopt;
  return found->phase;
}

}  // namespace iw::model
