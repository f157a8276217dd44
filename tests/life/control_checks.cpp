// The checks of commands and claims: what reaches a device, by whose right and for how long.

#include <array>
#include <map>
#include <optional>
#include <set>

#include "checks.hpp"
#include "gateway/control_store.hpp"
#include "security/audit_log.hpp"

namespace iw::life {
namespace {

using control::Claim;
using control::Demand;
using gateway::ControlDesk;
using BookPoint = control::ClaimBook::Point;

// What the clocks of the gateway may be wrong, and how late it may notice.
constexpr Duration late = 1s;
constexpr double clock_error = 0.0005;

constexpr std::array<std::string_view, 3> controller_names{"feed-in", "own use", "droop"};

// Its ruling is that of its claims.
bool is_settled(const BookPoint& point) { return point.next != Instant::min(); }

bool of_a_controller(const Claim& claim) {
  return claim.owner == "fail-safe" || has(controller_names, claim.owner);
}

const Owner* owner_of(const Claim& claim) {
  const auto owner = std::ranges::find(owner_table, claim.owner, &Owner::name);
  return owner != owner_table.end() ? &*owner : nullptr;
}

// What somebody asked for and this claim is; the latest, where several are alike.
const Order* order_of(const Life& life, const std::string& path, const Claim& claim) {
  const Order* found = nullptr;
  for (const Order& order : life.owners().orders()) {
    const control::ClaimRequest& r = order.request;
    if (r.path != path || r.owner != claim.owner || r.demand != claim.demand || r.value != claim.value)
      continue;
    if (order.fate == Order::Fate::accepted ? order.id == claim.id : order.fate == Order::Fate::unanswered)
      if (found == nullptr || order.until() > found->until()) found = &order;
  }
  return found;
}

Instant true_end(const Order& order) {
  return order.latest_end() + late +
         Duration(static_cast<std::int64_t>(clock_error *
                                            static_cast<double>((order.until() - order.asked).count())));
}

// The rule of the arbiter once more, as docs/control.md has it.
double expected(const Envelope& e, std::span<const Claim> claims, Instant now) {
  double least = e.minimum;
  double most = e.maximum;
  std::optional<double> wanted;
  for (std::size_t l = control::levels; l-- > 0;) {
    std::vector<const Claim*> here;
    for (const Claim& claim : claims)
      if (claim.live(now) && claim.level == static_cast<control::Level>(l)) here.push_back(&claim);
    const auto each = [&](Demand demand, auto&& take) {
      for (const Claim* claim : here)
        if (claim->demand == demand) take(*claim);
    };
    bool off = false;
    each(Demand::off, [&](const Claim&) { off = true; });
    if (off && !wanted) least = most = *(wanted = std::clamp(0.0, least, most));
    each(Demand::at_most, [&](const Claim& c) { most = std::clamp(c.value, least, most); });
    each(Demand::at_least, [&](const Claim& c) { least = std::clamp(c.value, least, most); });
    const Claim* newest = nullptr;
    each(Demand::set, [&](const Claim& c) {
      if (newest == nullptr || std::pair(c.start, c.id) > std::pair(newest->start, newest->id)) newest = &c;
    });
    if (newest != nullptr && !wanted) wanted = newest->value;
  }
  return std::clamp(wanted.value_or(e.fallback), least, most);
}

// What the desk has decided lately, for each point.
class Rulings : public Invariant {
 protected:
  struct Ruling {
    Instant from;
    Instant to;
    double value;
    double least;  // what is allowed at once
    double most;
    bool at_once;   // without a ramp
    Instant until;  // truly, of the claim that won; never: of none of the owners
  };

  void look(Life& life) override {
    const ControlDesk* desk = life.desk();
    if (desk == nullptr) {
      winner_.fill({});  // when a claim truly ends may be another time after the start
      return;
    }
    for (std::size_t point = 0; point < std::min(settables, desk->points().size()); ++point) {
      const BookPoint& p = desk->points()[point];
      if (!is_settled(p)) continue;
      auto& past = past_[point];
      const bool same_bounds =
          !past.empty() && past.back().least == p.ruling.least && past.back().most == p.ruling.most;
      if (same_bounds && past.back().value == p.ruling.value && winner_[point] == winner(p)) {
        past.back().to = life.now();
        continue;
      }
      winner_[point] = winner(p);
      const Order* order = p.ruling.winner ? order_of(life, p.path, p.claims[*p.ruling.winner]) : nullptr;
      past.push_back({.from = life.now(),
                      .to = life.now(),
                      .value = p.ruling.value,
                      .least = p.ruling.least,
                      .most = p.ruling.most,
                      .at_once = is_at_once(p),
                      .until = order != nullptr ? true_end(*order) : never});
      std::erase_if(past, [&](const Ruling& r) { return r.to < life.now() - on_its_way; });
    }
  }

