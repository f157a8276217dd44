#include "gateway/outputs.hpp"

#include <doctest/doctest.h>

#include "io/testing/fixed_random.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/scripted_network.hpp"

namespace iw::gateway {
namespace {

using model::DeviceId;
using model::Quantity;

constexpr DeviceId roof{1};

// The other system of an output.
struct Peer {
  std::vector<double> taken;
  std::optional<Error> answers;
  int made = 0;
};

class FakeConnector final : public connectors::Connector {
 public:
  explicit FakeConnector(Peer& peer) : peer_(peer) { ++peer.made; }
  io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> /*catalog*/) override {
    co_return Result<void>{};
  }
  io::Task<Result<void>> deliver(const formats::Batch& batch) override {
    if (peer_.answers) co_return fail(*peer_.answers);
    peer_.taken.insert(peer_.taken.end(), batch.value.begin(), batch.value.end());
    co_return Result<void>{};
  }
  void close() override {}

 private:
  Peer& peer_;
};

OutputPlan plan_for(Peer& peer, std::string name, OutputValues values = OutputValues::all) {
  return {.points = {"*/ActivePower"},
          .values = values,
          .every = 1s,
          .forwarder = {.name = name, .capacity = 3},
          .make = [&peer](io::Network&) { return std::make_unique<FakeConnector>(peer); },
          .identity = name};
}

struct World {
  World() {
    REQUIRE(site.add_device(roof, "roof"));
    model::DeviceDescription description{.device = roof, .name = "roof", .identity = {}, .points = {}};
    description.points.push_back({.name = {.quantity = Quantity::ActivePower}});
    description.points.push_back({.name = {.quantity = Quantity::Frequency}});
    REQUIRE(site.describe(std::move(description)));
  }
  ~World() {
    bool stopped = false;
    outputs.stop([&] { stopped = true; });
    run(3s);
    CHECK(stopped);
  }

  void publish(bus::Bus& bus, double value) const {
    model::SampleBatch batch;
    batch.device = roof;
    batch.add(0, value, {});
    batch.add(1, 50, {});
    bus.publish(batch);
  }
  void run(Duration time) {
    for (; time > 0s; time -= 100ms) {
      core.advance(100ms);
      there.advance(100ms);
    }
  }

  io::testing::ManualExecutor core;
  io::testing::ManualExecutor there;
  io::testing::ScriptedNetwork network{there};
  io::testing::FixedRandom random;
  NullLog log;
  model::SiteModel site{*model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10")};
  bus::Bus all{core};
  bus::Bus changes{core};
  std::vector<std::string> lost;
  std::vector<std::string> told;
  Outputs outputs{
      {.core = core,
       .network = network,
       .random = random,
       .log = log,
       .on_lost = [this](const std::string& name,
                         std::uint64_t samples) { lost.push_back(fmt::format("{} {}", name, samples)); },
       .on_trouble =
           [this](const std::string& name, const std::optional<Error>& trouble) {
             told.push_back(fmt::format("{} {}", name, trouble ? trouble->message : "is there"));
           }},
      site,
      all,
      changes};
};

TEST_CASE("an output gets the points and the values that its plan says") {
  Peer every;
  Peer moved;
  World world;
  world.outputs.apply("Mill", {plan_for(every, "a"), plan_for(moved, "b", OutputValues::changes)});
  world.publish(world.all, 1);
  world.publish(world.all, 2);
  world.publish(world.changes, 2);
  world.run(2500ms);  // a second to gather, and one until the status is asked
  CHECK(every.taken == std::vector<double>{1, 2});
  CHECK(moved.taken == std::vector<double>{2});
  REQUIRE(world.outputs.status().size() == 2);
  CHECK(world.outputs.status()[0].name == "a");
  CHECK(world.outputs.status()[0].forwarder.samples == 2);
  CHECK(world.lost.empty());
}

TEST_CASE("a new configuration leaves outputs that have not changed alone, with what waits for them") {
  Peer kept;
  Peer gone;
  Peer added;
  World world;
  world.outputs.apply("Mill", {plan_for(kept, "kept"), plan_for(gone, "gone")});
  kept.answers = Error{ErrorKind::refused, "nobody listens"};
  world.publish(world.all, 1);
  world.run(1500ms);
  world.outputs.apply("Mill", {plan_for(kept, "kept"), plan_for(added, "added")});
  kept.answers.reset();
  world.publish(world.all, 2);
  world.run(5s);
  CHECK(kept.made == 1);
  CHECK(kept.taken == std::vector<double>{1, 2});
  CHECK(gone.taken == std::vector<double>{1});
  CHECK(added.taken == std::vector<double>{2});
}

TEST_CASE("what an output could not deliver is told, once") {
  Peer peer;
  World world;
  world.outputs.apply("Mill", {plan_for(peer, "a")});
  peer.answers = Error{ErrorKind::refused, "nobody listens"};
  for (int i = 0; i < 5; ++i) {
    world.publish(world.all, i);
    world.run(1s);
  }
  world.run(2s);
  CHECK(world.outputs.status()[0].forwarder.dropped == 2);
  std::uint64_t told = 0;
  for (const std::string& line : world.lost)
    told += std::stoull(line.substr(2));
  CHECK(told == 2);
  peer.answers.reset();
  world.run(60s);
  CHECK(peer.taken.size() == 3);
}

TEST_CASE("that the other system is away is told once, and so is its return") {
  Peer peer;
  World world;
  world.outputs.apply("Mill", {plan_for(peer, "a")});
  world.run(5s);
  CHECK(world.told.empty());  // nothing was tried
  peer.answers = Error{ErrorKind::refused, "nobody listens"};
  world.publish(world.all, 1);
  world.run(10s);
  CHECK(world.told == std::vector<std::string>{"a nobody listens"});
  peer.answers.reset();
  world.run(60s);
  CHECK(world.told == std::vector<std::string>{"a nobody listens", "a is there"});
  peer.answers = Error{ErrorKind::rejected, "bad label"};
  world.publish(world.all, 2);
  world.run(10s);
  CHECK(world.told.size() == 2);  // it is there, and does not like this one
}

TEST_CASE("what was gathered goes out before the end") {
  Peer peer;
  {
    World world;
    world.outputs.apply("Mill", {plan_for(peer, "a")});
    world.publish(world.all, 7);
  }
  CHECK(peer.taken == std::vector<double>{7});
}

}  // namespace
}  // namespace iw::gateway
