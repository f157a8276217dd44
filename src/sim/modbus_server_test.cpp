#include "sim/modbus_server.hpp"

#include <bit>

#include <doctest/doctest.h>

#include "base/crc.hpp"
#include "base/hex.hpp"
#include "sim/seeded_random.hpp"
#include "sim/testing/pipe_network.hpp"

using namespace iw;
using namespace iw::sim;
using iw::io::testing::PipeEnd;
using iw::modbus::UnitId;
using enum iw::modbus::Table;

namespace {

std::vector<std::byte> bytes(std::string_view hex) { return parse_hex(hex).value(); }

std::string with_crc(std::string_view hex) {
  const std::uint16_t crc = crc16_modbus(bytes(hex));
  return fmt::format("{} {:02X} {:02X}", hex, crc & 0xFFU, crc >> 8U);
}

// A server with one device at unit 1 whose holding registers 0..199 hold their own address.
struct Bench {
  explicit Bench(ServerSettings settings = {}) : server(network, random, log, settings) {
    device.bank.add(holding_registers, 0, 200, Access::read_write);
    for (std::uint16_t i = 0; i < 200; ++i)
      device.bank.at(holding_registers, i) = i;
    server.add(UnitId(1), device);
  }
  ~Bench() {
    server.stop();
    executor.run();
    CHECK(server.connections() == 0);
    CHECK(tasks.running() == 0);
  }

  // A connection straight to the server, without a port.
  std::unique_ptr<PipeEnd> connect() {
    auto [ours, theirs] = io::testing::make_pipe(executor);
    tasks.spawn(server.serve(std::move(theirs)));
    return std::move(ours);
  }
  void send(PipeEnd& line, std::string_view hex) {
    static std::vector<std::byte> sent;
    sent = bytes(hex);
    tasks.spawn(write(line, sent));
    executor.run();
  }
  static io::Task<void> write(PipeEnd& line, Bytes what) {
    const auto written = co_await line.write(what);
    (void)written;
  }
  std::string ask(PipeEnd& line, std::string_view hex) {
    send(line, hex);
    return to_hex(line.take_received());
  }
  std::string received(PipeEnd& line) const { return to_hex(line.take_received()); }

  io::testing::ManualExecutor executor;
  testing::PipeNetwork network{executor};
  SeededRandom random{1};
  NullLog log;
  Device device;
  ModbusServer server;
  io::TaskGroup tasks{executor};
};

constexpr const char* read_two = "00 07 00 00 00 06 01 03 00 05 00 02";
constexpr const char* two = "00 07 00 00 00 07 01 03 04 00 05 00 06";

}  // namespace

TEST_CASE("a request over TCP is answered, in dribbles and many at once") {
  Bench b;
  auto line = b.connect();
  CHECK(b.ask(*line, read_two) == two);
  for (const std::byte one : bytes(read_two))
    b.send(*line, to_hex({&one, 1}));
  CHECK(b.received(*line) == two);
  CHECK(b.ask(*line, std::string(read_two) + read_two) == std::string(two) + " " + two);
  CHECK(b.ask(*line, "00 08 00 00 00 06 01 06 00 05 BE EF") == "00 08 00 00 00 06 01 06 00 05 BE EF");
  CHECK(b.device.bank.at(holding_registers, 5) == 0xBEEF);
}

TEST_CASE("a wrong header ends the connection") {
  Bench b;
  auto line = b.connect();
  CHECK(b.ask(*line, "00 07 00 01 00 06 01 03 00 05 00 02").empty());
  CHECK(b.server.connections() == 0);
}

TEST_CASE("over TCP units 0 and 255 are the device itself, another is a missing unit") {
  Bench b;
  auto line = b.connect();
  CHECK(b.ask(*line, "00 07 00 00 00 06 FF 03 00 05 00 01") == "00 07 00 00 00 05 FF 03 02 00 05");
  CHECK(b.ask(*line, "00 07 00 00 00 06 00 03 00 05 00 01") == "00 07 00 00 00 05 00 03 02 00 05");
  CHECK(b.ask(*line, "00 07 00 00 00 06 02 03 00 05 00 01") == "00 07 00 00 00 03 02 83 0B");

  Bench any({.any_unit = true});
  auto other = any.connect();
  CHECK(any.ask(*other, "00 07 00 00 00 06 2A 03 00 05 00 01") == "00 07 00 00 00 05 2A 03 02 00 05");
}

