#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/fail_nth.hpp"
#include "io/testing/fixed_random.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"
#include "io/testing/scripted_network.hpp"
#include "io/testing/scripted_peer.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::testing;

namespace {

const Endpoint meter{"192.0.2.7", 502};

// Connects, asks, reads `size` bytes, and keeps how that ended.
struct Asking {
  Asking(Executor& executor, Network& on) : tasks(executor), network(on) {}

  void ask(std::string question, std::size_t size) { tasks.spawn(run(std::move(question), size)); }

  Task<void> run(std::string question, std::size_t size) {
    if (!stream) {
      auto connected = co_await network.connect(meter, network.executor().now() + 1s);
      if (!connected) {
        error = connected.error();
        co_return;
      }
      stream = std::move(*connected);
    }
    const auto bytes = parse_hex(question).value();
    auto written = co_await stream->write(bytes);
    if (!written) {
      error = written.error();
      co_return;
    }
    answer.clear();
    std::array<std::byte, 64> buffer{};
    while (answer.size() < size) {
      auto n = co_await stream->read_some(MutableBytes(buffer).first(size - answer.size()));
      if (!n) {
        error = n.error();
        co_return;
      }
      ++reads;
      answer.insert(answer.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
      last = network.executor().now();
    }
  }

  TaskGroup tasks;
  Network& network;
  StreamPtr stream;
  std::vector<std::byte> answer;
  std::optional<Error> error;
  int reads = 0;
  Instant last{};
};

}  // namespace

TEST_CASE("a scripted peer answers at once, later, in dribbles, and ends the connection") {
  ManualExecutor executor;
  ScriptedNetwork network(executor);
  ScriptedPeer device(executor, network.expect_connect(meter));
  device.expect("01 02").reply("03 04");
  device.expect("05").after(80ms).reply("06");
  device.expect("07").dribble("08 09 0A", 1ms);
  device.expect("0B").reset();
  Asking asking(executor, network);
  asking.ask("01 02", 2);
  executor.run();
  CHECK(to_hex(asking.answer) == "03 04");
  CHECK(asking.stream->peer() == "192.0.2.7:502");
  CHECK(network.connects() == 1);

  asking.ask("05", 1);
  executor.advance(79ms);
  CHECK(asking.answer.empty());
  executor.advance(1ms);
  CHECK(to_hex(asking.answer) == "06");

  asking.reads = 0;
  asking.ask("07", 3);
  executor.advance(10ms);
  CHECK(to_hex(asking.answer) == "08 09 0A");
  CHECK(asking.reads == 3);
  CHECK(asking.last == Instant(82ms));

  CHECK_FALSE(device.done());
  asking.ask("0B", 1);
  executor.run();
  CHECK(asking.error->kind == ErrorKind::reset);
  CHECK(device.done());
  CHECK(device.complaints() == "");
  CHECK(network.complaints() == "");
}

TEST_CASE("a scripted peer that closes is seen as closed, and it sees how the driver leaves") {
  ManualExecutor executor;
  ScriptedNetwork network(executor);
  auto end = network.expect_connect(meter);
  ScriptedPeer device(executor, std::move(end));
  Asking asking(executor, network);
  SUBCASE("the device closes") {
    device.expect("01").reply("02").close();
    asking.ask("01", 2);
    executor.run();
    CHECK(to_hex(asking.answer) == "02");
    CHECK(asking.error->kind == ErrorKind::closed);
  }
  SUBCASE("the driver closes") {
    device.expect("01").stay_silent();
    asking.ask("01", 1);
    executor.run();
    CHECK_FALSE(device.left().has_value());
    asking.stream->close();
    executor.run();
    CHECK(asking.error->kind == ErrorKind::cancelled);
    CHECK(device.left() == ErrorKind::closed);
  }
  CHECK(device.complaints() == "");
}

TEST_CASE("complaints show both hexes, what was too much and what did not come") {
  ManualExecutor executor;
  ScriptedNetwork network(executor);
  ScriptedPeer device(executor, network.expect_connect(meter));
  Asking asking(executor, network);
  SUBCASE("another question") {
    device.expect("01 02").reply("03");
    asking.ask("01 03", 1);
    executor.run();
    CHECK(device.complaints() == "expected 01 02\n     got 01 03\n2 steps of the script were not taken\n");
  }
  SUBCASE("too much") {
    device.expect("01").reply("03");
    asking.ask("01 04", 1);
    executor.run();
    CHECK(device.complaints() == "not in the script: 04\n");
  }
  SUBCASE("too little") {
    device.expect("01 02 03").reply("03");
    asking.ask("01 02", 1);
    executor.run();
    CHECK(device.complaints() ==
          "received so far: 01 02\n2 steps of the script were not taken\nnext expected: 01 02 03\n");
  }
  if (asking.stream) asking.stream->close();
  executor.run();
  CHECK_THROWS_AS(device.expect("0G"), std::logic_error);
}

TEST_CASE("a scripted network fails as told, takes its time, and complains of what was not expected") {
  ManualExecutor executor;
  ScriptedNetwork network(executor);
  network.expect_connect(meter, Error{ErrorKind::refused, "nobody listens"});
  network.expect_connect(meter, Error{ErrorKind::timeout, "silence"});
  ScriptedPeer slow(executor, network.expect_connect(meter, 300ms));
  slow.expect("01").reply("02");
  Asking asking(executor, network);
  asking.ask("01", 1);
  CHECK(asking.error->kind == ErrorKind::refused);
  asking.ask("01", 1);
  executor.advance(999ms);
  CHECK(asking.error->kind == ErrorKind::refused);
  executor.advance(1ms);
  CHECK(asking.error->kind == ErrorKind::timeout);
  asking.ask("01", 1);
  executor.advance(299ms);
  CHECK_FALSE(asking.stream);
  executor.advance(1ms);
  CHECK(to_hex(asking.answer) == "02");
  CHECK(network.complaints() == "");
  CHECK(network.connects() == 3);

  network.expect_serial("/dev/ttyS1", Error{ErrorKind::busy, "taken"});
  CHECK(network.complaints() == "/dev/ttyS1 was expected and not asked for\n");
  CHECK(network.open_serial({.device = "/dev/ttyS0"}).error().kind == ErrorKind::refused);
  CHECK(network.open_serial({.device = "/dev/ttyS1", .baud = 300}).error().kind == ErrorKind::busy);
  CHECK(network.last_serial()->baud == 300);
  CHECK(network.opens() == 2);
  CHECK(network.complaints() == "/dev/ttyS0 was asked for, the script expected /dev/ttyS1\n");
}

TEST_CASE("FailNth fails every operation of a story once, and then the story goes through") {
  std::vector<ErrorKind> errors;
  std::size_t n = 1;
  for (;; ++n) {
    ManualExecutor executor;
    ScriptedNetwork scripted(executor);
    ScriptedPeer device(executor, scripted.expect_connect(meter));
    device.expect("01").dribble("02 03", 1ms);
    FailNth network(scripted, n, ErrorKind::reset);
    Asking asking(executor, network);
    asking.ask("01", 2);
    executor.advance(1s);
    if (!network.failed()) {
      CHECK(to_hex(asking.answer) == "02 03");
      CHECK_FALSE(asking.error.has_value());
      break;
    }
    errors.push_back(asking.error->kind);
  }
  CHECK(errors == std::vector<ErrorKind>(4, ErrorKind::reset));  // connect, write, read, read
}

TEST_CASE("memory files behave as files do") {
  MemoryFiles files;
  CHECK(files.replace("/etc/iw/a", "x").error().kind == ErrorKind::not_found);
  CHECK(files.make_folder("/etc/iw").has_value());
  CHECK(files.replace("/etc/iw/b", "content").has_value());
  CHECK(files.replace("/etc/iw/a", "secret", 0600).has_value());
  CHECK(files.read("/etc/iw/b").value() == "content");
  CHECK(files.read_secret("/etc/iw/a").value() == "secret");
  CHECK(files.read_secret("/etc/iw/b").error().kind == ErrorKind::denied);
  CHECK(files.list("/etc/iw").value() == std::vector<std::string>{"a", "b"});
  CHECK(files.list("/etc").value() == std::vector<std::string>{"iw"});
  CHECK(files.list("/").value() == std::vector<std::string>{"etc"});
  CHECK(files.remove("/etc/iw/a").has_value());
  CHECK_FALSE(files.has("/etc/iw/a"));
  CHECK(files.remove("/etc/iw/a").error().kind == ErrorKind::not_found);
  files.put("/var/lib/x", "put", 0640);
  CHECK(files.list("/var/lib").value() == std::vector<std::string>{"x"});
  CHECK(files.mode_of("/var/lib/x") == 0640);
  files.fail_with(Error{ErrorKind::exhausted, "disk full"});
  CHECK(files.replace("/var/lib/x", "new").error().kind == ErrorKind::exhausted);
  files.fail_with(std::nullopt);
  CHECK(files.read("/var/lib/x").value() == "put");
}

TEST_CASE("fixed chance and a log that is kept") {
  FixedRandom random({1, 2});
  CHECK(random.next() == 1);
  CHECK(random.next() == 2);
  CHECK(random.next() == 1);
  CHECK(random.drawn() == 3);
  CaptureLog log;
  log.warning("line {}: no answer", 3);
  log.debug("detail");
  CHECK(log.lines() == std::vector<std::string>{"warning: line 3: no answer", "debug: detail"});
  CHECK(log.has("no answer"));
  CHECK(log.count("line") == 1);
}
