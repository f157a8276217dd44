// LoadShedding: when a power stays above a bound, loads are switched off one after the other, the
// least important first; when there is room for one again, they come back in the opposite order. Each load
// stays off, and on, for its minimum time: compressors and people need that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/sighted.hpp"

namespace iw::control {

struct LoadParameters {
  const config::Value* place = nullptr;
  std::string point;
  double power_w = 0;
  Duration minimum_off = 5min;
  Duration minimum_on = 5min;
};

struct LoadSheddingParameters {
  const config::Value* place = nullptr;
  std::string measured;
  double above_w = 0;
  double margin_w = 0;
  std::vector<LoadParameters> loads;  // the first is the first to go
  Duration shed_delay = 10s;
  Duration restore_delay = 1min;
  Duration oldest = 5s;
  Duration hold_for = 5min;
  Duration period = 1s;
};

const config::Record<LoadSheddingParameters>& load_shedding_record();
void check(const LoadSheddingParameters& parameters, config::Findings& findings);

class LoadShedding final : public Sighted {
 public:
  explicit LoadShedding(LoadSheddingParameters parameters);

  // Which loads are off, so that a restart brings none back.
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::string seen() const override { return {}; }
  Result<void> restore(std::string_view state) override;

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;
  void lose_sight() override;

 private:
  struct Load {
    bool off = false;
    std::optional<Instant> since;  // of the last change; none: on for long, or not seen
  };

  // Whether a condition has held for so long; from then on it counts anew.
  static bool lasted(std::optional<Instant>& since, bool holds, Instant now, Duration delay);
  void shed_next(Instant now);
  void restore_last(double measured, Instant now);

  LoadSheddingParameters parameters_;
  std::vector<Load> loads_;
  std::optional<Instant> above_since_;
  std::optional<Instant> room_since_;
};

}  // namespace iw::control
