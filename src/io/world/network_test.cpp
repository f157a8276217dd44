#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::world;

namespace {

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(i * 7);
  return bytes;
}

// A gateway and a meter, joined by a connection.
struct Pair {
  explicit Pair(std::uint64_t seed) : world(seed) {}
  ~Pair() {
    if (gateway_end) gateway_end->close();
    if (meter_end) meter_end->close();
    world.run_for(1h);
  }

  void connect() {
    meter_tasks.spawn(accept_one());
    gateway_tasks.spawn(dial());
    REQUIRE(world.run_until_holds([this] { return gateway_end && meter_end; }, 1min));
  }
  // The meter reads until its stream ends.
  void collect() { meter_tasks.spawn(read_all()); }
  void send(std::vector<std::byte> bytes) { gateway_tasks.spawn(write(std::move(bytes))); }

  Task<void> accept_one() {
    listener = meter.network().listen({"0.0.0.0", 502}).value();
    meter_end = (co_await listener->accept()).value();
  }
  Task<void> dial() {
    gateway_end = (co_await gateway.network().connect({"meter", 502}, Instant(1h))).value();
  }
  Task<void> read_all() {
    std::array<std::byte, 4096> buffer{};
    for (;;) {
      auto n = co_await meter_end->read_some(buffer);
      if (!n) {
        ended = n.error().kind;
        co_return;
      }
      sizes.push_back(*n);
      received.insert(received.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
      last = world.now();
    }
  }
  Task<void> write(std::vector<std::byte> bytes) {
    auto result = co_await gateway_end->write(bytes);
    written = result ? std::nullopt : std::optional(result.error().kind);
    ++writes;
  }

  World world;
  Node& gateway = world.add_node("gateway");
  Node& meter = world.add_node("meter");
  TaskGroup gateway_tasks{gateway.executor()};
  TaskGroup meter_tasks{meter.executor()};
  ListenerPtr listener;
  StreamPtr gateway_end;
  StreamPtr meter_end;
  std::vector<std::byte> received;
  std::vector<std::size_t> sizes;
  std::optional<ErrorKind> ended;
  std::optional<ErrorKind> written;
  int writes = 0;
  Instant last{};
};

std::optional<ErrorKind> outcome_of_connect(World& world, Node& from, Endpoint to, Duration timeout,
                                            Duration* took) {
  std::optional<ErrorKind> kind;
  bool done = false;
  TaskGroup tasks(from.executor());
  auto dial = [&]() -> Task<void> {
    auto stream = co_await from.network().connect(to, from.executor().now() + timeout);
    if (!stream) kind = stream.error().kind;
    done = true;
  };
  const Instant start = world.now();
  tasks.spawn(dial());
  CHECK(world.run_until_holds([&] { return done; }, 2 * timeout));
  if (took != nullptr) *took = world.now() - start;
  return kind;
}

}  // namespace

TEST_CASE("bytes arrive whole, in order, after the latency of the link") {
  Pair pair(1);
  pair.world.link_default.latency_min = 10ms;
  pair.world.link_default.latency_max = 20ms;
  pair.connect();
  CHECK(pair.world.now() >= Instant(20ms));  // there and back
  CHECK(pair.world.now() <= Instant(40ms));
  CHECK(pair.gateway_end->peer() == "meter:502");
  CHECK(pair.meter_end->peer().starts_with("10.0.0.1:"));
  pair.collect();
  const Instant sent = pair.world.now();
  pair.send(pattern(1000));
  CHECK(pair.writes == 1);
  CHECK(pair.received.empty());
  pair.world.run_for(1s);
  CHECK(pair.received == pattern(1000));
  CHECK(pair.sizes == std::vector<std::size_t>{1000});
  CHECK(pair.last - sent >= 10ms);
  CHECK(pair.last - sent <= 20ms);
  pair.gateway_end->close();
  pair.world.run_for(1s);
  CHECK(pair.ended == ErrorKind::closed);
}

