#include "normalize/settings.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::normalize;
using model::Quantity;

TEST_CASE("every default is one that may be asked for") {
  for (const model::QuantityInfo& row : model::quantities()) {
    CAPTURE(row.name);
    CHECK(check(row.quantity, default_settings(row.quantity)));
  }
}

TEST_CASE("counters and states are never filtered") {
  for (const Quantity quantity : {Quantity::EnergyImport, Quantity::PulseCount, Quantity::OperatingState,
                                  Quantity::ActivePowerSetpoint, Quantity::AlarmWord}) {
    for (const auto& change :
         {+[](Settings& s) { s.outlier_sigmas = 3; }, +[](Settings& s) { s.stuck_after = 1s; },
          +[](Settings& s) { s.time_constant = 1s; }}) {
      Settings settings = default_settings(quantity);
      change(settings);
      CHECK_FALSE(check(quantity, settings));
    }
  }
}

TEST_CASE("limits that make no sense are refused with a remedy") {
  const auto refused = [](Quantity quantity, void (*change)(Settings&)) {
    Settings settings = default_settings(quantity);
    change(settings);
    const auto result = check(quantity, settings);
    return !result && !result.error().remedy.empty();
  };
  CHECK(refused(Quantity::Frequency, [](Settings& s) { s.minimum = 1, s.maximum = 0; }));
  CHECK(refused(Quantity::Frequency, [](Settings& s) { s.max_rate = -1; }));
  CHECK(refused(Quantity::Frequency, [](Settings& s) { s.scale = 0; }));
  CHECK(refused(Quantity::Frequency, [](Settings& s) { s.modulus = 1e6; }));
  CHECK(refused(Quantity::OperatingState, [](Settings& s) { s.gap_limit = 1min; }));
}
