// DecisionNote: what the diary (decision_log.hpp) knows of one point, and what it is to be told anew: when
// the owner, the limit or the state changes; when only the value moves, once a minute. Pure, for one thread.
#pragma once

#include <optional>
#include <string>

#include "control/actuator.hpp"
#include "control/claim_book.hpp"
#include "gateway/decision_log.hpp"

namespace iw::gateway {

// What is decided for a point and what became of it, at this moment. `trouble`: why the point can not be
// written at all; empty: it can.
Decision decision_now(const control::ClaimBook::Point& point, const control::Actuator::Status& status,
                      const std::string& trouble, WallTime now);

class DecisionNote {
 public:
  std::optional<Decision> note(const control::ClaimBook::Point& point,
                               const control::Actuator::Status& status, const std::string& trouble,
                               WallTime now);

 private:
  Decision noted_;
  control::ClaimId claim_;
};

}  // namespace iw::gateway
