#include "io/posix/notify_socket.hpp"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace iw::io::posix {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// sd_watchdog_enabled(3): it is for this process only when it is meant.
std::optional<Duration> patience_of(const NotifySocket::Environment& environment) {
  const auto microseconds = number(environment.watchdog_usec);
  if (!microseconds || *microseconds <= 0) return std::nullopt;
  if (!environment.watchdog_pid.empty() && number(environment.watchdog_pid) != getpid()) return std::nullopt;
  return std::chrono::microseconds(*microseconds);
}

}  // namespace

NotifySocket::Environment NotifySocket::environment() {
  return {.socket = variable("NOTIFY_SOCKET"),
          .watchdog_usec = variable("WATCHDOG_USEC"),
          .watchdog_pid = variable("WATCHDOG_PID")};
}

NotifySocket::NotifySocket(const Environment& environment) {
  if (environment.socket.empty() || environment.socket.size() >= sizeof(sockaddr_un::sun_path)) return;
  path_ = environment.socket;
  socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  patience_ = patience_of(environment);
}

// One that can not be delivered is lost: the next one says the same.
void NotifySocket::send(std::string_view lines) const {
  if (!socket_.open()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (path_.front() == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  static_cast<void>(::sendto(socket_.number(), lines.data(), lines.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), length));
}

void NotifySocket::ready(std::string_view status) { send(fmt::format("READY=1\nSTATUS={}\n", status)); }
void NotifySocket::alive() { send("WATCHDOG=1\n"); }
void NotifySocket::stopping() { send("STOPPING=1\n"); }

}  // namespace iw::io::posix
