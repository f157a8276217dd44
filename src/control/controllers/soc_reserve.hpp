// SocReserve: a battery keeps a reserve: below it, it is not discharged, and if wished charged from wherever;
// above an upper bound it is not charged. A battery whose state of charge is not seen may be at its reserve.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/sighted.hpp"

namespace iw::control {

struct ReserveParameters {
  const config::Value* place = nullptr;
  std::string battery;
  double reserve_percent = 20;
  double full_percent = 100;
  double hysteresis_percent = 2;
  std::optional<double> charge_below_percent;
  double charge_w = 0;
};

struct SocReserveParameters {
  const config::Value* place = nullptr;
  std::vector<ReserveParameters> batteries;
  Duration oldest = 2min;
  Duration period = 5s;
};

const config::Record<SocReserveParameters>& soc_reserve_record();
void check(const SocReserveParameters& parameters, config::Findings& findings);

class SocReserve final : public Sighted {
 public:
  explicit SocReserve(SocReserveParameters parameters);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  struct Held {
    bool low = false;
    bool charging = false;
    bool full = false;
  };

  SocReserveParameters parameters_;
  std::vector<Held> held_;
};

}  // namespace iw::control
