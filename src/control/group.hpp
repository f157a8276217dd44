// Groups: points that are claimed as one. A claim on a group becomes a claim on each of its members, with the
// same owner, level and end, and with its share of the total; the shares are split again while the claim
// stands, because what each member can take changes.
//
// Of several sets on a group the one that the arbiter chose counts; limits and an off go to the members as
// they are. A member that can not be written takes no part. Pure: no IO, no clock; for one thread (the
// core's).
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "control/claim_book.hpp"
#include "control/split.hpp"

namespace iw::control {

struct GroupMember {
  std::string path;                  // of its point
  std::string state_of_charge = {};  // of the battery that it moves; empty: it has none
  double capacity_wh = 10'000;
  double min_soc_percent = 5;
  double max_soc_percent = 100;
  // A unit of a hybrid inverter: what it shares its connection with, and what that can carry.
  std::string beside = {};
  double connection_w = std::numeric_limits<double>::infinity();
};

struct GroupRules {
  std::string path;  // "storage/ActivePowerSetpoint": a point of the book, as its members are
  SplitBy split = SplitBy::capability;
  std::vector<GroupMember> members;
};

// What is known of a member now.
struct MemberNow {
  bool there = true;                        // it can be written
  std::optional<double> state_of_charge{};  // percent
  std::optional<double> beside_w{};         // + into the equipment
};

class Groups {
 public:
  using Look = std::function<MemberNow(const GroupMember&)>;

  // In place of those before, whose shares end.
  void set(std::vector<GroupRules> groups, ClaimBook& book);
  // Brings the shares up to the claims that the book has settled. True: the book is to be settled again.
  bool follow(ClaimBook& book, const Look& look, Instant now);
  // When the shares are to be split again; never: nobody claims a group.
  [[nodiscard]] Instant wake() const { return wake_; }

  [[nodiscard]] const GroupRules* find(std::string_view path) const;

 private:
  struct Share {
    std::size_t point = 0;
    ClaimId id;
    double value = 0;
  };
  struct Laid {  // a claim on the group, and its shares
    Claim claim;
    bool is_new = true;                        // or has another total than when its shares were split
    std::vector<std::optional<Share>> shares;  // by member
  };
  struct Group {
    GroupRules rules;
    std::vector<Laid> laid = {};
  };

  static bool end(ClaimBook& book, Laid& laid);
  static bool lay(ClaimBook& book, const Group& group, Laid& laid, const std::vector<MemberNow>& now_of,
                  Instant now);

  std::vector<Group> groups_;
  Instant wake_ = never;
};

}  // namespace iw::control
