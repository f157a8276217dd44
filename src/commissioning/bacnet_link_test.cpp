#include "commissioning/bacnet_link.hpp"

#include <doctest/doctest.h>

#include "commissioning/testing/bacnet_bench.hpp"

using namespace iw;
using namespace iw::commissioning;

namespace {

struct Bench : testing::BacnetBench {
  Bench() { REQUIRE(link.open()); }
  ~Bench() { close_link(); }
  void look(std::optional<bacnet::InstanceRange> range = {}) {
    auto task = [](BacnetLink& l, std::optional<bacnet::InstanceRange> of) -> io::Task<bool> {
      co_await l.look_for(bacnet::global_broadcast, of, 1s);
      co_return true;
    };
    run(task(link, range));
  }
};

}  // namespace

TEST_CASE("a device that answers several times, as through a BBMD and by itself, is one device") {
  Bench b;
  for (int i = 0; i < 3; ++i)
    b.look();
  CHECK(b.link.found().count(1001) == 1);
  CHECK(b.link.found().find(1001)->second.message.max_apdu == 1476);
}

TEST_CASE("two devices of one instance are both found, each at its address") {
  Bench b;
  io::world::Node& other = b.world.add_node("other");
  sim::HvacPhysics hvac;
  sim::AirHandler twin(other.network(), other.random(), hvac, 1001);
  REQUIRE(twin.listen({.host = "0.0.0.0", .port = bacnet::default_port}));
  io::TaskGroup tasks(other.executor());
  tasks.spawn(twin.run());
  b.look();
  CHECK(b.link.found().count(1001) == 2);
  twin.stop();
  CHECK(b.world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
}

TEST_CASE("only who is in the range answers") {
  Bench b;
  b.look(bacnet::InstanceRange{.low = 1, .high = 1000});
  CHECK(b.link.found().empty());
  b.look(bacnet::InstanceRange{.low = 1000, .high = 1001});
  CHECK(b.link.found().size() == 1);
}

TEST_CASE("a device is found by its instance, wherever it is, with what it takes") {
  Bench b;
  const auto found = b.run(b.link.find(bacnet::parse_url("bacnet://?device=1001").value()));
  REQUIRE(found);
  CHECK(found->address == b.url().address());
  CHECK(found->limits.max_apdu == 1476);
  CHECK(found->limits.receives_segments);
  CHECK(b.run(b.link.find(b.url())).has_value());
}

TEST_CASE("a port that another program has is said, and another one taken") {
  testing::BacnetBench b;
  const auto taken = b.tool.network().bind({.host = "0.0.0.0", .port = bacnet::default_port});
  REQUIRE(taken);
  const auto opened = b.link.open();
  REQUIRE(opened);
  CHECK(opened->contains("47808 is in use"));
  b.close_link();
}
