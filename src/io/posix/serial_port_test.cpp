#include "io/posix/serial_port.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include "io/posix/loop_test.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::posix;

namespace {

struct Heard final : Log {
  std::vector<std::string> lines;
  void write(LogLevel /*level*/, std::string_view message) override { lines.emplace_back(message); }
};

// The far end of a pseudo terminal, and the path of the near one.
struct Pty {
  Descriptor far{posix_openpt(O_RDWR | O_NOCTTY)};
  std::string path;

  Pty() {
    REQUIRE(far.open());
    REQUIRE(grantpt(far.number()) == 0);
    REQUIRE(unlockpt(far.number()) == 0);
    std::array<char, 128> name{};
    REQUIRE(ptsname_r(far.number(), name.data(), name.size()) == 0);
    path = name.data();
  }
  void say(std::string_view text) const {
    REQUIRE(::write(far.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] std::string hear(std::size_t size) const {
    std::string text(size, '\0');
    text.resize(static_cast<std::size_t>(::read(far.number(), text.data(), text.size())));
    return text;
  }
};

SerialSettings settings(const std::string& device) { return {.device = device}; }

}  // namespace

TEST_CASE("a serial port carries every byte unchanged, both ways") {
  EpollLoop loop;
  const Pty pty;
  auto test = [&]() -> Task<void> {
    auto port = loop.network().open_serial(settings(pty.path));
    REQUIRE(port.has_value());
    CHECK((*port)->peer() == pty.path);
    // What a terminal would translate, echo, or take as a command.
    const std::string text("\r\n\x03\x04\x11\x13\x7f\0\xff", 9);
    CHECK((co_await (*port)->write(as_bytes(text))).has_value());
    CHECK(pty.hear(16) == text);
    pty.say(text);
    std::string got;
    std::array<std::byte, 4> buffer{};
    while (got.size() < text.size()) {
      auto n = co_await (*port)->read_some(buffer);
      REQUIRE(n.has_value());
      got += as_text(Bytes(buffer).first(*n));
    }
    CHECK(got == text);
  };
  run(loop, test());
}

TEST_CASE("speed, parity and stop bits reach the port, odd speeds too") {
  EpollLoop loop;
  const Pty pty;
  for (const auto& [baud, flag] :
       std::vector<std::pair<std::uint32_t, speed_t>>{{19200, B19200}, {115200, B115200}}) {
    SerialSettings wanted = settings(pty.path);
    wanted.baud = baud;
    wanted.parity = Parity::odd;
    wanted.stop_bits = 2;
    auto port = loop.network().open_serial(wanted);
    REQUIRE(port.has_value());
    termios mode{};
    REQUIRE(tcgetattr(pty.far.number(), &mode) == 0);
    CHECK(cfgetospeed(&mode) == flag);
    CHECK((mode.c_cflag & CSTOPB) != 0);
    CHECK((mode.c_cflag & PARODD) != 0);  // a pty drops PARENB, but keeps which one it would be
    CHECK((mode.c_lflag & (ICANON | ECHO | ISIG)) == 0);
  }
  SerialSettings odd = settings(pty.path);
  odd.baud = 31250;
  CHECK(loop.network().open_serial(odd).has_value());
}

TEST_CASE("a port has one owner; the second hears who that is") {
  EpollLoop loop;
  const Pty pty;
  auto first = loop.network().open_serial(settings(pty.path));
  REQUIRE(first.has_value());
  const auto second = loop.network().open_serial(settings(pty.path));
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == ErrorKind::busy);
  CHECK(second.error().message.contains(fmt::format("process {}", getpid())));
  first->reset();
  CHECK(loop.network().open_serial(settings(pty.path)).has_value());
}

TEST_CASE("an adapter that is pulled out ends the stream") {
  EpollLoop loop;
  Pty pty;
  auto test = [&]() -> Task<void> {
    auto port = loop.network().open_serial(settings(pty.path));
    REQUIRE(port.has_value());
    TaskGroup group(loop);
    auto puller = [&]() -> Task<void> {
      pty.far.close();
      co_return;
    };
    std::array<std::byte, 16> buffer{};
    loop.post([&] { group.spawn(puller()); });
    auto n = co_await (*port)->read_some(buffer);
    REQUIRE_FALSE(n.has_value());
    CHECK(n.error().kind == ErrorKind::closed);
    CHECK(n.error().message.contains(pty.path));
    auto written = co_await (*port)->write(as_bytes("x"));
    CHECK(written.error().kind == ErrorKind::closed);
  };
  run(loop, test());
}

TEST_CASE("a port without RS-485 mode is used plain, with a warning") {
  Heard log;
  EpollLoop loop(&log);
  const Pty pty;
  SerialSettings wanted = settings(pty.path);
  wanted.rs485 = true;
  CHECK(loop.network().open_serial(wanted).has_value());
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].contains("RS-485"));
}

TEST_CASE("a port that is not there, no port at all, and settings that do not exist are told apart") {
  EpollLoop loop;
  const auto missing = loop.network().open_serial(settings("/dev/ttyNOSUCH0"));
  CHECK(missing.error().kind == ErrorKind::unreachable);
  CHECK(missing.error().remedy.contains("/dev/serial/by-id"));
  CHECK(loop.network().open_serial(settings("/dev/null")).error().kind == ErrorKind::invalid_argument);
  SerialSettings wrong = settings("/dev/ttyNOSUCH0");
  wrong.stop_bits = 3;
  CHECK(loop.network().open_serial(wrong).error().kind == ErrorKind::invalid_argument);
}
