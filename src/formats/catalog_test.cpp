#include <doctest/doctest.h>

#include "formats/telemetry.hpp"

namespace iw::formats {
namespace {

using model::Phase;
using model::Quantity;

TEST_CASE("a reading type says what is measured, in the 18 fields of IEC 61968-9") {
  CHECK(reading_type(Quantity::ActivePower, Phase::A) == "0.0.0.12.0.1.37.0.0.0.0.0.0.0.128.0.38.0");
  CHECK(reading_type(Quantity::EnergyImport, Phase::none) == "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.0.72.0");
  CHECK(reading_type(Quantity::EnergyExport, Phase::none) == "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.0.72.0");
  CHECK(reading_type(Quantity::DemandMax, Phase::none) == "0.8.0.6.1.1.8.0.0.0.0.0.0.0.0.0.38.0");
  CHECK(reading_type(Quantity::VoltageLN, Phase::BN) == "0.0.0.12.0.1.54.0.0.0.0.0.0.0.65.0.29.0");
  CHECK(reading_type(Quantity::AirTemperature, Phase::none) == "0.0.0.12.0.0.46.0.0.0.0.0.0.0.0.0.23.0");
  CHECK(reading_type(Quantity::BatteryState, Phase::none).empty());
}

TEST_CASE("the catalogue of a site has the wanted points, numbered from 0") {
  model::SiteModel site(*model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10"));
  const model::DeviceId device(1);
  REQUIRE(site.add_device(device, "roof"));
  model::DeviceDescription description{.device = device, .name = "roof", .identity = {}, .points = {}};
  description.points.push_back({.name = {.quantity = Quantity::Frequency}});
  description.points.push_back({.name = {.quantity = Quantity::VoltageLN, .phase = Phase::A}});
  description.points.push_back({.name = {.quantity = Quantity::ActivePowerSetpoint},
                                .role = "battery",
                                .writable = true,
                                .minimum = -5000,
                                .maximum = 5000});
  REQUIRE(site.describe(description));

  const Catalog catalog = catalog_of(site, [](std::string_view path) { return path != "roof/Frequency"; });
  CHECK(catalog.site == site.site());
  REQUIRE(catalog.points.size() == 2);

  const CatalogPoint& voltage = catalog.points[0];
  CHECK(voltage.alias == 0);
  CHECK(voltage.path == "roof/Voltage.LN.A");
  CHECK(voltage.mrid == site.mrid({.device = device, .index = 1}));
  CHECK(voltage.quantity == "Voltage.LN");
  CHECK(voltage.unit == "V");
  CHECK(voltage.phase == Phase::AN);
  CHECK(voltage.cim_class == "Analog");
  CHECK(voltage.measurement_type == "PhaseVoltage");
  CHECK(voltage.reading_type == "0.0.0.12.0.1.54.0.0.0.0.0.0.0.129.0.29.0");
  CHECK(!voltage.writable);

  const CatalogPoint& setpoint = catalog.points[1];
  CHECK(setpoint.alias == 1);
  CHECK(setpoint.asset_name == "roof-battery");
  CHECK(setpoint.asset_kind == "battery");
  CHECK(setpoint.asset == model::asset_mrid(site.site(), "roof-battery"));
  CHECK(setpoint.writable);
  CHECK(setpoint.minimum == -5000);
  CHECK(setpoint.maximum == 5000);
}

}  // namespace
}  // namespace iw::formats
