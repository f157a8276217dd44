// Signals: SIGINT, SIGTERM and SIGHUP as calls on a loop, instead of in the middle of anything.
//
// Made on the main thread before any other thread starts, so that all threads inherit the mask that keeps the
// signals away from them.
#pragma once

#include <csignal>
#include <functional>

#include "io/posix/loop.hpp"

namespace iw::io::posix {

class Signals final : private Watched {
 public:
  // on_signal gets the number: SIGINT, SIGTERM or SIGHUP.
  Signals(EpollLoop& loop, std::move_only_function<void(int)> on_signal);
  ~Signals() override;

 private:
  void on_ready(std::uint32_t events) override;

  EpollLoop& loop_;
  std::move_only_function<void(int)> on_signal_;
  sigset_t before_{};
  Descriptor descriptor_;
};

}  // namespace iw::io::posix