TEST_CASE("a serial line answers its own units, is silent for others, and obeys a broadcast") {
  Bench b({.framing = Framing::rtu});
  auto line = b.connect();
  CHECK(b.ask(*line, with_crc("01 03 00 05 00 02")) == with_crc("01 03 04 00 05 00 06"));
  CHECK(b.ask(*line, with_crc("02 03 00 05 00 02")).empty());
  CHECK(b.ask(*line, "01 03 00 05 00 02 00 00").empty());  // wrong CRC
  b.executor.advance(1s);
  CHECK(b.ask(*line, with_crc("00 06 00 05 00 63")).empty());
  CHECK(b.device.bank.at(holding_registers, 5) == 0x63);
  CHECK(b.ask(*line, with_crc("01 03 00 C8 00 01")) == with_crc("01 83 02"));
}

TEST_CASE("half a request on a serial line is forgotten after silence") {
  Bench b({.framing = Framing::rtu});
  auto line = b.connect();
  b.send(*line, "01 03 00");
  b.executor.advance(1s);
  CHECK(b.ask(*line, with_crc("01 03 00 05 00 02")) == with_crc("01 03 04 00 05 00 06"));
}

TEST_CASE("slow: each reply takes its time, but requests may be sent ahead") {
  Bench b;
  b.device.faults.delay = 200ms;
  auto line = b.connect();
  b.send(*line, read_two);
  b.executor.advance(100ms);
  b.send(*line, read_two);
  b.executor.advance(99ms);
  CHECK(b.received(*line).empty());
  b.executor.advance(1ms);
  CHECK(b.received(*line) == two);
  b.executor.advance(99ms);
  CHECK(b.received(*line).empty());
  b.executor.advance(1ms);
  CHECK(b.received(*line) == two);
}

TEST_CASE("more requests than the server keeps wait in the stream, and none is lost") {
  Bench b;
  b.device.faults.delay = 50ms;
  auto line = b.connect();
  std::string many;
  std::string all;
  for (int i = 0; i < 40; ++i) {
    many += read_two;
    all += (i == 0 ? "" : " ") + std::string(two);
  }
  b.send(*line, many);
  b.executor.advance(1s);
  CHECK(b.received(*line) == all);
}

TEST_CASE("silent: it takes requests and never answers, and then it may answer again") {
  Bench b;
  b.device.faults.silent = true;
  auto line = b.connect();
  b.send(*line, read_two);
  b.executor.advance(1h);
  CHECK(b.received(*line).empty());
  CHECK(b.device.counters.requests == 1);
  b.device.faults = {};
  CHECK(b.ask(*line, read_two) == two);
}

TEST_CASE("late: one reply comes after the client has given up, the next is normal") {
  Bench b;
  b.device.faults.late_rate = 1;
  auto line = b.connect();
  b.send(*line, read_two);
  b.device.faults.late_rate = 0;
  b.executor.advance(1499ms);
  CHECK(b.received(*line).empty());
  b.executor.advance(1ms);
  CHECK(b.received(*line) == two);
  CHECK(b.ask(*line, read_two) == two);
}

TEST_CASE("garbling: exactly one bit of a reply is wrong, at the asked rate, the same for the same seed") {
  const auto garbled = [](double rate) {
    Bench b;
    b.device.faults.garble_rate = rate;
    auto line = b.connect();
    int wrong = 0;
    for (int i = 0; i < 400; ++i) {
      b.send(*line, read_two);
      const auto got = line->take_received();
      const auto right = bytes(two);
      REQUIRE(got.size() == right.size());
      int bits = 0;
      for (std::size_t k = 0; k < got.size(); ++k)
        bits += std::popcount(std::to_integer<unsigned>(got[k] ^ right[k]));
      REQUIRE(bits <= 1);
      wrong += bits;
    }
    return wrong;
  };
  CHECK(garbled(1) == 400);
  CHECK(garbled(0.25) == doctest::Approx(100).epsilon(0.3));
  CHECK(garbled(0.25) == garbled(0.25));
}

TEST_CASE("resetting: every n-th request ends the connection") {
  Bench b;
  b.device.faults.reset_every = 3;
  auto line = b.connect();
  CHECK(b.ask(*line, read_two) == two);
  CHECK(b.ask(*line, read_two) == two);
  CHECK(b.ask(*line, read_two).empty());
  CHECK(b.server.connections() == 0);
  auto again = b.connect();
  CHECK(b.ask(*again, read_two) == two);
}

