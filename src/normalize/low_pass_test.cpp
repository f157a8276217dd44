#include "normalize/low_pass.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "normalize/testing/chance.hpp"

using namespace iw::normalize;

TEST_CASE("the low-pass is the step response of an RC circuit, however uneven the samples") {
  constexpr double tau = 7.5;
  testing::Chance chance(1);
  LowPass low_pass(tau);
  double y = low_pass.filter(0, 0, std::numeric_limits<double>::infinity());
  double t = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double dt = chance.between(1e-6, 4.9 * tau);
    if (t + dt > 30 * tau) {  // discharged: the next step
      t = 0;
      y = 0;
    }
    t += dt;
    y = low_pass.filter(y, 230, dt);
    REQUIRE(y == doctest::Approx(230 * (1 - std::exp(-t / tau))).epsilon(1e-9));
  }
}

TEST_CASE("after five time constants the low-pass begins again") {
  LowPass low_pass(2);
  CHECK(low_pass.filter(100, 230, 10) != 230);
  CHECK(low_pass.filter(100, 230, 10.001) == 230);
}
