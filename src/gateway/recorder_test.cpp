#include "gateway/recorder.hpp"

#include <algorithm>
#include <optional>

#include <doctest/doctest.h>

#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr model::DeviceId meter{1};

model::DeviceDescription meter_points() {
  return {.device = meter,
          .name = "meter",
          .identity = {},
          .points = {{.name = {.quantity = model::Quantity::ActivePower}},
                     {.name = {.quantity = model::Quantity::EnergyImport}}}};
}

// A gateway's core and storage on one executor whose time is the test's.
struct Life {
  explicit Life(const std::string& folder) : site(model::Mrid{}) {
    auto historian = historian::Historian::open(files, {.folder = folder}, executor.now());
    REQUIRE(historian.has_value());
    recorder.emplace(Recorder::Executors{.core = executor, .storage = executor}, std::move(*historian), log);
    recorder->restore_counters(normalizer);
    REQUIRE(site.add_device(meter, "meter").has_value());
    REQUIRE(site.describe(meter_points()).has_value());
    std::vector<Normalizer::Point> points;
    for (const auto& placed : site.device(meter)->points) {
      const model::Quantity quantity = placed.point.name.quantity;
      points.push_back({.mrid = placed.mrid,
                        .how = {.quantity = quantity, .settings = normalize::default_settings(quantity)}});
    }
    normalizer.describe(meter, std::move(points));
    recorder->describe(*site.device(meter));
  }

  void poll(double power, double energy) {
    executor.advance(1s);
    model::SampleBatch raw{.device = meter,
                           .source_time = executor.clock().wall_now(),
                           .received = executor.now(),
                           .index = {},
                           .value = {},
                           .quality = {},
                           .texts = {}};
    raw.add(0, power, {});
    raw.add(1, energy, {});
    recorder->record(raw, normalizer.apply(raw), normalizer);
  }

  io::posix::PosixFiles files;
  io::testing::CaptureLog log;
  io::testing::ManualExecutor executor;
  model::SiteModel site;
  Normalizer normalizer;
  std::optional<Recorder> recorder;
};

historian::Samples history(const std::string& folder, std::string_view path, bool as_measured = false) {
  io::posix::PosixFiles files;
  auto reader = historian::Reader::open(files, folder);
  REQUIRE(reader.has_value());
  const auto& series = reader->series();
  const auto found = std::ranges::find(series, path, &historian::SeriesInfo::path);
  REQUIRE(found != series.end());
  const historian::SeriesId id(static_cast<std::uint32_t>(found - series.begin()));
  const historian::Range always{.from_ms = 0, .to_ms = std::int64_t{1} << 42U};
  auto samples = as_measured ? reader->as_measured(id, always) : reader->raw(id, always);
  REQUIRE(samples.has_value());
  return *samples;
}

// How many series there are.
std::size_t series_in(const std::string& folder) {
  io::posix::PosixFiles files;
  return historian::Reader::open(files, folder).value().series().size();
}

}  // namespace

TEST_CASE("what was normalised is read by another process while the gateway runs, and after its end") {
  const io::testing::TemporaryFolder folder;
  const std::string history_folder = folder / "history";
  Life life(history_folder);
  for (int i = 0; i < 5; ++i)
    life.poll(100 + i, 1000 + i);
  life.executor.advance(2s);
  const historian::Samples power = history(history_folder, "meter/ActivePower");
  CHECK(power.value == std::vector<double>{100, 101, 102, 103, 104});
  CHECK(power.time_ms[1] - power.time_ms[0] == 1000);
  CHECK(life.recorder->status().recorded == 10);
  CHECK(life.recorder->status().durable == life.recorder->status().last);

  life.poll(7, 1100);
  bool stopped = false;
  life.recorder->stop([&] { stopped = true; });
  life.executor.run();
  CHECK(stopped);
  CHECK(history(history_folder, "meter/EnergyImport").value.back() == 1100);
}

TEST_CASE("values of the past take their place in the history, each time once") {
  const io::testing::TemporaryFolder folder;
  const std::string history_folder = folder / "history";
  Life life(history_folder);
  life.poll(100, 1000);
  const WallTime before = life.executor.clock().wall_now();
  life.executor.advance(10min);
  life.poll(200, 1010);
  bus::PastValues past{.point = {meter, 0}};
  for (int minute = 1; minute < 10; ++minute) {
    past.time.push_back(before + minute * 1min);
    past.value.push_back(100 + 10 * minute);
    past.quality.push_back(model::Quality().with(model::Detail::historical));
  }
  life.recorder->record_past(past, life.normalizer);
  life.recorder->record_past(past, life.normalizer);
  life.executor.advance(2s);
  const historian::Samples power = history(history_folder, "meter/ActivePower");
  CHECK(power.value == std::vector<double>{100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200});
  CHECK(std::ranges::is_sorted(power.time_ms));
}

TEST_CASE("a meter that is changed while the gateway is down goes on where its history ended") {
  const io::testing::TemporaryFolder folder;
  const std::string history_folder = folder / "history";
  {
    Life life(history_folder);
    for (int i = 0; i < 10; ++i)
      life.poll(0, 5000 + i);  // noted with the first of them
    life.executor.advance(1s);
  }  // no stop: as after a kill
  Life life(history_folder);
  life.executor.advance(1min);
  life.poll(0, 0);
  life.poll(0, 1);
  life.poll(0, 2);
  life.executor.advance(1s);
  const historian::Samples energy = history(history_folder, "meter/EnergyImport");
  CHECK(energy.value.back() == 5011);
  CHECK(std::ranges::is_sorted(energy.value));
}

TEST_CASE("a counter that was reset goes on after a kill where it was") {
  const io::testing::TemporaryFolder folder;
  const std::string history_folder = folder / "history";
  {
    Life life(history_folder);
    life.poll(0, 5000);
    life.poll(0, 0);  // the meter is reset, and the next reading confirms it
    life.poll(0, 1);
    life.executor.advance(1s);
  }  // no stop: as after a kill
  Life life(history_folder);
  life.executor.advance(1min);
  life.poll(0, 2);
  life.executor.advance(1s);
  const historian::Samples energy = history(history_folder, "meter/EnergyImport");
  CHECK(energy.value.back() == 5002);
}

TEST_CASE("where normalisation changes the number, that of the device is kept beside it") {
  const io::testing::TemporaryFolder folder;
  const std::string history_folder = folder / "history";
  {
    Life life(history_folder);
    for (int i = 0; i < 3; ++i)
      life.poll(100, 5000 + i);
    life.executor.advance(1s);
    CHECK(series_in(history_folder) == 2);  // nothing was changed so far
    for (int i = 0; i < 3; ++i)
      life.poll(100, i);  // the meter is reset
    life.executor.advance(1s);
    CHECK(series_in(history_folder) == 3);  // that of the register; the power is what the device gave
  }  // no stop: as after a kill
  Life life(history_folder);
  life.executor.advance(1min);
  life.poll(100, 3);
  life.executor.advance(1s);
  CHECK(history(history_folder, "meter/EnergyImport").value.back() == 5005);
  CHECK(history(history_folder, "meter/EnergyImport", true).value ==
        std::vector<double>{5000, 5001, 5002, 0, 1, 2, 3});
  CHECK(history(history_folder, "meter/ActivePower", true).value == std::vector<double>(7, 100.0));
  CHECK(series_in(history_folder) == 3);
}
