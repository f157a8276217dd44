// Arbiter: the one value that a point gets out of all claims on it. A pure function: neither the order in
// which claims came nor what was decided before matters.
//
//   1. The range of the point is what is allowed.
//   2. From the highest level down, limits shrink it. A limit holds against every level, also a lower one's;
//      where two leave nothing, the higher one holds, and at one level an upper bound goes before a lower.
//   3. The highest level that has a set or an off decides what is wanted. At one level off goes before set;
//      of several sets the point's kind says which counts. An off of the highest level is not moved by limits
//      of its own and lower levels.
//   4. Where nobody sets, the declared fallback is wanted: never "anything".
//   5. The value is what is wanted, as far as it is allowed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "control/claim.hpp"

namespace iw::control {

// Which of several sets of one level counts.
enum class Among : std::uint8_t {
  newest,    // the latest start, then the latest claim
  least,     // the strictest of a limit
  greatest,  // the strictest of a level of shedding
};

struct Rules {
  double minimum = 0;
  double maximum = 0;
  double fallback = 0;  // within the range
  double off = 0;       // likewise
  Among among = Among::newest;

  friend bool operator==(const Rules&, const Rules&) = default;
};

enum class Code : std::uint8_t {
  fallback,          // nobody sets
  followed,          // as the winner wants
  limited_by_claim,  // of another
  limited_by_range,  // of the point
};
std::string_view to_string(Code code);  // "limited_by_claim"

struct Ruling {
  double value = 0;
  double wanted = 0;  // by the winner, or the fallback
  Code code = Code::fallback;
  std::optional<std::size_t> winner;   // of the claims; none: the fallback
  std::optional<std::size_t> limiter;  // of the claims: the limit that the value stands at
  double least = 0;                    // what protection allows, at once
  double most = 0;

  friend bool operator==(const Ruling&, const Ruling&) = default;
};

Ruling decide(const Rules& rules, std::span<const Claim> claims, Instant now);

// When the ruling may become another by itself: the next start or expiry.
Instant next_change(std::span<const Claim> claims, Instant now);

// "anna (operator) sets 5000, contract (contract) allows at most 3000: load test".
std::string explain(const Ruling& ruling, std::span<const Claim> claims);

}  // namespace iw::control
