// Batteries: what a controller commands as one: a total goes in, setpoints within what each can do come out.
//
// A battery is named by its asset; its points are <asset>/ActivePower, StateOfCharge and ActivePowerSetpoint,
// unless the configuration says otherwise: a hybrid has them on several assets. One that is not seen takes no
// part: the meter still sees what it does.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/sighted.hpp"
#include "control/split.hpp"

namespace iw::control {

struct BatteryParameters {
  const config::Value* place = nullptr;
  std::string asset;
  std::string power = {};            // paths; empty: of the asset
  std::string state_of_charge = {};  // likewise
  std::string setpoint = {};         // likewise
  double max_charge_w = 0;
  double max_discharge_w = 0;
  double capacity_wh = 10'000;
  double min_soc_percent = 5;
  double max_soc_percent = 100;
  // Of a hybrid inverter: the power of the other unit of its connection, and what that carries either way.
  std::string beside = {};
  std::optional<double> connection_w;
};

struct BatteriesParameters {
  const config::Value* place = nullptr;
  std::vector<BatteryParameters> batteries;
  SplitBy split = SplitBy::capability;
};

const config::Record<BatteryParameters>& battery_record();
extern const std::array<config::Word<SplitBy>, 3> split_words;
void check(const BatteriesParameters& parameters, config::Findings& findings);

class Batteries {
 public:
  explicit Batteries(const BatteriesParameters& parameters);

  // Adds their points, in front of which the controller has others.
  void declare(Declaration& declaration);

  // Takes in what they say now.
  void see(Inputs inputs);
  [[nodiscard]] bool any_seen() const { return seen_ > 0; }
  [[nodiscard]] double power() const { return power_w_; }  // of those seen, + charges
  [[nodiscard]] double can_charge() const { return can_charge_w_; }
  [[nodiscard]] double can_discharge() const { return can_discharge_w_; }
  [[nodiscard]] double soc() const { return soc_; }  // of all seen, by capacity

  // The shares of a total, of those that are seen; most_parts long at most.
  struct Share {
    std::size_t output = 0;
    double power_w = 0;
  };
  std::span<const Share> shares(double total_w);

 private:
  struct One {
    BatteryParameters parameters;
    bool seen = false;
    bool empty = false;
    bool full = false;
    double soc = 0;
    Room room = {};  // that its connection leaves it
  };
  [[nodiscard]] Part part(const One& battery, bool charging) const;

  SplitBy by_;
  std::vector<One> all_;
  std::size_t first_input_ = 0;
  std::size_t first_output_ = 0;
  std::size_t seen_ = 0;
  double power_w_ = 0, can_charge_w_ = 0, can_discharge_w_ = 0, soc_ = 0;
  std::array<Share, most_parts> shares_{};
};

}  // namespace iw::control