TEST_CASE("wrong transaction and wrong unit") {
  Bench b;
  auto line = b.connect();
  b.device.faults.wrong_transaction = true;
  CHECK(b.ask(*line, read_two) == "80 07 00 00 00 07 01 03 04 00 05 00 06");
  b.device.faults = {.wrong_unit = true};
  CHECK(b.ask(*line, read_two) == "00 07 00 00 00 07 02 03 04 00 05 00 06");
}

TEST_CASE("dribble: the reply comes byte by byte") {
  Bench b;
  b.device.faults.dribble = true;
  auto line = b.connect();
  b.send(*line, read_two);
  std::string got = b.received(*line);
  CHECK(got == "00");
  for (int i = 0; i < 12; ++i) {
    b.executor.advance(1ms);
    got += " " + b.received(*line);
  }
  CHECK(got == two);
}

TEST_CASE("busy is exception 06") {
  Bench b;
  b.device.faults.busy = true;
  auto line = b.connect();
  CHECK(b.ask(*line, read_two) == "00 07 00 00 00 03 01 83 06");
}

TEST_CASE("one at a time: what is sent before the reply is out is dropped") {
  Bench b;
  b.device.faults.one_at_a_time = true;
  b.device.faults.delay = 20ms;
  auto line = b.connect();
  b.send(*line, std::string(read_two) + read_two);
  b.executor.advance(1s);
  CHECK(b.received(*line) == two);
  b.send(*line, read_two);
  b.executor.advance(1s);
  CHECK(b.received(*line) == two);
}

TEST_CASE("a connection too many is closed at once, and its place can be taken when another ends") {
  Bench b({.max_connections = 1});
  const auto at = b.server.listen({"sim", 0});
  REQUIRE(at);
  b.tasks.spawn(b.server.run());
  auto first = b.network.dial(at->port);
  b.executor.run();
  auto second = b.network.dial(at->port);
  b.executor.run();
  CHECK(b.server.connections() == 1);
  CHECK(b.ask(*second, read_two).empty());
  CHECK(b.ask(*first, read_two) == two);
  first->close();
  b.executor.run();
  auto third = b.network.dial(at->port);
  b.executor.run();
  CHECK(b.ask(*third, read_two) == two);
}

TEST_CASE("a device without power refuses connections for a while, then comes back at the same port") {
  Bench b;
  const auto at = b.server.listen({"sim", 0});
  REQUIRE(at);
  b.server.refuse_for(3s);
  b.tasks.spawn(b.server.run());
  b.executor.advance(2s);
  CHECK(b.network.dial(at->port) == nullptr);
  b.executor.advance(2s);
  auto line = b.network.dial(at->port);
  REQUIRE(line != nullptr);
  b.executor.run();
  CHECK(b.ask(*line, read_two) == two);

  b.server.refuse_for(3s);
  b.executor.run();
  CHECK(b.server.connections() == 0);
  CHECK(b.network.dial(at->port) == nullptr);
  b.executor.advance(4s);
  CHECK(b.network.dial(at->port) != nullptr);
}

TEST_CASE("a gateway asks one unit at a time, and a dead unit costs its time-out for all") {
  Bench b({.bus = BusSettings{}});
  auto line = b.connect();
  auto other = b.connect();
  // 5 + 6 PDU bytes, two unit ids and CRCs, two silences: 24 characters of 1.146 ms, and 5 ms.
  b.send(*line, read_two);
  b.send(*other, read_two);
  b.executor.advance(32ms);
  CHECK(b.received(*line).empty());
  b.executor.advance(1ms);
  CHECK(b.received(*line) == two);
  CHECK(b.received(*other).empty());
  b.executor.advance(33ms);
  CHECK(b.received(*other) == two);

  b.send(*line, "00 09 00 00 00 06 02 03 00 05 00 02");  // nobody
  b.send(*other, read_two);
  b.executor.advance(999ms);
  CHECK(b.received(*line).empty());
  CHECK(b.received(*other).empty());
  b.executor.advance(1ms);
  CHECK(b.received(*line) == "00 09 00 00 00 03 02 83 0B");
  b.executor.advance(33ms);
  CHECK(b.received(*other) == two);

  b.device.faults.silent = true;  // a unit that died
  b.send(*line, read_two);
  b.executor.advance(1s);
  CHECK(b.received(*line) == "00 07 00 00 00 03 01 83 0B");
}

TEST_CASE("stop ends what waits for a reply that is not due for long") {
  Bench b;
  b.device.faults.delay = 1h;
  auto line = b.connect();
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += read_two;
  b.send(*line, many);
  CHECK(b.server.connections() == 1);
  // The destructor of the bench looks whether all has ended.
}
