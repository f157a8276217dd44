// Claim: the wish of an owner that a point has a value or stays within a limit, from a start until an expiry.
// A claim without an end can not be made: whoever still wants it claims again.
//
// Plain values for one thread. Values are in the canonical unit of the point (model/quantity.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "control/controller.hpp"

namespace iw::control {

// Who goes before whom, rising. Within a level it is the point that says who (arbiter.hpp).
enum class Level : std::uint8_t {
  optimisation,  // cheaper, greener
  contract,      // limits of a contract: peak, connection
  grid,          // the utility, demand response
  people,        // the operator of the site
  protection,    // of equipment and people; fail-safe
};
constexpr std::size_t levels = 5;

std::string_view to_string(Level level);  // "operator" of people
Result<Level> parse_level(std::string_view word);
std::string_view to_string(Demand demand);  // "at_most"
Result<Demand> parse_demand(std::string_view word);

// Rises from claim to claim, across restarts; 0 is none.
using ClaimId = Strong<std::uint64_t, struct ClaimIdTag>;

struct Claim {
  ClaimId id;
  Level level = Level::optimisation;
  Demand demand = Demand::set;
  double value = 0;  // does not count with off
  Instant start;
  Instant expiry;
  std::string owner;
  std::string reason;
  ClaimId share_of = {};  // the claim on a group that this one is a share of (group.hpp); 0: none

  [[nodiscard]] bool live(Instant now) const { return start <= now && now < expiry; }
  friend bool operator==(const Claim&, const Claim&) = default;
};

// "set 3000", "at most 5000", "off".
std::string describe(Demand demand, double value);

}  // namespace iw::control
