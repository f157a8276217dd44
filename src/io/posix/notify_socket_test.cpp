// The protocol of sd_notify(3), against a socket as systemd has one.
#include "io/posix/notify_socket.hpp"

#include <array>
#include <cstring>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/posix/folders.hpp"

using namespace iw;
using namespace iw::io::posix;

namespace {

struct Listener {
  Listener() : socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  [[nodiscard]] std::string heard() const {
    std::array<char, 256> buffer{};
    const auto n = ::recv(socket.number(), buffer.data(), buffer.size(), 0);
    return n < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(n));
  }

  ScratchFolder folder = ScratchFolder::make().value();
  std::string path = folder.path() + "/notify";
  Descriptor socket;
};

}  // namespace

TEST_CASE("systemd is told that the program is ready, lives and ends") {
  const Listener systemd;
  NotifySocket supervisor({.socket = systemd.path, .watchdog_usec = "30000000", .watchdog_pid = ""});
  CHECK(supervisor.patience() == 30s);
  supervisor.ready("12 devices");
  CHECK(systemd.heard() == "READY=1\nSTATUS=12 devices\n");
  supervisor.alive();
  CHECK(systemd.heard() == "WATCHDOG=1\n");
  supervisor.stopping();
  CHECK(systemd.heard() == "STOPPING=1\n");
}

TEST_CASE("a watchdog of another process, or with no number, is none") {
  const Listener systemd;
  const auto patience = [&](std::string usec, std::string pid) {
    return NotifySocket(
               {.socket = systemd.path, .watchdog_usec = std::move(usec), .watchdog_pid = std::move(pid)})
        .patience();
  };
  CHECK(patience("1000000", fmt::format("{}", getpid())) == 1s);
  CHECK_FALSE(patience("1000000", "1"));
  CHECK_FALSE(patience("soon", ""));
  CHECK_FALSE(patience("0", ""));
}

TEST_CASE("without systemd, or when it is gone, nothing happens") {
  NotifySocket nobody({.socket = "", .watchdog_usec = "1000000", .watchdog_pid = ""});
  CHECK_FALSE(nobody.patience());
  nobody.ready("alone");
  NotifySocket gone({.socket = "/nowhere/notify", .watchdog_usec = "", .watchdog_pid = ""});
  gone.alive();
}