  // What the claims of before come to in the range of after is decided, and may be written, before others
  // claim anew.
  void reloading(Life& life) override {
    const ControlDesk* desk = life.desk();
    for (std::size_t point = 0; point < std::min(settables, desk->points().size()); ++point) {
      const Envelope e = life.envelope(point);
      const BookPoint& p = desk->points()[point];
      past_[point].push_back({.from = life.now(),
                              .to = life.now(),
                              .value = expected(e, p.claims, life.gateway_now()),
                              .least = e.minimum,
                              .most = e.maximum,
                              .at_once = is_at_once(p),
                              .until = never});
    }
  }

  // Those that may be the reason of a write that the device has done now: it is what they want, or a step on
  // the way there.
  [[nodiscard]] std::vector<Ruling> behind(const Life& life, Settable point) const {
    std::vector<Ruling> all;
    const double value = life.premises().held(point);
    for (const Ruling& r : past_[point]) {
      if (r.to < life.now() - on_its_way) continue;
      if (same(r.value, value, envelopes[point].resolution) || is_step(life, point, r)) all.push_back(r);
    }
    return all;
  }
  // Of the desk, lately.
  [[nodiscard]] const std::vector<Ruling>& past(Settable point) const { return past_[point]; }

 private:
  static bool is_at_once(const BookPoint& p) {
    if (!p.ruling.winner) return false;
    const Claim& claim = p.claims[*p.ruling.winner];
    return claim.level == control::Level::protection || claim.demand == Demand::off;
  }

  // Between where the device was lately and what is wanted, or at the bound of what is allowed.
  static bool is_step(const Life& life, Settable point, const Ruling& r) {
    const Envelope& e = envelopes[point];
    if (std::isinf(e.ramp) || r.at_once) return false;
    const double value = life.premises().held(point);
    const auto& history = life.premises().history(point);
    const auto leads_there = [&](double from) {
      const double begin = std::clamp(from, r.least, r.most);
      return value >= std::min(begin, r.value) - e.resolution &&
             value <= std::max(begin, r.value) + e.resolution;
    };
    // What it truly does, which is seen where its register may say what it has left. In trouble what was seen
    // of it may be old.
    if (leads_there(life.premises().state().battery.ac.total_power())) return true;
    const Instant calm = life.calm_since(e.device);
    const bool in_trouble = calm == never || life.now() - calm < life.recovery();
    if (in_trouble && did_lately(life, leads_there)) return true;
    for (std::size_t i = history.size() - 1; i-- > 0;) {
      // One that has lost its power begins at what its register shows, which is nothing.
      if (leads_there(std::isnan(history[i].value) ? 0 : history[i].value)) return true;
      // That it has fallen back by itself is seen with its next polls.
      const Duration known_within = on_its_way + (history[i].by_itself ? 2 * life.plan().poll : 0s);
      if (history[i].since < life.now() - known_within) return false;
    }
    return false;
  }

  // The battery, within what was polled last.
  static bool did_lately(const Life& life, const std::function<bool(double)>& leads_there) {
    const Instant since = life.now() - on_its_way - 2 * life.plan().poll;
    return std::ranges::any_of(life.premises().seen(), [&](const Premises::Seen& seen) {
      return seen.at >= since && leads_there(seen.battery_w);
    });
  }

  static control::ClaimId winner(const BookPoint& p) {
    return p.ruling.winner ? p.claims[*p.ruling.winner].id : control::ClaimId();
  }

  std::array<std::vector<Ruling>, settables> past_;
  std::array<std::optional<control::ClaimId>, settables> winner_{};  // of the newest ruling; 0: nobody
};

// ---- the checks

class OnlyClaimed final : public Rulings {
  void write(Life& life, Settable point) override {
    if (unmoved(life, point) || !behind(life, point).empty()) return;
    const double value = life.premises().held(point);
    if (same(value, envelopes[point].fail_safe, envelopes[point].resolution)) return;
    std::string wanted;
    for (const Ruling& r : past(point))
      wanted += fmt::format(" {} since {:.1f} s", r.value, seconds(life.now() - r.from));
    std::string held;
    const auto& history = life.premises().history(point);
    for (std::size_t i = history.size() > 4 ? history.size() - 4 : 0; i < history.size(); ++i)
      held += fmt::format(" {} since {:.1f} s", history[i].value, seconds(life.now() - history[i].since));
    broken(life, "{} was set to {}, which nothing in force wants; it held{}; wanted were{}",
           envelopes[point].path, value, held, wanted);
  }
};

// The device holds what was decided, once that has stood for a while and nothing is in the way.
class Settled : public Invariant {
 protected:
  explicit Settled(bool of_winners) : of_winners_(of_winners) {}