TEST_CASE("a rough link cuts, dribbles and delays, and loses no byte of a stream") {
  std::size_t reads = 0;
  std::size_t single = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Pair pair(seed);
    pair.world.link_default = LinkSettings::rough();
    pair.connect();
    pair.collect();
    for (int i = 0; i < 20; ++i) {
      pair.send(pattern(50));
      REQUIRE(pair.world.run_until_holds([&] { return pair.writes == i + 1; }, 1h));
    }
    pair.world.run_for(1min);
    std::vector<std::byte> expected;
    for (int i = 0; i < 20; ++i)
      std::ranges::copy(pattern(50), std::back_inserter(expected));
    CHECK(pair.received == expected);
    reads += pair.sizes.size();
    single += static_cast<std::size_t>(std::ranges::count(pair.sizes, 1));
  }
  CHECK(reads > 400);   // 200 writes
  CHECK(single > 100);  // dribbles
}

TEST_CASE("a narrow link takes its time, and a full window makes the writer wait") {
  Pair pair(1);
  pair.world.link_default.bytes_per_second = 1000;
  pair.world.link_default.window = 1000;
  pair.connect();
  const Instant start = pair.world.now();
  pair.send(pattern(5000));
  CHECK(pair.writes == 0);
  SUBCASE("while the other end reads") {
    pair.collect();
    pair.world.run_for(3s);
    CHECK(pair.writes == 0);
    CHECK(pair.received.size() < 3000);
    pair.world.run_for(3s);
    CHECK(pair.writes == 1);
    CHECK(pair.received == pattern(5000));
    CHECK(pair.last - start > 5s);
    CHECK(pair.last - start < 5001ms);
  }
  SUBCASE("until the other end reads") {
    pair.world.run_for(1min);
    CHECK(pair.writes == 0);
    pair.collect();
    pair.world.run_for(1s);
    CHECK(pair.writes == 1);
    CHECK(pair.received == pattern(5000));
  }
}

TEST_CASE("connect tells refused, unreachable and timeout apart") {
  World world(1);
  Node& gateway = world.add_node("gateway");
  Node& meter = world.add_node("meter");
  Duration took{};
  CHECK(outcome_of_connect(world, gateway, {"meter", 502}, 2s, &took) == ErrorKind::refused);
  CHECK(took < 2ms);
  CHECK(outcome_of_connect(world, gateway, {"nowhere", 502}, 2s, &took) == ErrorKind::unreachable);
  world.link(gateway, meter).unreachable = true;
  CHECK(outcome_of_connect(world, gateway, {"10.0.0.2", 502}, 2s, &took) == ErrorKind::unreachable);
  world.link(gateway, meter).unreachable = false;

  auto listener = meter.network().listen({"0.0.0.0", 502}).value();
  CHECK(meter.network().listen({"0.0.0.0", 502}).error().kind == ErrorKind::busy);
  CHECK_FALSE(outcome_of_connect(world, gateway, {"meter", 502}, 2s, &took).has_value());
  for (const auto& [from, to] : {std::pair(&gateway, &meter), std::pair(&meter, &gateway)}) {
    world.block(*from, *to);
    CHECK(outcome_of_connect(world, gateway, {"meter", 502}, 2s, &took) == ErrorKind::timeout);
    CHECK(took == 2s);
    world.heal();
  }
  meter.kill(Death::crash);
  CHECK(outcome_of_connect(world, gateway, {"meter", 502}, 2s, &took) == ErrorKind::refused);
  meter.restart();
  meter.kill(Death::power_cut);
  CHECK(outcome_of_connect(world, gateway, {"meter", 502}, 2s, &took) == ErrorKind::timeout);
  meter.restart();
  CHECK(outcome_of_connect(world, gateway, {"meter", 502}, 2s, &took) == ErrorKind::refused);
  world.run_for(1h);
}

TEST_CASE("a lost SYN is sent again, and a connection made through a short partition works") {
  Pair pair(1);
  pair.world.partition(pair.gateway, pair.meter);
  pair.world.at(Instant(2s), [&] { pair.world.heal(); });
  pair.connect();
  CHECK(pair.world.now() > Instant(3s));
  CHECK(pair.world.now() < Instant(4s));
  pair.collect();
  pair.send(pattern(10));
  pair.world.run_for(1s);
  CHECK(pair.received.size() == 10);
}

