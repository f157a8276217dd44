// What of control outlives the gateway: the claims that stand. What the audit log says of them is the truth:
// a claim stands once its record is there, with all that is needed to make it again. The file of claims is a
// short cut: how they stood at one record of the log, so that only what is behind that has to be read.
//
// A claim ends when it was to end, also while the gateway was off. Within one boot of the machine that is
// told by the clock that nobody can set; after another boot by the wall clock, unless that is behind the time
// of the file: then nobody knows how long the gateway was off, and the claim is over. A claim never lives
// longer by a restart than it would have lived without.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "control/claim.hpp"
#include "events/alarms.hpp"
#include "io/files.hpp"

namespace iw::gateway {

// Where claims, decisions and the door stand in the folder of all data.
std::string control_folder(const std::string& data_folder);
std::string claims_path(const std::string& data_folder);

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

// `audited`: the record of the audit log behind which what came later is found.
std::string write_claims(const StandingClaims& standing, std::string_view boot, std::uint64_t audited);

// What the audit log keeps, beside path and owner, of a claim that is made, by an order whose last claim is
// `last`: an order stands as a whole or not at all; that is about to be written once; that has ended.
std::string data_of_claim(const control::Claim& claim, control::ClaimId last, Instant now,
                          std::string_view boot);
std::string data_of_writing(control::ClaimId claim);
std::string data_of_end(control::ClaimId claim);

struct RestoredClaims {
  StandingClaims standing;
  std::vector<std::pair<StandingClaim, std::string>> ended;  // and why
  std::uint64_t audited = 0;                                 // the record of the file
};
// Empty text: there was none.
Result<RestoredClaims> read_claims(std::string_view text, events::Moment now, std::string_view boot);
// The file, and then the log behind it; without a file that can be read, the whole log.
Result<RestoredClaims> restore_claims(io::Files& files, const std::string& data_folder, events::Moment now,
                                      Log& log);

}  // namespace iw::gateway
