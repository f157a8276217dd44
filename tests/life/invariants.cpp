#include "invariants.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "gateway/control_store.hpp"
#include "life.hpp"
#include "security/audit_log.hpp"

namespace iw::life {
namespace {

using control::Claim;
using control::Demand;
using gateway::ControlDesk;
using BookPoint = control::ClaimBook::Point;

// A command that was handed to the kernel may be so long on its way.
constexpr Duration on_its_way = 15s;
// What the clocks of the gateway may be wrong, and how late it may notice.
constexpr Duration late = 1s;
constexpr double clock_error = 0.0005;

constexpr std::array<std::string_view, 3> controller_names{"feed-in", "own use", "droop"};

template <class Range, class Value, class Projection = std::identity>
bool has(const Range& range, const Value& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

// Its ruling is that of its claims.
bool is_settled(const BookPoint& point) { return point.next != Instant::min(); }

bool same(double a, double b, double resolution) { return std::abs(a - b) <= resolution; }

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

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
    if (desk == nullptr) return;
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
    for (std::size_t i = history.size() - 1; i-- > 0;) {
      // One that has lost its power begins at what its register shows, which is nothing.
      if (leads_there(std::isnan(history[i].value) ? 0 : history[i].value)) return true;
      // The register of one that has fallen back shows what it was told (README.md, "What is not seen").
      if (history[i].since < life.now() - on_its_way && !history[i].by_itself) return false;
    }
    return false;
  }

  static control::ClaimId winner(const BookPoint& p) {
    return p.ruling.winner ? p.claims[*p.ruling.winner].id : control::ClaimId();
  }

  std::array<std::vector<Ruling>, settables> past_;
  std::array<control::ClaimId, settables> winner_{};
};

// Whether the write changed nothing.
bool unmoved(const Life& life, Settable point) {
  const auto& history = life.premises().history(point);
  return history.size() > 1 && history[history.size() - 2].value == history.back().value;
}

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
    const bool may_jump = std::ranges::any_of(past(point), [&](const Ruling& r) {
      const double wanted = r.at_once ? r.value : std::clamp(from, r.least, r.most);
      return r.to >= life.now() - on_its_way && same(wanted, value, e.resolution);
    });
    if (life.stopping() && same(value, e.fail_safe, e.resolution)) return;  // it is left safe
    if (!may_jump) broken(life, "{} was moved from {} to {} at once", e.path, from, value);
  }
};

class OnlyFreshInputs final : public Invariant {
  void look(Life& life) override {
    if (life.gateway() == nullptr) return;
    const Duration age = life.now() - life.premises().served(0);
    if (age <= life.need_age()) return;
    for (const auto& view : life.controllers()) {
      const std::string_view code = view.decision.code;
      if (code.empty() || code.starts_with("blind") || code == "no_battery") continue;
      if (age <= life.need_age() + view.declaration.period + 2s) continue;
      broken(life, "{} decides ({}) by a meter that has not answered for {:.1f} s", view.name, code,
             seconds(age));
    }
  }
};

// Of each device a point that is polled all the time.
std::optional<bus::LiveValue> power_of(const Life& life, std::size_t device) {
  const model::SiteModel& site = life.gateway()->site();
  const auto point = site.find(fmt::format("{}/ActivePower", device_names[device]));
  return point ? life.gateway()->raw_live().value(*point) : std::nullopt;
}

class GoodMeansAnswering final : public Invariant {
  void step(Life& life) override {
    if (life.gateway() == nullptr) return;
    for (std::size_t device = 0; device < devices; ++device) {
      const Duration age = life.now() - life.premises().served(device);
      if (age <= 2 * life.plan().poll + 5s) continue;
      const auto power = power_of(life, device);
      if (power && power->quality.good())
        broken(life, "{} is good, and has not answered for {:.1f} s", device_names[device], seconds(age));
    }
  }
};

