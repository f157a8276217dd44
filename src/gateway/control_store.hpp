// What of control outlives the gateway: the claims that stand, as one file that is replaced as a whole.
//
// A claim ends when it was to end, also while the gateway was off. Within one boot of the machine that is
// told by the clock that nobody can set; after another boot by the wall clock, unless that is behind the time
// of the file: then nobody knows how long the gateway was off, and the claim is over. A claim never lives
// longer by a restart than it would have lived without.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/claim.hpp"
#include "events/alarms.hpp"
#include "io/files.hpp"

namespace iw::gateway {

// Where claims, decisions and the door stand in the folder of all data.
std::string control_folder(const std::string& data_folder);

struct StandingClaim {
  std::string path;
  control::Claim claim;
  bool written = false;  // of a point that is written once: it was

  friend bool operator==(const StandingClaim&, const StandingClaim&) = default;
};

struct StandingClaims {
  std::vector<StandingClaim> claims;
  control::ClaimId last;  // that was ever given out
  events::Moment at = {};
};

// Which run of the machine this is; empty where it does not say.
std::string boot_id(io::Files& files);

std::string write_claims(const StandingClaims& standing, std::string_view boot);

struct RestoredClaims {
  StandingClaims standing;
  std::vector<std::pair<StandingClaim, std::string>> ended;  // and why
};
// Empty text: there was none.
Result<RestoredClaims> read_claims(std::string_view text, events::Moment now, std::string_view boot);

}  // namespace iw::gateway
