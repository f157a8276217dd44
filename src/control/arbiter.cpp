#include "control/arbiter.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace iw::control {
namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

// What the claims of one level say together.
struct Voices {
  std::size_t set = none;
  std::size_t off = none;
  std::size_t at_most = none;
  std::size_t at_least = none;
};

bool newer(const Claim& a, const Claim& b) { return a.start != b.start ? a.start > b.start : a.id > b.id; }

// A value, and between equal ones the newer claim, so that the result has one owner.
bool lower(const Claim& a, const Claim& b) { return a.value != b.value ? a.value < b.value : newer(a, b); }
bool higher(const Claim& a, const Claim& b) { return a.value != b.value ? a.value > b.value : newer(a, b); }

using Before = bool (*)(const Claim&, const Claim&);

Before before(Among among) {
  switch (among) {
    case Among::newest: return newer;
    case Among::least: return lower;
    case Among::greatest: return higher;
  }
  return newer;
}

// What is allowed, and which claims bound it.
struct Allowed {
  double least;
  double most;
  std::size_t least_by = none;
  std::size_t most_by = none;

  [[nodiscard]] double nearest(double value) const { return std::clamp(value, least, most); }
  void cap(double value, std::size_t by) {
    if (value >= most) return;
    most = std::max(value, least);
    most_by = value >= least ? by : least_by;
  }
  void lift(double value, std::size_t by) {
    if (value <= least) return;
    least = std::min(value, most);
    least_by = value <= most ? by : most_by;
  }
};

std::optional<std::size_t> index(std::size_t i) { return i != none ? std::optional(i) : std::nullopt; }

}  // namespace

std::string_view to_string(Code code) {
  switch (code) {
    case Code::fallback: return "fallback";
    case Code::followed: return "followed";
    case Code::limited_by_claim: return "limited_by_claim";
    case Code::limited_by_range: return "limited_by_range";
  }
  return "fallback";
}

Ruling decide(const Rules& rules, std::span<const Claim> claims, Instant now) {
  std::array<Voices, levels> voices;
  const auto choose = [&](std::size_t& chosen, std::size_t i, Before goes_before) {
    if (chosen == none || goes_before(claims[i], claims[chosen])) chosen = i;
  };
  const Before among = before(rules.among);
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const Claim& claim = claims[i];
    if (!claim.live(now)) continue;
    Voices& level = voices[static_cast<std::size_t>(claim.level)];
    switch (claim.demand) {
      case Demand::set: choose(level.set, i, among); break;
      case Demand::off: choose(level.off, i, newer); break;
      case Demand::at_most: choose(level.at_most, i, lower); break;
      case Demand::at_least: choose(level.at_least, i, higher); break;
    }
  }

  Allowed allowed{.least = rules.minimum, .most = rules.maximum};
  Ruling ruling;
  std::size_t winner = none;
  for (std::size_t l = levels; l-- > 0;) {
    const Voices& level = voices[l];
    if (winner == none && level.off != none) {
      winner = level.off;
      allowed.least = allowed.most = allowed.nearest(rules.off);
    }
    if (level.at_most != none) allowed.cap(claims[level.at_most].value, level.at_most);
    if (level.at_least != none) allowed.lift(claims[level.at_least].value, level.at_least);
    if (winner == none) winner = level.set;
    if (static_cast<Level>(l) != Level::protection) continue;
    ruling.least = allowed.least;
    ruling.most = allowed.most;
  }

  ruling.winner = index(winner);
  ruling.wanted = winner == none                         ? rules.fallback
                  : claims[winner].demand == Demand::off ? rules.off
                                                         : claims[winner].value;
  ruling.value = allowed.nearest(ruling.wanted);
  ruling.code = winner == none ? Code::fallback : Code::followed;
  if (ruling.value != ruling.wanted) {
    ruling.limiter = index(ruling.value < ruling.wanted ? allowed.most_by : allowed.least_by);
    ruling.code = ruling.limiter ? Code::limited_by_claim : Code::limited_by_range;
  }
  return ruling;
}

Instant next_change(std::span<const Claim> claims, Instant now) {
  Instant next = never;
  for (const Claim& claim : claims) {
    if (claim.start > now) next = std::min(next, claim.start);
    if (claim.expiry > now) next = std::min(next, claim.expiry);
  }
  return next;
}

std::string explain(const Ruling& ruling, std::span<const Claim> claims) {
  const auto who = [](const Claim& claim) {
    return fmt::format("{} ({})", claim.owner, to_string(claim.level));
  };
  std::string text;
  if (ruling.winner) {
    const Claim& winner = claims[*ruling.winner];
    text = fmt::format("{} wants {}", who(winner), describe(winner.demand, winner.value));
  } else {
    text = fmt::format("nobody sets it: the fallback is {:.10g}", ruling.wanted);
  }
  if (ruling.limiter) {
    const Claim& limiter = claims[*ruling.limiter];
    text += fmt::format(", {} allows {}", who(limiter), describe(limiter.demand, limiter.value));
    if (!limiter.reason.empty()) text += fmt::format(" ({})", limiter.reason);
  } else if (ruling.code == Code::limited_by_range) {
    text += fmt::format(", the range of the point allows {:.10g}", ruling.value);
  }
  if (ruling.winner && !claims[*ruling.winner].reason.empty())
    text += fmt::format(": {}", claims[*ruling.winner].reason);
  return text;
}

}  // namespace iw::control
