#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "io/posix/address.hpp"
#include "io/posix/loop_test.hpp"
#include "io/sleep.hpp"
#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::posix;

namespace {

Endpoint loopback(std::uint16_t port = 0) { return {"127.0.0.1", port}; }

// Answers everything with itself until the peer hangs up.
Task<void> echo(StreamPtr stream) {
  std::array<std::byte, 4096> buffer{};
  for (;;) {
    auto n = co_await stream->read_some(buffer);
    if (!n) co_return;
    auto written = co_await stream->write(Bytes(buffer).first(*n));
    if (!written) co_return;
  }
}

Task<void> serve_echo(Listener& listener, TaskGroup& group) {
  for (;;) {
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    group.spawn(echo(std::move(*stream)));
  }
}

Task<Result<std::string>> read_exactly(ByteStream& stream, std::size_t size) {
  std::string text(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    auto n = co_await stream.read_some(std::as_writable_bytes(std::span(text)).subspan(have));
    if (!n) co_return fail(std::move(n).error());
    have += *n;
  }
  co_return text;
}

struct Pair {
  StreamPtr client;
  StreamPtr server;
};

Task<Pair> connect_pair(EpollLoop& loop) {
  auto listener = loop.network().listen(loopback()).value();
  auto client = co_await loop.network().connect(listener->local(), loop.now() + 5s);
  auto server = co_await listener->accept();
  co_return Pair{std::move(client.value()), std::move(server.value())};
}

}  // namespace

TEST_CASE("bytes go there and back") {
  EpollLoop loop;
  TaskGroup servers(loop);
  auto listener = loop.network().listen(loopback()).value();
  CHECK(listener->local().port != 0);
  servers.spawn(serve_echo(*listener, servers));
  auto client = [&]() -> Task<void> {
    auto stream = co_await loop.network().connect(listener->local(), loop.now() + 5s);
    REQUIRE(stream.has_value());
    CHECK((*stream)->peer() == to_string(listener->local()));
    for (const char* word : {"a", "register", "or two"}) {
      CHECK((co_await (*stream)->write(as_bytes(word))).has_value());
      auto answer = co_await read_exactly(**stream, std::string_view(word).size());
      CHECK(answer == std::string(word));
    }
    stream->reset();
    listener->close();
    co_await servers.join();
  };
  run(loop, client());
}

TEST_CASE("a host name is resolved beside the loop") {
  EpollLoop loop;
  auto listener = loop.network().listen(loopback()).value();
  const std::uint16_t port = listener->local().port;
  auto client = [&]() -> Task<void> {
    auto stream = co_await loop.network().connect({"localhost", port}, loop.now() + 5s);
    REQUIRE(stream.has_value());
    CHECK((*stream)->peer() == fmt::format("localhost:{}", port));
    // The top-level domain that never exists (RFC 2606).
    auto nowhere = co_await loop.network().connect({"meter.invalid", port}, loop.now() + 5s);
    REQUIRE_FALSE(nowhere.has_value());
    CHECK(nowhere.error().message.contains("meter.invalid"));
    CHECK_FALSE(nowhere.error().remedy.empty());
  };
  run(loop, client());
}

TEST_CASE("a port on which nobody listens refuses, in words") {
  EpollLoop loop;
  const Endpoint nobody =
      loop.network().listen(loopback()).value()->local();  // taken, and given back at once
  auto client = [&]() -> Task<void> {
    auto stream = co_await loop.network().connect(nobody, loop.now() + 5s);
    REQUIRE_FALSE(stream.has_value());
    CHECK(stream.error().kind == ErrorKind::refused);
    CHECK(stream.error().message == fmt::format("nobody listens on {}", to_string(nobody)));
    CHECK(stream.error().remedy.contains("switched on"));
  };
  run(loop, client());
}

TEST_CASE("connecting to one who never accepts ends at the deadline") {
  EpollLoop loop;
  // With a backlog of 0 Linux keeps one connection waiting and drops the packets of the next.
  const Descriptor full = bind_socket(SOCK_STREAM, loopback()).value();
  REQUIRE(::listen(full.number(), 0) == 0);
  const Endpoint at = local_endpoint(full.number());
  auto client = [&]() -> Task<void> {
    std::vector<StreamPtr> waiting;
    std::optional<Error> error;
    for (int i = 0; i < 5 && !error; ++i) {
      const Instant start = loop.now();
      auto stream = co_await loop.network().connect(at, start + 50ms);
      if (stream) {
        waiting.push_back(std::move(*stream));
      } else {
        error = stream.error();
        CHECK(loop.now() - start >= 50ms);
      }
    }
    REQUIRE(error.has_value());
    CHECK(error->kind == ErrorKind::timeout);
    CHECK(error->message.contains(to_string(at)));
  };
  run(loop, client());
}