class GoodMeansTrue final : public Invariant {
  void take(Life& life, const model::SampleBatch& batch) override {
    const model::SiteModel::Device* device = life.gateway()->site().device(batch.device);
    if (device == nullptr || (device->name != "grid" && device->name != "load")) return;
    const auto point = life.gateway()->site().find(device->name + "/ActivePower");
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!point || batch.index[i] != point->index || !batch.quality[i].good()) continue;
      if (!was_true(life, device->name == "grid", batch.value[i]))
        broken(life, "{} is said to have measured {}", device->name, batch.value[i]);
    }
  }
  static bool was_true(const Life& life, bool grid, double value) {
    const auto& seen = life.premises().seen();
    for (std::size_t i = seen.size(); i-- > 0;) {
      const double truth = grid ? seen[i].grid_w : seen[i].load_w;
      if (std::abs(truth - value) <= 1 + 1e-4 * std::abs(truth)) return true;
      if (seen[i].at < life.now() - 1500ms) return false;  // what came before, the answer can not be of
    }
    return seen.empty();
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

class HealthyAreServed final : public Invariant {
  void step(Life& life) override {
    if (life.gateway() == nullptr) return;
    if (life.gateway()->dropped() > 0) broken(life, "{} batches had no room", life.gateway()->dropped());
    for (std::size_t device = 0; device < devices; ++device) {
      const Instant calm = life.calm_since(device);
      if (calm == never || life.now() - calm < life.recovery()) continue;
      const Duration age = life.now() - life.premises().served(device);
      if (age > life.plan().poll * 3 / 2 + 2s)
        broken(life, "{} is well and was not asked for {:.1f} s", device_names[device], seconds(age));
    }
  }
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

class Balance final : public Invariant {
  void end(Life& life) override {
    if (!life.balanced() || life.gateway() == nullptr) return;
    const auto sum = [&](std::string_view quantity,
                         std::initializer_list<std::size_t> of) -> std::optional<double> {
      double total = 0;
      for (const std::size_t device : of) {
        const auto point = life.gateway()->site().find(fmt::format("{}/{}", device_names[device], quantity));
        const auto value = point ? life.gateway()->raw_live().value(*point) : std::nullopt;
        if (!value || !value->quality.good()) return std::nullopt;
        total += value->value;
      }
      return total;
    };
    const auto grid = sum("ActivePower", {0});
    const auto parts = sum("ActivePower", {1, 2, 3, 4});
    if (grid && parts && std::abs(*grid - *parts) > 20)
      broken(life, "the grid meter shows {} W, its parts add up to {} W", *grid, *parts);
    const auto bought = sum("EnergyImport", {0});
    const auto sold = sum("EnergyExport", {0});
    const auto used = sum("EnergyImport", {1, 4});
    const auto produced = sum("EnergyExport", {2, 3, 4});
    if (bought && sold && used && produced && std::abs((*bought - *sold) - (*used - *produced)) > 200)
      broken(life, "the grid meter counts {} Wh, its parts {} Wh", *bought - *sold, *used - *produced);
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

// The limit holds, and what limits is never released before there is somebody who limits again.
class ExportLimited final : public Invariant {
  void step(Life& life) override {
    const double exported = -life.premises().state().grid.total_power();
    bool calm = life.gateway() != nullptr && !life.premises().frozen();
    for (const std::size_t device : {0U, 2U, 3U, 4U})
      calm =
          calm && life.calm_since(device) != never && life.now() - life.calm_since(device) >= life.recovery();
    const bool above = exported > export_limit_w + 150;
    if (!calm || !above) {
      since_ = never;
      return;
    }
    since_ = std::min(since_, life.now());
    const Duration reaction = 3 * life.plan().poll + 10s;
    if (life.now() - since_ > reaction)
      broken(life, "the site exports {:.0f} W for {:.1f} s", exported, seconds(life.now() - since_));
  }
  void write(Life& life, Settable point) override {
    if ((point != inverter_limit && point != carport_limit) || life.desk() == nullptr || unmoved(life, point))
      return;
    const auto& history = life.premises().history(point);
    const double value = history.back().value;
    if (history.size() < 2 || value <= history[history.size() - 2].value) return;
    if (value <= envelopes[point].fail_safe) return;
    if (has(life.desk()->points()[point].claims, "feed-in", &Claim::owner)) return;
    // It was on its way when the limit ended, and is within it.
    const Limit& last = last_[point];
    if (last.at >= life.now() - on_its_way && value <= last.value + envelopes[point].resolution) return;
    broken(life, "{} was raised to {} while nobody limits the export", envelopes[point].path, value);
  }
  void look(Life& life) override {
    if (life.desk() == nullptr || life.desk()->points().size() != settables) return;
    for (const Settable point : {inverter_limit, carport_limit}) {
      const auto& claims = life.desk()->points()[point].claims;
      const auto limit = std::ranges::find(claims, "feed-in", &Claim::owner);
      if (limit != claims.end()) last_[point] = {life.now(), limit->value};
    }
  }

  struct Limit {
    Instant at = Instant::min();
    double value = 0;
  };
  std::array<Limit, settables> last_{};
  Instant since_ = never;
};

class AllIsWellAgain final : public Invariant {
  void converged(Life& life, std::string_view trouble) override {
    if (!trouble.empty()) broken(life, "after {:.0f} s of calm {}", seconds(life.recovery()), trouble);
  }
};

template <class Check>
constexpr InvariantRow row(int number, std::string_view sentence, Mutation caught) {
  return {number, sentence, []() -> std::unique_ptr<Invariant> { return std::make_unique<Check>(); }, caught};
}

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
    row<OnlyFreshInputs>(5, "no controller decides by a value that is older than its limit",
                         Mutation::patient_controllers),
    row<GoodMeansAnswering>(6, "no value is good two polls after its device stopped answering",
                            Mutation::rare_polls),
    row<GoodMeansTrue>(7, "a good value is what the device truly measured between question and answer",
                       Mutation::garbled_values),
    row<ConfirmedMeansHeld>(8, "what is confirmed, the device held", Mutation::device_that_lies),
    row<HealthyAreServed>(12, "a device that is well is polled in time, whatever becomes of the others",
                          Mutation::slow_neighbours),
    row<ClaimsEnd>(14, "no claim lives longer than it was to live, whatever clocks do",
                   Mutation::claims_live_on),
    row<OnlyWithRight>(15, "no claim stands without the right; each has its record, and the chain verifies",
                       Mutation::right_for_anybody),
    row<OnceOnly>(16, "what must not be done twice reaches the device at most once", Mutation::writes_again),
    row<NeverLate>(17, "a command that is over is not executed, also after a restart",
                   Mutation::claims_made_younger),
    row<Balance>(18, "the meters add up", Mutation::wrong_meter),
    row<ClaimsSurvive>(19, "a claim that was accepted stands over kill -9 until its end",
                       Mutation::claims_forgotten),
    row<OneConfiguration>(21, "all points obey the same configuration", Mutation::mixed_configuration),
    row<ExportLimited>(
        23, "the limit at the grid is exceeded no longer than the reaction time, and not released unseen",
        Mutation::higher_limit),
    row<AllIsWellAgain>(24, "when all faults have ended, all devices are good again",
                        Mutation::device_stays_dead),
};

}  // namespace

void Invariant::tell(Life& life, std::string what) const { life.note_broken(number, std::move(what)); }

std::span<const InvariantRow> invariant_table() { return table; }

}  // namespace iw::life
