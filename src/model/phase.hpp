// Phase: which conductors a quantity belongs to. The numbers are the PhaseCode of IEC 61968-9, used unchanged
// by IEEE 2030.5 and OpenFMB; they are a table, not a bit mask (AB is 132, ABN 193).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace iw::model {

enum class Phase : std::uint16_t {
  none = 0,
  N = 16,
  C = 32,
  CN = 33,
  CA = 40,
  B = 64,
  BN = 65,
  BC = 66,
  A = 128,
  AN = 129,
  AB = 132,
  ABN = 193,
  ABC = 224,
  ABCN = 225,
  s2 = 256,
  s1 = 512,
  s12 = 768,
};

std::string_view to_string(Phase phase);                  // "", "A", "AB", ...
std::optional<Phase> parse_phase(std::string_view text);  // any case; "AC" is CA

}  // namespace iw::model