TEST_CASE("a peer that closes is told apart from one that resets") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    Pair regular = co_await connect_pair(loop);
    CHECK((co_await regular.server->write(as_bytes("bye"))).has_value());
    regular.server->close();
    // The last bytes and the end come in one event.
    co_await sleep_for(loop, 5ms);
    auto last = co_await regular.client->read_some(buffer);
    CHECK(last == std::size_t{3});
    auto end = co_await regular.client->read_some(buffer);
    CHECK(end.error().kind == ErrorKind::closed);
    CHECK(end.error().message.contains(regular.client->peer()));

    // Closing with unread bytes makes the kernel send RST.
    Pair rude = co_await connect_pair(loop);
    CHECK((co_await rude.client->write(as_bytes("never read"))).has_value());
    co_await sleep_for(loop, 5ms);
    rude.server->close();
    auto reset = co_await rude.client->read_some(buffer);
    CHECK(reset.error().kind == ErrorKind::reset);
    // And writing to what is gone is a value too, no SIGPIPE.
    auto written = co_await rude.client->write(as_bytes("hello?"));
    CHECK(written.error().kind == ErrorKind::reset);
  };
  run(loop, test());
}

TEST_CASE("closing ends what waits as cancelled, after the call") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    Pair pair = co_await connect_pair(loop);
    TaskGroup group(loop);
    std::optional<ErrorKind> read_end;
    std::optional<ErrorKind> write_end;
    auto reader = [&]() -> Task<void> {
      std::array<std::byte, 16> buffer{};
      auto n = co_await pair.client->read_some(buffer);
      read_end = n.error().kind;
    };
    auto writer = [&]() -> Task<void> {
      const std::vector<std::byte> much(std::size_t{16} << 20);
      auto written = co_await pair.client->write(much);
      write_end = written.error().kind;
    };
    group.spawn(reader());
    group.spawn(writer());
    pair.client->close();
    CHECK_FALSE(read_end.has_value());
    CHECK_FALSE(write_end.has_value());
    co_await group.join();
    CHECK(read_end == ErrorKind::cancelled);
    CHECK(write_end == ErrorKind::cancelled);
    std::array<std::byte, 1> buffer{};
    auto late = co_await pair.client->read_some(buffer);
    CHECK(late.error().kind == ErrorKind::cancelled);
  };
  run(loop, test());
}

TEST_CASE("a stream may be destroyed while somebody reads, and inside its own completion") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    Pair pair = co_await connect_pair(loop);
    TaskGroup group(loop);
    int ended = 0;
    auto reader = [&](ByteStream& stream) -> Task<void> {
      std::array<std::byte, 16> buffer{};
      auto n = co_await stream.read_some(buffer);
      CHECK(n.error().kind == ErrorKind::cancelled);
      ++ended;
    };
    group.spawn(reader(*pair.client));
    pair.client.reset();
    co_await group.join();
    CHECK(ended == 1);

    // Both ends have an event in the same batch; the first to run destroys both streams.
    Pair both = co_await connect_pair(loop);
    auto killer = [&](ByteStream& stream) -> Task<void> {
      std::array<std::byte, 16> buffer{};
      auto n = co_await stream.read_some(buffer);
      ++ended;
      both.client.reset();
      both.server.reset();
    };
    group.spawn(killer(*both.client));
    group.spawn(killer(*both.server));
    CHECK((co_await both.client->write(as_bytes("x"))).has_value());
    CHECK((co_await both.server->write(as_bytes("y"))).has_value());
    co_await group.join();
    CHECK(ended == 3);
  };
  run(loop, test());
}

TEST_CASE("8 MB go through in parts, each byte at its place") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    Pair pair = co_await connect_pair(loop);
    std::vector<std::byte> much(std::size_t{8} << 20);
    std::uint32_t x = 1;
    for (std::byte& b : much)
      b = static_cast<std::byte>((x = x * 1664525 + 1013904223) >> 24);
    TaskGroup group(loop);
    bool written = false;
    auto writer = [&]() -> Task<void> {
      auto result = co_await pair.client->write(much);
      written = result.has_value();
    };
    group.spawn(writer());
    CHECK_FALSE(written);  // more than the kernel takes at once
    std::vector<std::byte> got(much.size());
    std::size_t have = 0;
    while (have < got.size()) {
      auto n = co_await pair.server->read_some(std::span(got).subspan(have));
      REQUIRE(n.has_value());
      have += *n;
    }
    co_await group.join();
    CHECK(written);
    CHECK(got == much);
  };
  run(loop, test());
}

