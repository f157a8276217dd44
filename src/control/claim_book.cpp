#include "control/claim_book.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace iw::control {

std::vector<std::pair<std::string, Claim>> ClaimBook::set_points(std::vector<PointRules> points) {
  std::vector<Point> old = std::exchange(points_, {});
  const auto old_paths = std::exchange(by_path_, {});
  for (PointRules& each : points) {
    by_path_[each.path] = points_.size();
    const auto before = old_paths.find(each.path);
    Point point{.path = std::move(each.path), .rules = each.rules};
    if (before != old_paths.end()) {
      point.claims = std::exchange(old[before->second].claims, {});
      point.prepared = std::exchange(old[before->second].prepared, {});
      point.ruling = old[before->second].ruling;
    }
    points_.push_back(std::move(point));
  }
  std::vector<std::pair<std::string, Claim>> gone;
  for (Point& point : old) {
    for (Claim& claim : point.claims)
      gone.emplace_back(point.path, std::move(claim));
  }
  return gone;
}

Result<Claim> ClaimBook::make(const ClaimRequest& request, Instant now) {
  const auto found = point_of(request);
  if (!found) return fail(found.error());
  Point& point = points_[*found];
  point.claims.push_back(number(request, now));
  point.next = Instant::min();
  return point.claims.back();
}

Result<Claim> ClaimBook::prepare(const ClaimRequest& request, Instant now) {
  const auto found = point_of(request);
  if (!found) return fail(found.error());
  Point& point = points_[*found];
  if (request.demand == Demand::set &&
      (request.value < point.rules.minimum || request.value > point.rules.maximum)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{:.10g} is out of the range of {}", request.value, point.path),
                fmt::format("it takes {:.10g} to {:.10g}", point.rules.minimum, point.rules.maximum));
  }
  const auto of_owner = std::ranges::count(point.claims, request.owner, &Claim::owner) +
                        std::ranges::count(point.prepared, request.owner);
  if (static_cast<std::size_t>(of_owner) >= most_claims_of_an_owner) {
    return fail(ErrorKind::exhausted,
                fmt::format("{} has {} claims on {} already", request.owner, of_owner, point.path),
                "release some of them");
  }
  point.prepared.push_back(request.owner);
  return number(request, now);
}

// Of what anybody may claim.
Result<std::size_t> ClaimBook::point_of(const ClaimRequest& request) const {
  const auto found = find(request.path);
  if (!found) {
    return fail(ErrorKind::not_found, fmt::format("{} is no point that may be controlled", request.path),
                "declare it under control: points:, with its range and its fallback");
  }
  if (request.life <= 0ns || request.life > longest_life || request.starts_in < 0ns ||
      request.starts_in > longest_life) {
    return fail(ErrorKind::invalid_argument, "a claim needs an end within 31 days of its start",
                "say for how long, for example 2h, and claim again before it is over");
  }
  if (request.demand != Demand::off && !std::isfinite(request.value))
    return fail(ErrorKind::invalid_argument, "the value is no number");
  return *found;
}

Claim ClaimBook::number(const ClaimRequest& request, Instant now) {
  last_ = ClaimId(last_.value() + 1);
  const Instant start = now + request.starts_in;
  return {.id = last_,
          .level = request.level,
          .demand = request.demand,
          .value = request.demand == Demand::off ? 0 : request.value,
          .start = start,
          .expiry = start + request.life,
          .owner = request.owner,
          .reason = request.reason};
}

void ClaimBook::give_up(std::string_view path, const Claim& claim) {
  const auto found = find(path);
  if (!found) return;
  std::vector<std::string>& prepared = points_[*found].prepared;
  const auto owner = std::ranges::find(prepared, claim.owner);
  if (owner != prepared.end()) prepared.erase(owner);
}

bool ClaimBook::restore(std::string_view path, Claim claim) {
  give_up(path, claim);
  const auto found = find(path);
  last_ = std::max(last_, claim.id);
  if (!found) return false;
  points_[*found].claims.push_back(std::move(claim));
  points_[*found].next = Instant::min();
  return true;
}

bool ClaimBook::renew(std::size_t point, ClaimId id, double value, std::string_view reason, Instant now,
                      Instant expiry) {
  const auto claim = std::ranges::find(points_[point].claims, id, &Claim::id);
  if (claim == points_[point].claims.end() || claim->expiry <= now) return false;
  claim->expiry = expiry;
  claim->reason.assign(reason);
  if (claim->value != value) {
    claim->value = value;
    claim->start = now;
  }
  points_[point].next = Instant::min();
  return true;
}

ClaimId ClaimBook::lay(std::size_t point, Claim claim) {
  Point& p = points_[point];
  last_ = claim.id = ClaimId(last_.value() + 1);
  p.claims.push_back(std::move(claim));
  p.next = Instant::min();
  return last_;
}

bool ClaimBook::replace(std::size_t point, ClaimId id, const Claim& claim) {
  Point& p = points_[point];
  const auto old = std::ranges::find(p.claims, id, &Claim::id);
  if (old == p.claims.end()) return false;
  const bool decides_anew = old->value != claim.value || old->demand != claim.demand;
  *old = claim;
  old->id = id;
  p.next = decides_anew ? Instant::min() : std::min(p.next, claim.expiry);
  return true;
}

std::optional<ClaimBook::Placed> ClaimBook::release(ClaimId id) {
  for (std::size_t point = 0; point < points_.size(); ++point)
    if (auto placed = release(point, id)) return placed;
  return std::nullopt;
}

std::optional<ClaimBook::Placed> ClaimBook::release(std::size_t point, ClaimId id) {
  auto& claims = points_[point].claims;
  const auto claim = std::ranges::find(claims, id, &Claim::id);
  if (claim == claims.end()) return std::nullopt;
  Placed placed{.point = point, .claim = std::move(*claim)};
  claims.erase(claim);
  points_[point].next = Instant::min();
  return placed;
}

void ClaimBook::settle(Instant now, const std::function<void(std::size_t, const Claim&)>& ended,
                       const std::function<void(std::size_t)>& decided) {
  for (std::size_t i = 0; i < points_.size(); ++i) {
    Point& point = points_[i];
    if (point.next > now) continue;
    std::erase_if(point.claims, [&](const Claim& claim) {
      if (claim.expiry > now) return false;
      ended(i, claim);
      return true;
    });
    point.next = control::next_change(point.claims, now);
    point.ruling = decide(point.rules, point.claims, now);
    decided(i);
  }
}

Instant ClaimBook::next_change() const {
  Instant next = never;
  for (const Point& point : points_)
    next = std::min(next, point.next);
  return next;
}

std::optional<std::size_t> ClaimBook::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return std::nullopt;
  return found->second;
}

}  // namespace iw::control
