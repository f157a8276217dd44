#include "gateway/watchdog.hpp"

#include <utility>

namespace iw::gateway {

void Watchdog::start() {
  if (supervisor_.patience()) on_timer();
}

void Watchdog::on_timer() {
  core_.arm(*this, core_.now() + *supervisor_.patience() / 2);
  if (std::exchange(asked_, true)) return;
  field_.post([this] {
    core_.post([this] {
      asked_ = false;
      supervisor_.alive();
    });
  });
}

}  // namespace iw::gateway
