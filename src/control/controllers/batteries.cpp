#include "control/controllers/batteries.hpp"

#include <algorithm>
#include <set>

#include "control/controllers/points.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

// A battery that was empty, or full, works again when it is so far from it, in percent.
constexpr double back_at = 1;

// Charge moves slowly: a value of the rate class "slow" is good for control.
constexpr Duration oldest_soc = 2min;

}  // namespace

const std::array<Word<SplitBy>, 3> split_words{{{"capability", SplitBy::capability},
                                                {"state_of_charge", SplitBy::state_of_charge},
                                                {"equal", SplitBy::equal}}};

const Record<BatteryParameters>& battery_record() {
  using B = BatteryParameters;
  static const auto record =
      Record<B>()
          .required("asset", &B::asset, text(), "has ActivePower, StateOfCharge and ActivePowerSetpoint")
          .optional("power", &B::power, point_path(), "its power, where another asset has it: a hybrid's")
          .optional("state_of_charge", &B::state_of_charge, point_path(), "likewise")
          .optional("setpoint", &B::setpoint, point_path(), "likewise")
          .required("max_charge_w", &B::max_charge_w, number(0), "it is charged with at most")
          .required("max_discharge_w", &B::max_discharge_w, number(0), "it is discharged with at most")
          .optional("capacity_wh", &B::capacity_wh, number(1), "weighs its state of charge against others")
          .optional("min_soc_percent", &B::min_soc_percent, number(0, 100), "not discharged below")
          .optional("max_soc_percent", &B::max_soc_percent, number(0, 100), "not charged above")
          .optional("beside", &B::beside, point_path(),
                    "of a hybrid inverter: the power of the other unit of its connection")
          .optional("connection_w", &B::connection_w, number(1), "what that connection carries, either way")
          .place(&B::place);
  return record;
}

void check(const BatteriesParameters& parameters, Findings& findings) {
  check_count(parameters.place, "batteries", parameters.batteries.size(), findings);
  std::set<std::string_view> assets;
  for (const BatteryParameters& battery : parameters.batteries) {
    if (battery.min_soc_percent >= battery.max_soc_percent) {
      findings.error(place_of(battery.place, "min_soc_percent"),
                     "min_soc_percent is not below max_soc_percent");
    }
    if (battery.beside.empty() == battery.connection_w.has_value())
      findings.error(place_of(battery.place, "asset"), "beside and connection_w belong together");
    if (!assets.insert(battery.asset).second) {
      findings.error(place_of(battery.place, "asset"), fmt::format("'{}' is there twice", battery.asset));
    }
  }
}

Batteries::Batteries(const BatteriesParameters& parameters) : by_(parameters.split) {
  for (const BatteryParameters& battery : parameters.batteries)
    all_.push_back({.parameters = battery});
}

void Batteries::declare(Declaration& declaration) {
  first_input_ = declaration.inputs.size();
  first_output_ = declaration.outputs.size();
  for (const One& battery : all_) {
    const BatteryParameters& p = battery.parameters;
    const auto path = [&](const std::string& given, std::string_view usual) {
      return given.empty() ? fmt::format("{}/{}", p.asset, usual) : given;
    };
    declaration.inputs.push_back({.path = path(p.power, "ActivePower")});
    declaration.inputs.push_back({.path = path(p.state_of_charge, "StateOfCharge"), .oldest = oldest_soc});
    if (!p.beside.empty()) declaration.inputs.push_back({.path = p.beside});
    declaration.outputs.push_back({.path = path(p.setpoint, "ActivePowerSetpoint")});
  }
}

void Batteries::see(Inputs inputs) {
  seen_ = 0;
  power_w_ = can_charge_w_ = can_discharge_w_ = 0;
  double stored = 0;
  double capacity = 0;
  std::size_t next = first_input_;
  for (One& battery : all_) {
    const BatteryParameters& p = battery.parameters;
    const auto& power = inputs[next++];
    const auto& soc = inputs[next++];
    battery.seen = power.has_value() && soc.has_value();
    if (!p.beside.empty()) {
      const auto& neighbour = inputs[next++];
      battery.room =
          room_beside(neighbour ? std::optional(neighbour->value()) : std::nullopt, *p.connection_w);
    }
    if (!battery.seen) continue;
    ++seen_;
    battery.soc = soc->value();
    battery.empty =
        battery.soc <= p.min_soc_percent || (battery.empty && battery.soc < p.min_soc_percent + back_at);
    battery.full =
        battery.soc >= p.max_soc_percent || (battery.full && battery.soc > p.max_soc_percent - back_at);
    power_w_ += power->value();
    const Part can = part(battery, true);
    can_charge_w_ += can.highest;
    can_discharge_w_ -= can.lowest;
    stored += battery.soc * p.capacity_wh;
    capacity += p.capacity_wh;
  }
  soc_ = capacity > 0 ? stored / capacity : 0;
}

Part Batteries::part(const One& battery, bool charging) const {
  const BatteryParameters& p = battery.parameters;
  const double charge = std::clamp(battery.room.highest, 0.0, p.max_charge_w);
  const double discharge = std::clamp(-battery.room.lowest, 0.0, p.max_discharge_w);
  return part_of({.max_charge_w = battery.full ? 0 : charge,
                  .max_discharge_w = battery.empty ? 0 : discharge,
                  .capacity_wh = p.capacity_wh,
                  .min_soc = p.min_soc_percent,
                  .max_soc = p.max_soc_percent,
                  .soc = battery.soc},
                 by_, charging);
}

std::span<const Batteries::Share> Batteries::shares(double total_w) {
  std::array<Part, most_parts> parts;
  std::array<double, most_parts> powers;
  std::size_t n = 0;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!all_[i].seen) continue;
    parts[n] = part(all_[i], total_w > 0);
    shares_[n++].output = first_output_ + i;
  }
  split(total_w, std::span(parts).first(n), std::span(powers).first(n));
  for (std::size_t i = 0; i < n; ++i)
    shares_[i].power_w = powers[i];
  return std::span(shares_).first(n);
}

}  // namespace iw::control
