// ClaimBook: all claims on all points, and what the arbiter makes of them. Pure: no IO, no clock; for one
// thread (the core's). It does not ask who may claim (rights.hpp), nor what becomes of a ruling
// (actuator.hpp).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/arbiter.hpp"

namespace iw::control {

struct PointRules {
  std::string path;  // "battery/ActivePowerSetpoint"
  Rules rules;
};

struct ClaimRequest {
  std::string path;
  std::string owner;
  Level level = Level::optimisation;
  Demand demand = Demand::set;
  double value = 0;
  Duration starts_in{};
  Duration life{};  // from its start; there is none without
  std::string reason = {};
};

constexpr Duration longest_life = std::chrono::days(31);
constexpr std::size_t most_claims_of_an_owner = 64;  // on one point

class ClaimBook {
 public:
  struct Point {
    std::string path;
    Rules rules;
    std::vector<Claim> claims = {};          // live and to come
    std::vector<std::string> prepared = {};  // the owners of claims that are not on it yet
    Ruling ruling = {};                      // of the last settle()
    Instant next = Instant::min();           // when the ruling may change by itself
  };
  struct Placed {
    std::size_t point;
    Claim claim;
  };

  explicit ClaimBook(ClaimId last = {}) : last_(last) {}

  // The points that may be claimed. Claims on points that stay, stay; gives the others, with their points'
  // paths.
  std::vector<std::pair<std::string, Claim>> set_points(std::vector<PointRules> points);

  // Of people and programs: with its number, but not on its point yet: restore() lays it there, or give_up()
  // forgets it. Refuses an unknown point, a life that is none or too long, a value that is no number or out
  // of the range of the point, and one too many of its owner.
  Result<Claim> prepare(const ClaimRequest& request, Instant now);
  // Prepared, or as it was before a restart. False: its point is gone.
  bool restore(std::string_view path, Claim claim);
  void give_up(std::string_view path, const Claim& claim);
  // Of a controller, at once: what it wants beyond the range is cut by the ruling, and there are no more of
  // them than the configuration has.
  Result<Claim> make(const ClaimRequest& request, Instant now);
  // Another value, reason and end of the same claim, which is as new when the value is. False: it is over.
  bool renew(std::size_t point, ClaimId id, double value, std::string_view reason, Instant now,
             Instant expiry);
  // A claim that follows from another, as old as that one, gets a number of its own.
  ClaimId lay(std::size_t point, Claim claim);
  // That claim from now on, under the number that it has. False: it is over.
  bool replace(std::size_t point, ClaimId id, const Claim& claim);
  // The claim that was; none: it is over.
  std::optional<Placed> release(ClaimId id);
  std::optional<Placed> release(std::size_t point, ClaimId id);

  // Brings all rulings up to now: calls ended(point, claim) for each claim that expired, and decided(point)
  // for each point that was decided anew, which need not have changed anything.
  void settle(Instant now, const std::function<void(std::size_t, const Claim&)>& ended,
              const std::function<void(std::size_t)>& decided);
  // When settle() has something to do by itself.
  [[nodiscard]] Instant next_change() const;

  [[nodiscard]] std::span<const Point> points() const { return points_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view path) const;
  [[nodiscard]] ClaimId last_id() const { return last_; }

 private:
  [[nodiscard]] Result<std::size_t> point_of(const ClaimRequest& request) const;
  Claim number(const ClaimRequest& request, Instant now);

  std::vector<Point> points_;
  std::map<std::string, std::size_t, std::less<>> by_path_;
  ClaimId last_;
};

}  // namespace iw::control
