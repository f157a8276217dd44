// The first-order low-pass for samples at uneven times: y += alpha (x - y) with alpha = 1 - exp(-dt / tau),
// which is exactly an RC circuit whose input is held between the samples.
#pragma once

#include <cmath>

namespace iw::normalize {

// After so many time constants nothing of the old value is left (0.7 %): begin again.
constexpr double longest_memory = 5;

// alpha of one time constant. Points that share it are read together, so the last dt is mostly the next: the
// exponential is computed once for a batch.
class LowPass {
 public:
  LowPass() = default;
  explicit LowPass(double tau_s) : tau_(tau_s) {}

  [[nodiscard]] bool enabled() const { return tau_ > 0; }

  // dt in seconds since the sample that gave y; infinite when there is none.
  double filter(double y, double x, double dt) {
    if (dt > longest_memory * tau_) return x;
    if (dt != dt_) {
      dt_ = dt;
      alpha_ = -std::expm1(-dt / tau_);
    }
    return y + alpha_ * (x - y);
  }

 private:
  double tau_ = 0;
  double dt_ = 0;
  double alpha_ = 0;
};

}  // namespace iw::normalize
