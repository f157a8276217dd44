#include "sim/fleet.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "sim/testing/pipe_network.hpp"

using namespace iw;
using namespace iw::sim;
using iw::io::testing::PipeEnd;

namespace {

struct Bench {
  explicit Bench(FleetSettings settings) : fleet(network, std::move(settings)) {
    endpoints = fleet.listen().value();
    tasks.spawn(fleet.run());
    executor.run();
  }
  ~Bench() {
    fleet.stop();
    executor.advance(1s);
    CHECK(tasks.running() == 0);
  }
  std::unique_ptr<PipeEnd> connect(std::size_t device) {
    auto line = network.dial(endpoints[device].port);
    executor.run();
    return line;
  }
  std::string ask(PipeEnd& line, std::string_view hex) {
    static std::vector<std::byte> sent;
    sent = parse_hex(hex).value();
    tasks.spawn(write(line, sent));
    executor.run();
    return to_hex(line.take_received());
  }
  static io::Task<void> write(PipeEnd& line, Bytes what) {
    const auto written = co_await line.write(what);
    (void)written;
  }

  io::testing::ManualExecutor executor;
  testing::PipeNetwork network{executor};
  Fleet fleet;
  std::vector<io::Endpoint> endpoints;
  io::TaskGroup tasks{executor};
};

constexpr const char* read_two = "00 07 00 00 00 06 01 03 00 05 00 02";
constexpr const char* two = "00 07 00 00 00 07 01 03 04 00 05 00 06";

}  // namespace

TEST_CASE("a fleet answers reads with registers that count, alone, in dribbles and many at once") {
  Bench b({.devices = 3});
  auto line = b.connect(1);
  CHECK(b.ask(*line, read_two) == two);
  for (const std::byte one : parse_hex("00 07 00 00 00 06 01 03 00 05 00").value())
    b.ask(*line, to_hex({&one, 1}));
  CHECK(b.ask(*line, "02") == two);
  std::string many;
  std::string all = two;
  for (int i = 0; i < 50; ++i)
    many += read_two;
  for (int i = 1; i < 50; ++i)
    all += std::string(" ") + two;
  CHECK(b.ask(*line, many) == all);
  CHECK(b.fleet.answered(1) == 52);
  CHECK(b.fleet.answered(0) == 0);
  CHECK(b.ask(*line, "00 08 00 00 00 06 01 03 00 00 00 01") == "00 08 00 00 00 05 01 03 02 00 35");
  CHECK(b.ask(*line, "00 09 00 00 00 06 01 03 00 00 00 7D").starts_with("00 09 00 00 00 FD 01 03 FA"));
}

TEST_CASE("a fleet takes writes, and refuses what it does not know") {
  Bench b({.devices = 1});
  auto line = b.connect(0);
  CHECK(b.ask(*line, "00 01 00 00 00 06 01 06 00 05 BE EF") == "00 01 00 00 00 06 01 06 00 05 BE EF");
  CHECK(b.fleet.value(0, 5) == 0xBEEF);
  CHECK(b.ask(*line, "00 02 00 00 00 0B 01 10 00 06 00 02 04 12 34 56 78") ==
        "00 02 00 00 00 06 01 10 00 06 00 02");
  CHECK(b.fleet.value(0, 7) == 0x5678);
  CHECK(b.ask(*line, "00 03 00 00 00 06 01 04 00 00 00 01") == "00 03 00 00 00 03 01 84 01");
  CHECK(b.ask(*line, "00 03 00 00 00 06 01 03 00 F9 00 02") == "00 03 00 00 00 03 01 83 02");
  CHECK(b.ask(*line, "00 03 00 00 00 06 01 03 00 00 00 7E") == "00 03 00 00 00 03 01 83 03");
  CHECK(b.ask(*line, "00 03 00 00 00 07 01 10 00 00 00 02 04") == "00 03 00 00 00 03 01 90 03");
  CHECK(b.ask(*line, "00 03 00 00 00 02 01 07") == "00 03 00 00 00 03 01 87 01");
  CHECK(b.ask(*line, "00 03 00 00 FF FF 01 07").empty());  // no frame: hangs up
  CHECK(b.ask(*line, read_two).empty());
}

TEST_CASE("the bad ones of a fleet are spread evenly and behave as told") {
  Bench b({.devices = 20, .silent = 0.1, .delayed = 0.5, .delay = 20ms});
  int silent = 0;
  int delayed = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    silent += b.fleet.behaviour(i) == Fleet::Behaviour::silent ? 1 : 0;
    delayed += b.fleet.behaviour(i) == Fleet::Behaviour::delayed ? 1 : 0;
  }
  CHECK(silent == 2);
  CHECK(delayed == 9);
  for (std::size_t i = 0; i < 20; ++i) {
    auto line = b.connect(i);
    const std::string at_once = b.ask(*line, read_two);
    b.executor.advance(20ms);
    const std::string later = to_hex(line->take_received());
    switch (b.fleet.behaviour(i)) {
      case Fleet::Behaviour::plain: CHECK(at_once == two); break;
      case Fleet::Behaviour::delayed: CHECK((at_once.empty() && later == two)); break;
      case Fleet::Behaviour::silent: CHECK((at_once.empty() && later.empty())); break;
    }
  }
}

TEST_CASE("a delayed device answers what was pipelined and split, each in its time and in order") {
  Bench b({.devices = 1, .delayed = 1, .delay = 20ms});
  auto line = b.connect(0);
  CHECK(b.ask(*line, "00 01 00 00 00 06 01 03 00 05 00 01 00 02 00 00 00 06 01 03 00 06 00 01 00 03 00 00")
            .empty());
  b.executor.advance(10ms);
  CHECK(b.ask(*line, "00 06 01 03 00 07 00 01").empty());  // the rest of the third
  b.executor.advance(10ms);
  CHECK(to_hex(line->take_received()) == "00 01 00 00 00 05 01 03 02 00 05 00 02 00 00 00 05 01 03 02 00 06");
  b.executor.advance(9ms);
  CHECK(to_hex(line->take_received()).empty());
  b.executor.advance(1ms);
  CHECK(to_hex(line->take_received()) == "00 03 00 00 00 05 01 03 02 00 07");
  CHECK(b.fleet.answered(0) == 3);
}

TEST_CASE("a delayed device hangs up on what is no frame, and forgets who has gone") {
  Bench b({.devices = 1, .delayed = 1, .delay = 20ms});
  for (const char* bad : {"00 03 00 00 FF FF 01 07", "00 03 00 01 00 06 01 03", "00 03 00 00 00 01 01 03"}) {
    auto line = b.connect(0);
    CHECK(b.ask(*line, std::string(read_two) + " " + bad).empty());
    CHECK(line->broken().has_value());
    b.executor.advance(20ms);
    CHECK(line->take_received().empty());
  }
  auto gone = b.connect(0);
  b.ask(*gone, read_two);
  gone.reset();
  auto next = b.connect(0);
  b.executor.advance(20ms);
  CHECK(next->take_received().empty());
  CHECK(b.ask(*next, read_two).empty());
  b.executor.advance(20ms);
  CHECK(to_hex(next->take_received()) == two);
}
