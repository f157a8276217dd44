#include "control/group.hpp"

#include <algorithm>
#include <cmath>

namespace iw::control {
namespace {

constexpr Duration split_every = 1s;
// A share moves when it would change by more than this part of the member's range: charge drifts all the
// time.
constexpr double worth_moving = 0.01;

// The claims on a group that its members are to follow.
std::vector<Claim> wanted(const ClaimBook::Point& group, Instant now) {
  std::vector<Claim> all;
  for (std::size_t i = 0; i < group.claims.size(); ++i) {
    const Claim& claim = group.claims[i];
    if (!claim.live(now) || (claim.demand == Demand::set && group.ruling.winner != i)) continue;
    all.push_back(claim);
    if (claim.demand == Demand::set) all.back().value = group.ruling.value;
  }
  return all;
}

// How far the member would follow a claim on it, beside all others that stand.
double reach(const ClaimBook::Point& member, const Claim& claim, double value, Instant now) {
  std::vector<Claim> claims;
  for (const Claim& each : member.claims)
    if (each.share_of == ClaimId()) claims.push_back(each);
  Claim trial = claim;
  trial.demand = Demand::set;
  trial.value = value;
  claims.push_back(trial);
  return decide(member.rules, claims, now).value;
}

void leave_room(Part& part, const GroupMember& member, const MemberNow& now) {
  if (member.beside.empty()) return;
  const Room room = room_beside(now.beside_w, member.connection_w);
  part.lowest = std::min(std::max(part.lowest, room.lowest), part.highest);
  part.highest = std::max(std::min(part.highest, room.highest), part.lowest);
}

double weight(const GroupMember& member, const MemberNow& now, SplitBy split, const Part& part, bool up) {
  const double can = std::max(0.0, up ? part.highest : -part.lowest);
  if (split == SplitBy::equal) return 1;
  if (split == SplitBy::capability || !now.state_of_charge) return can;
  const BatteryNow battery{.max_charge_w = part.highest,
                           .max_discharge_w = -part.lowest,
                           .capacity_wh = member.capacity_wh,
                           .min_soc = member.min_soc_percent,
                           .max_soc = member.max_soc_percent,
                           .soc = *now.state_of_charge};
  return part_of(battery, split, up).weight;
}

}  // namespace

void Groups::set(std::vector<GroupRules> groups, ClaimBook& book) {
  for (Group& group : groups_) {
    for (Laid& laid : group.laid)
      end(book, laid);
  }
  groups_.clear();
  for (GroupRules& rules : groups)
    groups_.push_back({.rules = std::move(rules)});
}

const GroupRules* Groups::find(std::string_view path) const {
  const auto found = std::ranges::find(
      groups_, path, [](const Group& group) -> std::string_view { return group.rules.path; });
  return found != groups_.end() ? &found->rules : nullptr;
}

bool Groups::follow(ClaimBook& book, const Look& look, Instant now) {
  bool changed = false;
  wake_ = never;
  for (Group& group : groups_) {
    const auto point = book.find(group.rules.path);
    const std::vector<Claim> claims = point ? wanted(book.points()[*point], now) : std::vector<Claim>();
    std::erase_if(group.laid, [&](Laid& laid) {
      if (std::ranges::find(claims, laid.claim.id, &Claim::id) != claims.end()) return false;
      changed |= end(book, laid);
      return true;
    });
    if (claims.empty()) continue;
    wake_ = now + split_every;
    std::vector<MemberNow> members;
    for (const GroupMember& member : group.rules.members)
      members.push_back(look(member));
    for (const Claim& claim : claims) {
      auto laid = std::ranges::find(group.laid, claim.id, [](const Laid& each) { return each.claim.id; });
      if (laid == group.laid.end()) {
        laid = group.laid.insert(group.laid.end(), {.claim = claim, .shares = {}});
        laid->shares.resize(members.size());
      }
      laid->is_new |= laid->claim.value != claim.value;
      laid->claim = claim;
      changed |= lay(book, group, *laid, members, now);
    }
  }
  return changed;
}

bool Groups::end(ClaimBook& book, Laid& laid) {
  bool changed = false;
  for (auto& share : laid.shares) {
    if (share) changed |= book.release(share->point, share->id).has_value();
    share.reset();
  }
  return changed;
}

bool Groups::lay(ClaimBook& book, const Group& group, Laid& laid, const std::vector<MemberNow>& now_of,
                 Instant now) {
  const std::vector<GroupMember>& members = group.rules.members;
  // Where nobody can be written the shares stand for when they can.
  const bool any = std::ranges::any_of(now_of, &MemberNow::there);
  std::vector<std::size_t> taking;
  std::vector<Part> parts;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto point = book.find(members[i].path);
    if (!point || (any && !now_of[i].there)) continue;
    const ClaimBook::Point& member = book.points()[*point];
    Part part{.lowest = reach(member, laid.claim, member.rules.minimum, now),
              .highest = reach(member, laid.claim, member.rules.maximum, now)};
    leave_room(part, members[i], now_of[i]);
    part.weight = weight(members[i], now_of[i], group.rules.split, part, laid.claim.value > 0);
    taking.push_back(i);
    parts.push_back(part);
  }
  std::vector<double> values(parts.size());
  split(laid.claim.value, parts, values);

  bool changed = false;
  std::vector<bool> takes(members.size());
  for (std::size_t k = 0; k < taking.size(); ++k) {
    const std::size_t i = taking[k];
    const std::size_t point = *book.find(members[i].path);
    const Rules& rules = book.points()[point].rules;
    takes[i] = true;
    Claim claim = laid.claim;
    claim.value = claim.demand == Demand::off ? 0 : values[k];
    claim.share_of = laid.claim.id;
    std::optional<Share>& share = laid.shares[i];
    if (share) {
      const double change = std::abs(claim.value - share->value);
      const bool moves = laid.is_new ? change > 0 : change > worth_moving * (rules.maximum - rules.minimum);
      if (!moves) claim.value = share->value;
      if (book.replace(point, share->id, claim)) {
        changed |= moves;
        share->value = claim.value;
        continue;
      }
    }
    share = Share{.point = point, .id = book.lay(point, claim), .value = claim.value};
    changed = true;
  }
  laid.is_new = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (takes[i] || !laid.shares[i]) continue;
    changed |= book.release(laid.shares[i]->point, laid.shares[i]->id).has_value();
    laid.shares[i].reset();
  }
  return changed;
}

}  // namespace iw::control