TEST_CASE("a thousand connections echo side by side, and leave no descriptor behind") {
  constexpr int connections = 1000;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto before = open_descriptors();
  {
    EpollLoop loop;
    TaskGroup servers(loop);
    TaskGroup clients(loop);
    auto listener = loop.network().listen(loopback()).value();
    servers.spawn(serve_echo(*listener, servers));
    int answered = 0;
    auto client = [&](int id) -> Task<void> {
      auto stream = co_await loop.network().connect(listener->local(), loop.now() + 15s);
      REQUIRE(stream.has_value());
      for (int round = 0; round < 10; ++round) {
        const std::string text = fmt::format("{}:{}", id, round);
        CHECK((co_await (*stream)->write(as_bytes(text))).has_value());
        auto answer = co_await read_exactly(**stream, text.size());
        REQUIRE(answer == text);
      }
      ++answered;
    };
    auto all = [&]() -> Task<void> {
      for (int id = 0; id < connections; ++id)
        clients.spawn(client(id));
      co_await clients.join();
      listener->close();
      co_await servers.join();
    };
    run(loop, all());
    CHECK(answered == connections);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a listener that is closed or destroyed lets go who waits in accept") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    auto listener = loop.network().listen(loopback()).value();
    const Endpoint at = listener->local();
    TaskGroup group(loop);
    std::optional<ErrorKind> end;
    auto acceptor = [&]() -> Task<void> {
      auto stream = co_await listener->accept();
      end = stream.error().kind;
    };
    group.spawn(acceptor());
    listener.reset();
    CHECK_FALSE(end.has_value());
    CHECK(loop.network().listen(at).has_value());  // the port is free at once
    co_await group.join();
    CHECK(end == ErrorKind::cancelled);
  };
  run(loop, test());
}

TEST_CASE("a port that is taken is busy; an address that is not ours is a wrong argument") {
  EpollLoop loop;
  auto first = loop.network().listen(loopback()).value();
  const auto second = loop.network().listen(first->local());
  CHECK(second.error().kind == ErrorKind::busy);
  CHECK(second.error().remedy.contains("ss -lnp"));
  CHECK(loop.network().listen({"192.0.2.1", 0}).error().kind == ErrorKind::invalid_argument);
  CHECK(loop.network().listen({"no address", 0}).error().kind == ErrorKind::invalid_argument);
}

TEST_CASE("a listener on all addresses takes IPv4 too, and peers look as people write them") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    auto listener = loop.network().listen({"*", 0}).value();
    auto client = co_await loop.network().connect(loopback(listener->local().port), loop.now() + 5s);
    REQUIRE(client.has_value());
    auto server = co_await listener->accept();
    REQUIRE(server.has_value());
    CHECK((*server)->peer().starts_with("127.0.0.1:"));
  };
  run(loop, test());
}

TEST_CASE("without descriptors connecting and accepting are exhausted, and say how to get more") {
  EpollLoop loop;
  auto test = [&]() -> Task<void> {
    auto listener = loop.network().listen(loopback()).value();
    auto waiting = co_await loop.network().connect(listener->local(), loop.now() + 5s);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    auto stream = co_await loop.network().connect(loopback(9), loop.now() + 5s);
    auto accepted = co_await listener->accept();
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(stream.error().kind == ErrorKind::exhausted);
    CHECK(stream.error().remedy.contains("LimitNOFILE"));
    CHECK(accepted.error().kind == ErrorKind::exhausted);
    auto later = co_await listener->accept();
    CHECK(later.has_value());
  };
  run(loop, test());
}

TEST_CASE("a Unix socket is for its user only, and is taken over when nobody listens on it any more") {
  const io::testing::TemporaryFolder folder;
  const std::string path = folder / "door";
  EpollLoop loop;
  TaskGroup group(loop);
  const auto say_hello = [&]() -> std::string {
    std::string heard;
    auto talk = [](EpollLoop& on, std::string to, std::string& answer) -> Task<void> {
      auto stream = co_await on.network().connect({to, 0}, on.now() + 5s);
      if (!stream) {
        answer = stream.error().message;
        co_return;
      }
      co_await (*stream)->write(std::as_bytes(std::span("hello", 5)));
      auto text = co_await read_exactly(**stream, 5);
      answer = text.value_or("");
    };
    group.spawn(talk(loop, path, heard));
    loop.run_for(100ms);
    return heard;
  };
  {
    auto listener = loop.network().listen({path, 0});
    REQUIRE(listener);
    CHECK((*listener)->local() == Endpoint{path, 0});
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    group.spawn(serve_echo(**listener, group));
    CHECK(say_hello() == "hello");
    const auto second = loop.network().listen({path, 0});
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::busy);
    (*listener)->close();
    loop.run_for(10ms);
  }
  CHECK(say_hello().starts_with("nobody listens on"));
  auto again = loop.network().listen({path, 0});
  CHECK(again);
  CHECK_FALSE(loop.network().listen({std::string(200, 'x') + "/door", 0}));
}
