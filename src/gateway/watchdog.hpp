// Watchdog: tells the supervisor that the gateway lives, as long as it does: at half of the supervisor's
// patience it asks the field's thread, and says so once that has answered. A core or a field that hangs says
// nothing, and is started anew.
//
// All methods on the core executor. It goes away when the field's executor has ended.
#pragma once

#include "io/executor.hpp"
#include "io/supervisor.hpp"

namespace iw::gateway {

class Watchdog final : private io::Timer {
 public:
  Watchdog(io::Executor& core, io::Executor& field, io::Supervisor& supervisor)
      : core_(core), field_(field), supervisor_(supervisor) {}

  // Nothing happens when the supervisor does not watch.
  void start();

 private:
  void on_timer() override;

  io::Executor& core_;
  io::Executor& field_;
  io::Supervisor& supervisor_;
  bool asked_ = false;  // and not answered yet
};

}  // namespace iw::gateway