TEST_CASE("a server that speaks first is heard, though its SYN-ACK was lost") {
  Pair pair(1);
  pair.world.block(pair.meter, pair.gateway);
  pair.world.at(Instant(500ms), [&] { pair.world.heal(); });
  std::string greeting;
  auto greet = [&]() -> Task<void> {
    pair.listener = pair.meter.network().listen({"0.0.0.0", 502}).value();
    pair.meter_end = (co_await pair.listener->accept()).value();
    const auto hello = pattern(3);
    CHECK((co_await pair.meter_end->write(hello)).has_value());
  };
  auto hear = [&]() -> Task<void> {
    pair.gateway_end = (co_await pair.gateway.network().connect({"meter", 502}, Instant(1h))).value();
    std::array<std::byte, 16> buffer{};
    const auto n = co_await pair.gateway_end->read_some(buffer);
    greeting = n ? to_hex(Bytes(buffer).first(*n)) : n.error().message;
  };
  pair.meter_tasks.spawn(greet());
  pair.gateway_tasks.spawn(hear());
  pair.world.run_for(1min);
  CHECK(greeting == to_hex(pattern(3)));
}

TEST_CASE("a partition only delays, until it lasts too long") {
  Pair pair(1);
  pair.connect();
  pair.collect();
  pair.world.partition(pair.gateway, pair.meter);
  pair.send(pattern(10));
  CHECK(pair.writes == 1);
  pair.world.run_for(5s);
  CHECK(pair.received.empty());
  SUBCASE("healed") {
    pair.world.heal(pair.gateway, pair.meter);
    pair.world.run_for(30s);
    CHECK(pair.received == pattern(10));
  }
  SUBCASE("given up") {
    pair.world.run_for(20min);
    pair.send(pattern(10));
    CHECK(pair.written == ErrorKind::timeout);
    CHECK_FALSE(pair.ended.has_value());  // the reader knows nothing of it
  }
}

TEST_CASE("a one-way partition stops one way only") {
  Pair pair(1);
  pair.connect();
  pair.collect();
  pair.world.block(pair.meter, pair.gateway);
  pair.send(pattern(10));
  pair.world.run_for(1s);
  CHECK(pair.received.size() == 10);
  pair.world.heal();
  pair.world.block(pair.gateway, pair.meter);
  pair.send(pattern(10));
  pair.world.run_for(1s);
  CHECK(pair.received.size() == 10);
}

TEST_CASE("a connection that was forgotten swallows what is written, and a new one works") {
  Pair pair(1);
  pair.world.link_default.window = 100;
  pair.connect();
  pair.collect();
  pair.world.forget_connections(pair.gateway, pair.meter);
  pair.send(pattern(60));
  CHECK(pair.writes == 1);
  pair.send(pattern(60));
  CHECK(pair.writes == 1);  // the window is full
  pair.world.run_for(1min);
  CHECK(pair.received.empty());
  CHECK_FALSE(pair.ended.has_value());
  CHECK_FALSE(outcome_of_connect(pair.world, pair.gateway, {"meter", 502}, 1s, nullptr).has_value());
  pair.world.run_for(20min);
  CHECK(pair.written == ErrorKind::timeout);
}

TEST_CASE("a reset breaks both ends and drops what was not read") {
  Pair pair(1);
  pair.connect();
  pair.collect();
  pair.send(pattern(10));
  pair.world.reset_connections(pair.meter, pair.gateway);
  pair.world.run_for(1s);
  CHECK(pair.ended == ErrorKind::reset);
  CHECK(pair.received.empty());
  pair.send(pattern(10));
  CHECK(pair.written == ErrorKind::reset);
}

TEST_CASE("closing on unread bytes resets the peer, closing on none ends its stream") {
  for (const bool unread : {true, false}) {
    Pair pair(1);
    pair.connect();
    if (unread) pair.send(pattern(10));
    pair.world.run_for(1s);
    std::optional<ErrorKind> seen;
    auto read = [&]() -> Task<void> {
      std::array<std::byte, 16> buffer{};
      auto n = co_await pair.gateway_end->read_some(buffer);
      seen = n.error().kind;
    };
    pair.gateway_tasks.spawn(read());
    pair.meter_end->close();
    CHECK_FALSE(seen.has_value());
    pair.world.run_for(1s);
    CHECK(seen == (unread ? ErrorKind::reset : ErrorKind::closed));
    pair.send(pattern(10));
    pair.world.run_for(1s);
    pair.send(pattern(10));
    CHECK(pair.written == ErrorKind::reset);
  }
}

