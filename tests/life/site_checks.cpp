// The checks of what is measured, and of the site as a whole.

#include <array>
#include <optional>

#include "checks.hpp"

namespace iw::life {
namespace {

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
    if (has(life.desk()->points()[point].claims, "feed-in", &control::Claim::owner)) return;
    // It was on its way when the limit ended, and is within what that was lately.
    const auto allowed = [&](const Limit& limit) {
      return limit.at >= life.now() - on_its_way && value <= limit.value + envelopes[point].resolution;
    };
    if (std::ranges::any_of(lately_[point], allowed)) return;
    broken(life, "{} was raised to {} while nobody limits the export", envelopes[point].path, value);
  }
  void look(Life& life) override {
    if (life.desk() == nullptr || life.desk()->points().size() != settables) return;
    for (const Settable point : {inverter_limit, carport_limit}) {
      const auto& claims = life.desk()->points()[point].claims;
      const auto limit = std::ranges::find(claims, "feed-in", &control::Claim::owner);
      if (limit == claims.end()) continue;
      auto& lately = lately_[point];
      if (lately.empty() || lately.back().value != limit->value) lately.push_back({.value = limit->value});
      lately.back().at = life.now();
      std::erase_if(lately, [&](const Limit& each) { return each.at < life.now() - on_its_way; });
    }
  }

  struct Limit {
    Instant at = Instant::min();
    double value = 0;
  };
  std::array<std::vector<Limit>, settables> lately_;
  Instant since_ = never;
};

class AllIsWellAgain final : public Invariant {
  void converged(Life& life, std::string_view trouble) override {
    if (!trouble.empty()) broken(life, "after {:.0f} s of calm {}", seconds(life.recovery()), trouble);
  }
};

constexpr std::array table{
    row<OnlyFreshInputs>(5, "no controller decides by a value that is older than its limit",
                         Mutation::patient_controllers),
    row<GoodMeansAnswering>(6, "no value is good two polls after its device stopped answering",
                            Mutation::rare_polls),
    row<GoodMeansTrue>(7, "a good value is what the device truly measured between question and answer",
                       Mutation::garbled_values),
    row<HealthyAreServed>(12, "a device that is well is polled in time, whatever becomes of the others",
                          Mutation::slow_neighbours),
    row<Balance>(18, "the meters add up", Mutation::wrong_meter),
    row<ExportLimited>(
        23, "the limit at the grid is exceeded no longer than the reaction time, and not released unseen",
        Mutation::higher_limit),
    row<AllIsWellAgain>(24, "when all faults have ended, all devices are good again",
                        Mutation::device_stays_dead),
};

}  // namespace

std::span<const InvariantRow> site_checks() { return table; }

}  // namespace iw::life
