// DemoPast: what the site of the demonstration did before it was started, from the same physics: its main
// values, for the history, so that charts have something to show at once.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "gateway/gateway.hpp"
#include "sim/site_physics.hpp"

namespace iw::gateway {

struct DemoPast {
  struct Series {
    std::string path;  // "grid meter/ActivePower"
    std::vector<double> value;
  };
  std::vector<WallTime> time;
  std::vector<Series> series;
  double soc = 0;  // of the battery, at its end
};

// The span before `now`, of a site that begins then as `site` says.
DemoPast demo_past(sim::SiteSettings site, WallTime now, Duration span, Duration step);

// Tells a gateway the past of its points, each as soon as its device has said that it has it.
class DemoPastTeller final : private io::Timer {
 public:
  DemoPastTeller(DemoPast past, io::Executor& core, Gateway& gateway);

 private:
  void on_timer() override;
  bool tell(const DemoPast::Series& series);

  DemoPast past_;
  io::Executor& core_;
  Gateway& gateway_;
};

}  // namespace iw::gateway