TEST_CASE("what waits on a stream, a listener or a socket that is closed ends as cancelled, after the call") {
  Pair pair(1);
  pair.connect();
  std::vector<ErrorKind> ends;
  auto socket = pair.meter.network().bind({"0.0.0.0", 47808}).value();
  std::array<std::byte, 16> buffer{};
  std::array<std::byte, 16> datagram{};
  auto read = [&]() -> Task<void> {
    auto n = co_await pair.meter_end->read_some(buffer);
    ends.push_back(n.error().kind);
  };
  auto accept = [&]() -> Task<void> {
    auto stream = co_await pair.listener->accept();
    ends.push_back(stream.error().kind);
  };
  auto receive = [&]() -> Task<void> {
    auto got = co_await socket->receive(datagram);
    ends.push_back(got.error().kind);
  };
  pair.meter_tasks.spawn(read());
  pair.meter_tasks.spawn(accept());
  pair.meter_tasks.spawn(receive());
  pair.meter_end->close();
  pair.listener->close();
  socket->close();
  CHECK(ends.empty());
  pair.world.run_for(1s);
  CHECK(ends == std::vector<ErrorKind>(3, ErrorKind::cancelled));
  CHECK(pair.meter.network().listen({"0.0.0.0", 502}).has_value());
}

TEST_CASE("when a machine crashes its peers see the end at once; when its power is cut they see nothing") {
  for (const Death death : {Death::crash, Death::power_cut}) {
    Pair pair(1);
    pair.connect();
    pair.collect();
    bool cancelled = false;
    std::array<std::byte, 16> buffer{};
    auto read = [&]() -> Task<void> {
      auto n = co_await pair.gateway_end->read_some(buffer);
      cancelled = !n && n.error().kind == ErrorKind::cancelled;
    };
    pair.gateway_tasks.spawn(read());
    pair.gateway.kill(death);
    pair.world.run_for(1min);
    CHECK(pair.ended == (death == Death::crash ? std::optional(ErrorKind::closed) : std::nullopt));
    CHECK_FALSE(cancelled);
    pair.gateway.bury();
    CHECK(cancelled);
    pair.gateway_end.reset();
    pair.gateway.restart();

    // The restarted machine knows nothing of the connection and says so.
    auto write = [&]() -> Task<void> {
      const auto bytes = pattern(1);
      auto result = co_await pair.meter_end->write(bytes);
      CHECK(result.has_value());
    };
    pair.meter_tasks.spawn(write());
    pair.world.run_for(1min);
    if (death == Death::power_cut) CHECK(pair.ended == ErrorKind::reset);
  }
}

TEST_CASE("streams of a dead machine may be destroyed before the restart, after it, or never buried") {
  Pair pair(1);
  pair.connect();
  pair.send(pattern(100));
  pair.gateway.kill(Death::power_cut);
  CHECK(pair.gateway.network().listen({"0.0.0.0", 1}).error().kind == ErrorKind::cancelled);
  CHECK(pair.gateway.network().bind({"0.0.0.0", 1}).error().kind == ErrorKind::cancelled);
  CHECK(outcome_of_connect(pair.world, pair.gateway, {"meter", 502}, 1s, nullptr) == ErrorKind::cancelled);
  pair.gateway.restart();
  pair.send(pattern(1));
  CHECK(pair.written == ErrorKind::cancelled);
  pair.gateway_end.reset();
  CHECK_FALSE(outcome_of_connect(pair.world, pair.gateway, {"meter", 502}, 1s, nullptr).has_value());
}