  void look(Life& life) override {
    const ControlDesk* desk = life.desk();
    for (std::size_t i = 0; i < settables; ++i) {
      if (envelopes[i].once) continue;
      if (desk == nullptr || desk->points().size() != settables || life.stopping()) {
        since_[i] = never;
        continue;
      }
      check(life, static_cast<Settable>(i), desk->points()[i]);
    }
  }

 private:
  void check(Life& life, Settable point, const BookPoint& p) {
    const double value = of_winners_ || p.ruling.winner ? p.ruling.value : without_claims(life, point, p);
    const bool stands = since_[point] != never && value_[point] == value && winner_[point] == p.ruling.winner;
    winner_[point] = p.ruling.winner;
    value_[point] = value;
    if (!stands) since_[point] = life.now();
    if (p.ruling.winner.has_value() != of_winners_) return;
    const Instant calm = life.calm_since(envelopes[point].device);
    if (calm == never || life.now() - calm < life.recovery()) return;
    if (life.now() - since_[point] < 8s + ramp_time(life.envelope(point))) return;
    const double held = life.premises().held(point);
    // A device that lost its power between two polls, and with it that it is to obey, while the register of
    // the value shows the same as before: the gateway reads the value only (README.md, "What is not seen").
    if (std::isnan(held)) return;
    if (same(held, value, envelopes[point].resolution)) return;
    const control::Actuator::Status& status = life.desk()->actuator(point).status();
    broken(life,
           "{} is to be {} since {:.1f} s, and the device holds {}; the gateway says {} since {:.1f} s {}{}",
           p.path, value, seconds(life.now() - since_[point]), held, model::to_string(status.state),
           seconds(life.now() - status.since), life.desk()->view()[point].trouble,
           status.error ? ": " + status.error->message : "");
  }
  // From one end of the range to the other; a step takes a second and the time to read it back.
  static Duration ramp_time(const Envelope& e) {
    if (std::isinf(e.ramp)) return 0ns;
    return Duration(static_cast<std::int64_t>((e.maximum - e.minimum) / e.ramp * 1.1e9));
  }
  static double without_claims(const Life& life, Settable point, const BookPoint& p) {
    return expected(life.envelope(point), p.claims, life.gateway_now());
  }

  bool of_winners_;
  std::array<Instant, settables> since_{never, never, never, never};
  std::array<double, settables> value_{};
  std::array<std::optional<std::size_t>, settables> winner_{};
};

class DefaultAfterAll final : public Settled {
 public:
  DefaultAfterAll() : Settled(false) {}
};

class HighestWins final : public Settled {
 public:
  HighestWins() : Settled(true) {}

 private:
  void look(Life& life) override {
    Settled::look(life);
    const ControlDesk* desk = life.desk();
    if (desk == nullptr || desk->points().size() != settables || life.stopping()) {
      wrong_since_.fill(never);
      return;
    }
    for (std::size_t i = 0; i < settables; ++i) {
      const BookPoint& p = desk->points()[i];
      const Envelope e{.minimum = p.rules.minimum, .maximum = p.rules.maximum, .fallback = p.rules.fallback};
      const double wanted = expected(e, p.claims, life.gateway_now());
      if (p.ruling.value == wanted) {
        wrong_since_[i] = never;
        continue;
      }
      wrong_since_[i] = std::min(wrong_since_[i], life.now());
      if (life.now() - wrong_since_[i] > 200ms)
        broken(life, "{} is decided to be {}, the rule says {}", p.path, p.ruling.value, wanted);
    }
  }

