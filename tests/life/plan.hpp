// Plan: what is to be lived: a seed, how long, how fast the site is polled, and how the gateway is made
// wrong.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace iw::life {

// One way each of making the gateway wrong, to see that the check of an invariant can fail.
enum class Mutation : std::uint8_t {
  none,
  writes_past_claims,
  other_default,
  among_the_least,
  wide_range,
  patient_controllers,
  rare_polls,
  garbled_values,
  device_that_lies,
  slow_neighbours,
  claims_live_on,
  right_for_anybody,
  writes_again,
  claims_made_younger,
  wrong_meter,
  claims_forgotten,
  mixed_configuration,
  higher_limit,
  device_stays_dead,
  leans_on_hub,
  steep_ramp,
  falls_back_early,
};

struct Plan {
  std::uint64_t seed = 1;
  Duration poll{};    // of the fast and normal points; drawn from the seed when it is zero
  Duration length{};  // likewise
  Mutation mutation = Mutation::none;
  bool hub = true;  // there is one
};

}  // namespace iw::life
