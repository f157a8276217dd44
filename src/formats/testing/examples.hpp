// A catalogue and batches in which every field says something, for the tests of the formats.
#pragma once

#include <limits>

#include "formats/telemetry.hpp"

namespace iw::formats::testing {

inline model::Mrid mrid(unsigned n) {
  std::array<std::byte, 16> bytes{std::byte{0x6f}, std::byte{0x1c}};
  bytes.back() = static_cast<std::byte>(n);
  return model::Mrid(bytes);
}

inline Catalog catalog() {
  return {.site = mrid(1),
          .site_name = "Mühle",
          .epoch = 1'750'000'000'000,
          .version = 3,
          .points = {{.alias = 0,
                      .mrid = mrid(10),
                      .path = "roof/ActivePower.A",
                      .asset = mrid(2),
                      .asset_name = "roof",
                      .asset_kind = "inverter",
                      .quantity = "ActivePower",
                      .unit = "W",
                      .phase = model::Phase::A,
                      .component = "mppt2",
                      .reading_type = "0.0.0.12.0.1.37.0.0.0.0.0.0.0.128.0.38.0",
                      .cim_class = "Analog",
                      .measurement_type = "ActivePower",
                      .writable = false},
                     {.alias = 1,
                      .mrid = mrid(11),
                      .path = "roof/OperatingState",
                      .asset = mrid(2),
                      .asset_name = "roof",
                      .asset_kind = "inverter",
                      .quantity = "OperatingState",
                      .cim_class = "Discrete",
                      .measurement_type = "DERStateKind",
                      .texts = {{1, "off"}, {-4, "on"}}},
                     {.alias = 2,
                      .mrid = mrid(12),
                      .path = "roof/EnergyExport",
                      .asset = mrid(2),
                      .asset_name = "roof",
                      .asset_kind = "inverter",
                      .quantity = "EnergyExport",
                      .unit = "Wh",
                      .cim_class = "Accumulator",
                      .measurement_type = "ActiveEnergy"},
                     {.alias = 3,
                      .mrid = mrid(13),
                      .path = "roof/Text.serial",
                      .asset = mrid(2),
                      .asset_name = "roof",
                      .asset_kind = "inverter",
                      .quantity = "Text",
                      .component = "serial",
                      .cim_class = "StringMeasurement",
                      .measurement_type = "Text"},
                     {.alias = 7,
                      .mrid = mrid(14),
                      .path = "store/ActivePowerSetpoint",
                      .asset = mrid(3),
                      .asset_name = "store",
                      .asset_kind = "battery",
                      .quantity = "ActivePowerSetpoint",
                      .unit = "W",
                      .cim_class = "SetPoint",
                      .measurement_type = "ThreePhaseActivePower",
                      .writable = true,
                      .minimum = -5000,
                      .maximum = 0}}};
}

inline Batch batch_head() {
  Batch batch;
  batch.site = mrid(1);
  batch.epoch = 1'750'000'000'000;
  batch.sequence = 17;
  batch.catalog_version = 3;
  return batch;
}

inline Batch batch() {
  using model::Detail;
  using model::Quality;
  using model::Validity;
  Batch batch = batch_head();
  batch.historical = true;
  batch.dropped = 5;
  batch.add(0, 1'750'000'000'250, -4980.5, {});
  batch.add(1, 1'750'000'000'249, -4,
            Quality(Validity::questionable).with(Detail::interpolated).with(Detail::substituted));
  batch.add(2, 1'749'999'999'000, 12'345'678, Quality(Validity::questionable).with(Detail::old_data));
  batch.add(7, 1'750'000'000'250, std::numeric_limits<double>::quiet_NaN(),
            Quality(Validity::invalid).with(Detail::failure).with(Detail::no_connection));
  batch.texts.push_back({.alias = 3, .time_ms = 1'750'000'000'100, .text = "SN-\"12\"", .quality = {}});
  return batch;
}

}  // namespace iw::formats::testing