  std::array<Instant, settables> wrong_since_{never, never, never, never};
};

class WithinEnvelope final : public Invariant {
  void write(Life& life, Settable point) override {
    const double value = life.premises().held(point);
    const bool new_rules = life.now() - life.configured_at() > on_its_way;
    const Envelope e = new_rules ? life.envelope(point) : envelopes[point];
    if (unmoved(life, point)) return;
    if (value >= e.minimum - e.resolution && value <= e.maximum + e.resolution) return;
    broken(life, "{} was set to {}, allowed are {} to {}", e.path, value, e.minimum, e.maximum);
  }
};

// Where the gateway can know where the device is; a step is of a second.
class WithinRamp final : public Rulings {
  void write(Life& life, Settable point) override {
    const Envelope e = life.envelope(point);
    const auto& history = life.premises().history(point);
    const Instant calm = life.calm_since(e.device);
    if (std::isinf(e.ramp) || history.size() < 2 || calm == never || life.now() - calm < life.recovery())
      return;
    const double from = history[history.size() - 2].value;
    const double value = history.back().value;
    if (std::isnan(from) || std::abs(value - from) <= e.ramp + e.resolution) return;
    // Where it truly is, which a full or empty battery is not by what it was told.
    if (point == battery_setpoint &&
        std::abs(value - life.premises().state().battery.ac.total_power()) <= e.ramp + e.resolution)
      return;
    const bool may_jump = std::ranges::any_of(past(point), [&](const Ruling& r) {
      const double wanted = r.at_once ? r.value : std::clamp(from, r.least, r.most);
      return r.to >= life.now() - on_its_way && same(wanted, value, e.resolution);
    });
    if (life.stopping() && same(value, e.fail_safe, e.resolution)) return;  // it is left safe
    if (!may_jump) broken(life, "{} was moved from {} to {} at once", e.path, from, value);
  }
};

class ConfirmedMeansHeld final : public Invariant {
  void look(Life& life) override {
    const ControlDesk* desk = life.desk();
    if (desk == nullptr || desk->points().size() != settables) return;
    for (std::size_t i = 0; i < settables; ++i) {
      const control::Actuator::Status& status = desk->actuator(i).status();
      if (std::exchange(before_[i], status.state) == status.state) continue;
      if (status.state != model::WriteState::confirmed || !status.written) continue;
      const auto& history = life.premises().history(static_cast<Settable>(i));
      bool held = false;
      for (std::size_t k = history.size(); k-- > 0 && !held;) {
        held = same(history[k].value, *status.written, envelopes[i].resolution);
        if (history[k].since < life.now() - 5s) break;
      }
      if (!held)
        broken(life, "{} is said to be confirmed at {}, and the device holds {}", envelopes[i].path,
               *status.written, history.back().value);
    }
  }
  std::array<model::WriteState, settables> before_{};
};

template <class Check>
void for_each_claim(const Life& life, Check check) {
  const ControlDesk* desk = life.desk();
  if (desk == nullptr) return;
  for (const BookPoint& point : desk->points())
    for (const Claim& claim : point.claims)
      check(point, claim);
}

class ClaimsEnd final : public Invariant {
  void look(Life& life) override {
    if (life.stopping()) return;  // then nothing comes of claims any more, and none is looked at
    for_each_claim(life, [&](const BookPoint& point, const Claim& claim) {
      if (claim.expiry < claim.start) broken(life, "a claim of {} ends before it begins", claim.owner);
      if (of_a_controller(claim)) return;
      const Order* order = order_of(life, point.path, claim);
      if (order == nullptr || life.now() > true_end(*order))
        broken(life, "claim {} of {} on {} stands beyond its end, which {}", claim.id.value(), claim.owner,
               point.path,
               order == nullptr ? "it never had: nobody made it, or he was told that it is not"
                                : fmt::format("was {:.1f} s ago", seconds(life.now() - order->until())));
    });
  }
};

class OnlyWithRight final : public Invariant {
  void look(Life& life) override {
    for_each_claim(life, [&](const BookPoint& point, const Claim& claim) {
      if (of_a_controller(claim)) return;
      const Owner* owner = owner_of(claim);
      if (owner == nullptr || !owner->right || claim.level > *owner->right)
        broken(life, "{} has a claim on {} at the level {}", claim.owner, point.path, to_string(claim.level));
    });
  }
  // Each claim that was answered has its record, and the chain is whole.
  void end(Life& life) override {
    std::map<std::string, int> accepted;
    std::size_t refused = 0;
    const auto verdict = security::verify_audit(
        life.files(), security::audit_folder("data"), [&](const security::AuditRecord& record) {
          const security::AuditEntry& e = record.entry;
          if (e.action != "claim" ||
              std::ranges::find(owner_table, e.actor, &Owner::name) == owner_table.end())
            return;
          if (e.outcome == "refused") ++refused;
          const std::string id = e.detail.substr(0, e.detail.find(' '));
          if (e.outcome == "accepted") ++accepted[id];
          // It could not be kept: its owner was told that it does not hold.
          if (e.outcome == "failed") accepted.erase(id);
        });
    if (!verdict) return broken(life, "the audit log can not be read: {}", verdict.error().message);
    if (verdict->fault)
      return broken(life, "{}:{}: {}", verdict->fault->file, verdict->fault->line, verdict->fault->what);
    for (const auto& [id, times] : accepted)
      if (times != 1) broken(life, "claim {} is on record {} times", id, times);
    const Owners::Totals& totals = life.owners().totals();
    const auto within = [](std::size_t n, std::size_t known, std::size_t unknown) {
      return n >= known && n <= known + unknown;
    };
    const std::size_t unknown = totals.asked - totals.accepted - totals.refused;
    // What was refused while the disk was broken could not be put on record.
    const std::size_t kept = life.disk_may_fail() ? std::min(refused, totals.refused) : totals.refused;
    if (!within(accepted.size(), totals.accepted, unknown + totals.unsure) ||
        !within(refused, kept, unknown)) {
      broken(life, "{} claims were accepted and {} refused, on record are {} and {}; {} had no answer",
             totals.accepted, totals.refused, accepted.size(), refused, unknown);
    }
  }
};

class OnceOnly final : public Invariant {
  void write(Life& life, Settable point) override {
    if (!envelopes[point].once) return;
    const double value = life.premises().held(point);
    if (value != 0 && !told_.insert(value).second)
      broken(life, "{} reached {} twice", value, envelopes[point].path);
  }
  std::set<double> told_;
};

class NeverLate final : public Rulings {
  void write(Life& life, Settable point) override {
    const auto reasons = behind(life, point);
    if (reasons.empty()) return;
    const auto last = std::ranges::max(reasons, {}, &Ruling::until).until;
    if (last != never && life.now() > last + on_its_way)
      broken(life, "{} was set by a claim that was over for {:.1f} s", envelopes[point].path,
             seconds(life.now() - last));
  }
};

class ClaimsSurvive final : public Invariant {
  void look(Life& life) override {
    const ControlDesk* desk = life.desk();
    if (desk == nullptr || desk->points().size() != settables || life.clock_may_step()) return;
    if (life.now() - life.running_since() < 1s) return;
    for (const Order& order : life.owners().orders()) {
      if (order.fate != Order::Fate::accepted || order.release_asked) continue;
      if (life.now() < order.asked + 1s || life.now() > order.until() - 1s) continue;
      const auto point =
          std::ranges::find(envelopes, order.request.path, &Envelope::path) - envelopes.begin();
      if (has(desk->points()[static_cast<std::size_t>(point)].claims, order.id, &Claim::id)) continue;
      broken(life, "claim {} of {} on {} is gone before its end", order.id.value(), order.request.owner,
             order.request.path);
    }
  }
};

class OneConfiguration final : public Invariant {
  void look(Life& life) override {
    const ControlDesk* desk = life.desk();
    if (desk == nullptr || desk->points().size() != settables) return;
    for (std::size_t i = 0; i < settables; ++i) {
      const control::Rules& rules = desk->points()[i].rules;
      const Envelope e = life.envelope(i);
      if (rules.minimum == e.minimum && rules.maximum == e.maximum) continue;
      broken(life, "{} may be {} to {}, the configuration says {} to {}", e.path, rules.minimum,
             rules.maximum, e.minimum, e.maximum);
    }
  }
};

constexpr std::array table{
    row<OnlyClaimed>(
        1, "a device sees a write only while a live claim, the default or fail-safe wants that value",
        Mutation::writes_past_claims),
    row<DefaultAfterAll>(2, "after the last claim the device gets the declared default, never nothing",
                         Mutation::other_default),
    row<HighestWins>(3, "the device holds what the highest live claim says, within all limits",
                     Mutation::among_the_least),
    row<WithinEnvelope>(4, "no written value is outside the range that the site declares",
                        Mutation::wide_range),
    row<WithinRamp>(4, "no step of a ramp is larger than the site declares", Mutation::steep_ramp),
    row<ConfirmedMeansHeld>(8, "what is confirmed, the device held", Mutation::device_that_lies),
    row<ClaimsEnd>(14, "no claim lives longer than it was to live, whatever clocks do",
                   Mutation::claims_live_on),
    row<OnlyWithRight>(15, "no claim stands without the right; each has its record, and the chain verifies",
                       Mutation::right_for_anybody),
    row<OnceOnly>(16, "what must not be done twice reaches the device at most once", Mutation::writes_again),
    row<NeverLate>(17, "a command that is over is not executed, also after a restart",
                   Mutation::claims_made_younger),
    row<ClaimsSurvive>(19, "a claim that was accepted stands over kill -9 until its end",
                       Mutation::claims_forgotten),
    row<OneConfiguration>(21, "all points obey the same configuration", Mutation::mixed_configuration),
};

}  // namespace

std::span<const InvariantRow> control_checks() { return table; }

}  // namespace iw::life
