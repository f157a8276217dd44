#include "formats/exposition.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "formats/point_metrics.hpp"

namespace iw::formats {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

std::string written(ExpositionFormat format) {
  Exposition out(format);
  out.family("iw_requests", MetricType::counter, "", "Requests\nsent.");
  out.sample({{"line", "modbus://a\"b\\c\n"}, {"phase", ""}}, 3);
  out.family("iw_temperature_celsius", MetricType::gauge, "celsius", "How warm it is.");
  out.sample({}, -0.5);
  out.sample({{"site", "Mühle"}}, std::numeric_limits<double>::infinity());
  out.family("iw_build", MetricType::info, "", "Version.");
  out.sample({{"version", "1.0"}}, 1);
  return std::move(out).finish();
}

TEST_CASE("the text format calls a counter as its samples are called, and an info a gauge") {
  CHECK(written(ExpositionFormat::text) ==
        "# HELP iw_requests_total Requests\\nsent.\n"
        "# TYPE iw_requests_total counter\n"
        "iw_requests_total{line=\"modbus://a\\\"b\\\\c\\n\"} 3\n"
        "# HELP iw_temperature_celsius How warm it is.\n"
        "# TYPE iw_temperature_celsius gauge\n"
        "iw_temperature_celsius -0.5\n"
        "iw_temperature_celsius{site=\"Mühle\"} +Inf\n"
        "# HELP iw_build_info Version.\n"
        "# TYPE iw_build_info gauge\n"
        "iw_build_info{version=\"1.0\"} 1\n");
}

TEST_CASE("OpenMetrics has units, infos and an end") {
  const std::string text = written(ExpositionFormat::open_metrics);
  CHECK(text.contains("# TYPE iw_requests counter\niw_requests_total{"));
  CHECK(text.contains("# UNIT iw_temperature_celsius celsius\n"));
  CHECK(text.contains("# TYPE iw_build info\niw_build_info{"));
  CHECK(text.ends_with("# EOF\n"));
}

TEST_CASE("a scraper gets what it likes better, and the text format when it does not say") {
  using enum ExpositionFormat;
  CHECK(exposition_format("") == text);
  CHECK(exposition_format("*/*") == text);
  CHECK(exposition_format("text/html,application/xhtml+xml,*/*;q=0.8") == text);
  CHECK(exposition_format("application/openmetrics-text;version=1.0.0,"
                          "application/openmetrics-text;version=0.0.1;q=0.75,"
                          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1") == open_metrics);
  CHECK(exposition_format("application/openmetrics-text; version=1.0.0; q=0.2, text/plain;q=0.3") == text);
  CHECK(exposition_format("application/openmetrics-text;q=0") == text);
}

TEST_CASE("a histogram counts what is within each bound, and all") {
  Exposition out(ExpositionFormat::text);
  out.family("wait_seconds", MetricType::histogram, "seconds", "How long.");
  const std::array bounds{0.5, 1.0};
  const std::array<std::uint64_t, 3> counts{4, 0, 2};
  out.histogram({{"device", "pv"}}, bounds, counts, 7.5);
  CHECK(std::move(out).finish() ==
        "# HELP wait_seconds How long.\n# TYPE wait_seconds histogram\n"
        "wait_seconds_bucket{device=\"pv\",le=\"0.5\"} 4\nwait_seconds_bucket{device=\"pv\",le=\"1.0\"} 4\n"
        "wait_seconds_bucket{device=\"pv\",le=\"+Inf\"} 6\n"
        "wait_seconds_sum{device=\"pv\"} 7.5\nwait_seconds_count{device=\"pv\"} 6\n");
}

const Catalog catalog{.site_name = "Mill",
                      .points = {{.alias = 0,
                                  .path = "roof/ActivePower.A",
                                  .asset_name = "roof",
                                  .quantity = "ActivePower",
                                  .unit = "W",
                                  .phase = model::Phase::A,
                                  .cim_class = "Analog"},
                                 {.alias = 1,
                                  .path = "roof/EnergyExport",
                                  .asset_name = "roof",
                                  .quantity = "EnergyExport",
                                  .unit = "Wh",
                                  .cim_class = "Accumulator"},
                                 {.alias = 2,
                                  .path = "store/ActivePower",
                                  .asset_name = "store",
                                  .quantity = "ActivePower",
                                  .unit = "W",
                                  .cim_class = "Analog"}}};

TEST_CASE("a metric is called as its quantity, with its unit; one that counts up is a counter") {
  CHECK(metric_of(catalog.points[0]).sample() == "interwatt_active_power_watts");
  CHECK(metric_of(catalog.points[1]).sample() == "interwatt_energy_export_watthours_total");
  const auto name = [](std::string quantity, std::string unit) {
    return metric_of({.quantity = std::move(quantity), .unit = std::move(unit), .cim_class = "Analog"})
        .family;
  };
  CHECK(name("Voltage.LN", "V") == "interwatt_voltage_ln_volts");
  CHECK(name("StateOfCharge", "%") == "interwatt_state_of_charge_percent");
  CHECK(name("PowerFactor", "") == "interwatt_power_factor");
  CHECK(name("AirTemperature", "°C") == "interwatt_air_temperature_celsius");
  CHECK(name("Count", "") == "interwatt_number");  // "_count" is a histogram's
}

TEST_CASE("values of the present are shown, and the quality of all says why others are not") {
  const auto rendered = [](Quality quality) {
    Exposition out(ExpositionFormat::text);
    put_points(
        catalog,
        [&](const CatalogPoint& point) -> std::optional<Present> {
          if (point.alias == 2) return std::nullopt;  // never heard of
          return Present{.value = 230.5, .quality = quality, .age = 1500ms};
        },
        out);
    return std::move(out).finish();
  };
  const std::string good = rendered({});
  CHECK(
      good.contains("interwatt_active_power_watts{site=\"Mill\",asset=\"roof\",point=\"ActivePower.A\","
                    "unit=\"W\",phase=\"A\"} 230.5\n"));
  CHECK(good.contains("interwatt_energy_export_watthours_total{"));
  CHECK(good.contains("interwatt_point_quality{site=\"Mill\",asset=\"roof\",point=\"ActivePower.A\"} 0\n"));
  CHECK(good.contains(
      "interwatt_point_age_seconds{site=\"Mill\",asset=\"roof\",point=\"ActivePower.A\"} 1.5\n"));
  CHECK(!good.contains("store"));
  for (const Quality old : {Quality(Validity::questionable).with(Detail::old_data),
                            Quality(Validity::invalid).with(Detail::failure)}) {
    const std::string stale = rendered(old);
    CHECK(!stale.contains("230.5"));
    CHECK(stale.contains("interwatt_point_quality{"));
  }
  CHECK(rendered(Quality(Validity::questionable).with(Detail::out_of_range)).contains("230.5"));
}

}  // namespace
}  // namespace iw::formats
