// DemandResponse: a level that a programme orders (SIMPLE of OpenADR: 0 normal to 3 special, or any other)
// lowers what loads and chargers may take. It goes down within `ramp`, and after the event comes back no
// faster than within `recovery`, so that the end of an event makes no new peak.
//
// The level is a point that the client of the programme publishes for as long as its event lasts; an order
// that was received is kept when the client is lost, for `hold_for`, and then recovers as if it had ended.
#pragma once

#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/sighted.hpp"

namespace iw::control {

struct ReducedPoint {
  const config::Value* place = nullptr;
  std::string point;
  double normal_w = 0;
};

struct LevelParameters {
  double level = 1;
  double percent = 100;
};

struct DemandResponseParameters {
  const config::Value* place = nullptr;
  std::string level;
  std::vector<LevelParameters> levels;
  std::vector<ReducedPoint> moves;
  Duration ramp = 1min;
  Duration recovery_delay = 0s;
  Duration recovery = 10min;
  Duration oldest = 1min;
  Duration hold_for = 15min;
  Duration period = 1s;
};

const config::Record<DemandResponseParameters>& demand_response_record();
void check(const DemandResponseParameters& parameters, config::Findings& findings);

class DemandResponse final : public Sighted {
 public:
  explicit DemandResponse(DemandResponseParameters parameters);

  // How far it is down, so that a restart is no recovery.
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::string seen() const override { return {}; }
  Result<void> restore(std::string_view state) override;

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  [[nodiscard]] double percent_of(double level) const;
  void move_toward(double target);

  DemandResponseParameters parameters_;
  double level_ = 0;
  double unseen_s_ = 0;
  double percent_ = 100;  // that is allowed now
  double waited_s_ = 0;   // since the level allows more
};

}  // namespace iw::control
