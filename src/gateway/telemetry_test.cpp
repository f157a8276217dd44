#include "gateway/telemetry.hpp"

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"

namespace iw::gateway {
namespace {

using model::DeviceId;
using model::Quantity;

struct World {
  io::testing::ManualExecutor core;
  model::SiteModel site{*model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10")};
  std::vector<std::shared_ptr<const formats::Catalog>> catalogs;
  std::vector<formats::Batch> batches;
  Telemetry telemetry{core,
                      site,
                      {.site_name = "Mühle",
                       .wanted = [](std::string_view path) { return path != "roof/Frequency"; },
                       .every = 250ms},
                      {.on_catalog = [this](auto catalog) { catalogs.push_back(std::move(catalog)); },
                       .on_batch = [this](formats::Batch batch) { batches.push_back(std::move(batch)); }}};

  void describe(DeviceId id, std::string name, std::vector<Quantity> quantities) {
    if (site.device(id) == nullptr) REQUIRE(site.add_device(id, name));
    model::DeviceDescription description{.device = id, .name = name, .identity = {}, .points = {}};
    for (const Quantity quantity : quantities)
      description.points.push_back({.name = {.quantity = quantity}});
    REQUIRE(site.describe(std::move(description)));
  }

  void sample(DeviceId id, std::uint16_t index, double value) {
    model::SampleBatch batch;
    batch.device = id;
    batch.source_time = WallTime(5s);
    batch.add(index, value, {});
    telemetry.take(batch);
  }
};

constexpr DeviceId roof{1};
constexpr DeviceId store{2};

TEST_CASE("the catalogue goes out before the first batch, and samples are gathered") {
  World world;
  world.describe(roof, "roof", {Quantity::Frequency, Quantity::ActivePower});
  world.core.advance(1s);
  CHECK(world.catalogs.empty());  // nothing to say
  world.sample(roof, 1, 10);
  world.sample(roof, 0, 50);  // not wanted
  world.sample(roof, 1, 11);
  world.core.advance(250ms);
  REQUIRE(world.catalogs.size() == 1);
  CHECK(world.catalogs[0]->site_name == "Mühle");
  CHECK(world.catalogs[0]->version == 1);
  REQUIRE(world.batches.size() == 1);
  CHECK(world.batches[0].value == std::vector<double>{10, 11});
  CHECK(world.batches[0].time_ms == std::vector<std::int64_t>{5000, 5000});
  CHECK(world.batches[0].sequence == 0);
  CHECK(world.batches[0].epoch == world.catalogs[0]->epoch);
  world.core.advance(1s);
  CHECK(world.batches.size() == 1);
}

TEST_CASE("a new device makes a new version of the catalogue") {
  World world;
  world.describe(roof, "roof", {Quantity::ActivePower});
  world.sample(roof, 0, 1);
  world.core.advance(250ms);
  world.describe(store, "store", {Quantity::StateOfCharge});
  world.sample(store, 0, 2);
  world.core.advance(250ms);
  REQUIRE(world.catalogs.size() == 2);
  CHECK(world.catalogs[1]->version == 2);
  CHECK(world.catalogs[1]->points.size() == 2);
  REQUIRE(world.batches.size() == 2);
  CHECK(world.batches[1].catalog_version == 2);
  CHECK(world.batches[1].alias == std::vector<std::uint32_t>{1});
  CHECK(world.batches[1].sequence == 1);
}

TEST_CASE("samples belong to the point that they were of, when its device is described anew before they go") {
  World world;
  world.describe(roof, "roof", {Quantity::ActivePower, Quantity::Current});
  world.sample(roof, 0, 1);
  world.describe(roof, "roof", {Quantity::Current, Quantity::ActivePower});
  world.sample(roof, 0, 2);
  world.core.advance(250ms);
  REQUIRE(world.batches.size() == 1);
  const formats::Batch& batch = world.batches[0];
  REQUIRE(batch.size() == 2);
  CHECK(world.catalogs[0]->points[batch.alias[0]].path == "roof/ActivePower");
  CHECK(world.catalogs[0]->points[batch.alias[1]].path == "roof/Current");
}

TEST_CASE("a device that is described as before makes no new catalogue") {
  World world;
  world.describe(roof, "roof", {Quantity::ActivePower});
  world.sample(roof, 0, 1);
  world.core.advance(250ms);
  world.describe(roof, "roof", {Quantity::ActivePower});
  world.sample(roof, 0, 2);
  world.core.advance(250ms);
  CHECK(world.catalogs.size() == 1);
  CHECK(world.batches.size() == 2);
}

}  // namespace
}  // namespace iw::gateway