TEST_CASE("a connect of a machine that dies is cancelled when it is buried") {
  World world(1);
  Node& gateway = world.add_node("gateway");
  const Node& meter = world.add_node("meter");
  world.partition(gateway, meter);
  std::optional<ErrorKind> kind;
  TaskGroup tasks(gateway.executor());
  auto dial = [&]() -> Task<void> {
    auto stream = co_await gateway.network().connect({"meter", 502}, Instant(1h));
    kind = stream.error().kind;
  };
  tasks.spawn(dial());
  world.run_for(10s);
  gateway.kill(Death::crash);
  gateway.bury();
  CHECK(kind == ErrorKind::cancelled);
}

TEST_CASE("datagrams are lost, doubled and overtaken as often as the link is told to") {
  World world(5);
  Node& gateway = world.add_node("gateway");
  Node& meter = world.add_node("meter");
  LinkSettings& link = world.link(gateway, meter);
  auto out = gateway.network().bind({"0.0.0.0", 0}).value();
  auto in = meter.network().bind({"0.0.0.0", 47808}).value();
  CHECK(out->local().port >= 49'152);
  std::vector<std::uint16_t> seen;
  std::string peer;
  TaskGroup tasks(meter.executor());
  auto receive = [&]() -> Task<void> {
    std::array<std::byte, 64> buffer{};
    for (;;) {
      auto got = co_await in->receive(buffer);
      if (!got) co_return;
      Reader reader(Bytes(buffer).first(got->size));
      seen.push_back(reader.u16be());
      CHECK(reader.done());
      peer = to_string(got->peer);
    }
  };
  tasks.spawn(receive());
  const auto send_thousand = [&] {
    seen.clear();
    for (std::uint16_t i = 0; i < 1000; ++i) {
      std::array<std::byte, 2> bytes{};
      Writer writer(bytes);
      writer.u16be(i);
      CHECK(out->send(bytes, {"meter", 47808}).has_value());
      world.run_for(1ms);
    }
    world.run_for(1s);
  };
  send_thousand();
  CHECK(seen.size() == 1000);
  CHECK(std::ranges::is_sorted(seen));
  CHECK(peer == to_string(Endpoint{"10.0.0.1", out->local().port}));

  link.loss = 0.2;
  send_thousand();
  CHECK(seen.size() > 750);
  CHECK(seen.size() < 850);

  link.loss = 0;
  link.duplicate = 0.2;
  send_thousand();
  CHECK(seen.size() > 1150);
  CHECK(seen.size() < 1250);

  link.duplicate = 0;
  link.reorder = 0.1;
  send_thousand();
  CHECK(seen.size() == 1000);
  CHECK_FALSE(std::ranges::is_sorted(seen));

  link.blocked = true;
  send_thousand();
  CHECK(seen.empty());
  CHECK(out->send({}, {"nowhere", 1}).error().kind == ErrorKind::unreachable);
  CHECK(out->send(pattern(65'508), {"meter", 1}).error().kind == ErrorKind::invalid_argument);
  in->close();
  world.run_for(1s);
}

TEST_CASE("a broadcast reaches every node that is bound to the port, the sender too") {
  World world(1);
  std::vector<std::string> heard;
  std::vector<DatagramSocketPtr> sockets;
  std::vector<std::unique_ptr<TaskGroup>> groups;
  for (const char* name : {"a", "b", "c", "deaf"}) {
    Node& node = world.add_node(name);
    auto socket =
        node.network().bind({"0.0.0.0", static_cast<std::uint16_t>(name == std::string("deaf") ? 1 : 47808)});
    sockets.push_back(std::move(*socket));
    groups.push_back(std::make_unique<TaskGroup>(node.executor()));
    auto receive = [](DatagramSocket& from, std::vector<std::string>& into, std::string who) -> Task<void> {
      std::array<std::byte, 4> buffer{};
      while (auto got = co_await from.receive(buffer)) {
        CHECK(got->size == 4);  // what does not fit is cut off
        into.push_back(who);
      }
    };
    groups.back()->spawn(receive(*sockets.back(), heard, name));
  }
  CHECK(sockets.front()->send(pattern(5), {"255.255.255.255", 47808}).has_value());
  world.run_for(1s);
  std::ranges::sort(heard);
  CHECK(heard == std::vector<std::string>{"a", "b", "c"});
  for (const auto& socket : sockets)
    socket->close();
  world.run_for(1s);
}
