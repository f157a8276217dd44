#include <array>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/posix/loop_test.hpp"
#include "io/sleep.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::posix;

TEST_CASE("datagrams go there and back, each whole, with the address of their sender") {
  EpollLoop loop;
  auto server = loop.network().bind({"127.0.0.1", 0}).value();
  auto client = loop.network().bind({"127.0.0.1", 0}).value();
  auto echo = [&]() -> Task<void> {
    std::array<std::byte, 1500> buffer{};
    for (int i = 0; i < 3; ++i) {
      auto datagram = co_await server->receive(buffer);
      REQUIRE(datagram.has_value());
      CHECK(datagram->peer == client->local());
      CHECK(server->send(Bytes(buffer).first(datagram->size), datagram->peer).has_value());
    }
  };
  auto ask = [&]() -> Task<void> {
    // All three wait in the socket before anybody receives.
    for (const char* word : {"who", "is", "there"})
      CHECK(client->send(as_bytes(word), server->local()).has_value());
    std::array<std::byte, 4> buffer{};
    for (const char* word : {"who", "is", "ther"}) {  // what does not fit is lost, as in UDP
      auto datagram = co_await client->receive(buffer);
      REQUIRE(datagram.has_value());
      CHECK(as_text(Bytes(buffer).first(datagram->size)) == word);
    }
  };
  run(loop, ask(), echo());
}

TEST_CASE("a socket on all addresses speaks IPv4, may broadcast and shares its port") {
  EpollLoop loop;
  auto everywhere = loop.network().bind({"*", 0}).value();
  const std::uint16_t port = everywhere->local().port;
  CHECK(loop.network().bind({"*", port}).has_value());
  auto v4 = loop.network().bind({"127.0.0.1", 0}).value();
  auto test = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    CHECK(everywhere->send(as_bytes("hi"), v4->local()).has_value());
    auto datagram = co_await v4->receive(buffer);
    CHECK(datagram->peer == Endpoint{"127.0.0.1", port});
    const auto broadcast = v4->send(as_bytes("all"), {"127.255.255.255", port});
    CHECK((broadcast.has_value() || broadcast.error().kind != ErrorKind::denied));
    CHECK(v4->send(as_bytes("x"), {"meter.lan", port}).error().kind == ErrorKind::invalid_argument);
  };
  run(loop, test());
}

TEST_CASE("what is in a socket before a deadline is taken before it, however late we come to look") {
  EpollLoop loop;
  auto server = loop.network().bind({"127.0.0.1", 0}).value();
  auto client = loop.network().bind({"127.0.0.1", 0}).value();
  std::vector<std::string> order;
  auto receiver = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    const auto datagram = co_await server->receive(buffer);
    CHECK(datagram.has_value());
    order.emplace_back("datagram");
  };
  auto deadline = [&]() -> Task<void> {
    co_await sleep_for(loop, 5ms);
    order.emplace_back("deadline");
  };
  auto stall = [&]() -> Task<void> {
    CHECK(client->send(as_bytes("in time"), server->local()).has_value());
    const Instant end = loop.now() + 20ms;  // as on a machine that is busy with others
    while (loop.now() < end) {
    }
    co_return;
  };
  run(loop, receiver(), deadline(), stall());
  CHECK(order == std::vector<std::string>{"datagram", "deadline"});
}

TEST_CASE("closing a datagram socket ends its receive as cancelled") {
  EpollLoop loop;
  auto socket = loop.network().bind({"127.0.0.1", 0}).value();
  std::optional<ErrorKind> end;
  auto receiver = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    auto datagram = co_await socket->receive(buffer);
    end = datagram.error().kind;
  };
  auto closer = [&]() -> Task<void> {
    socket.reset();
    CHECK_FALSE(end.has_value());
    co_return;
  };
  run(loop, receiver(), closer());
  CHECK(end == ErrorKind::cancelled);
}
