// NotifySocket: the Supervisor that systemd is, by the protocol of sd_notify(3): a datagram of lines to the
// socket that NOTIFY_SOCKET names. Without one nobody is told anything.
#pragma once

#include <string>

#include "io/posix/descriptor.hpp"
#include "io/supervisor.hpp"

namespace iw::io::posix {

class NotifySocket final : public Supervisor {
 public:
  // What systemd says to the program that it starts.
  struct Environment {
    std::string socket;         // NOTIFY_SOCKET: a path, or "@name" of the abstract name space
    std::string watchdog_usec;  // WATCHDOG_USEC
    std::string watchdog_pid;   // WATCHDOG_PID: empty, or the process that is meant
  };
  static Environment environment();

  explicit NotifySocket(const Environment& environment);

  void ready(std::string_view status) override;
  void alive() override;
  void stopping() override;
  [[nodiscard]] std::optional<Duration> patience() const override { return patience_; }

 private:
  void send(std::string_view lines) const;

  std::string path_;
  Descriptor socket_;
  std::optional<Duration> patience_;
};

}  // namespace iw::io::posix
