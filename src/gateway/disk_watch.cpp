#include "gateway/disk_watch.hpp"

#include <utility>

namespace iw::gateway {
namespace {

constexpr Duration look_every = 1min;
constexpr int hysteresis_percent = 5;

}  // namespace

DiskWatch::DiskWatch(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

void DiskWatch::warn_at(int percent) {
  warn_percent_ = percent;
  on_timer();
}

// What can not be seen stays as it was said last.
void DiskWatch::on_timer() {
  surroundings_.core.arm(*this, surroundings_.core.now() + look_every);
  surroundings_.storage.post([this] {
    if (const auto space = surroundings_.look())
      surroundings_.core.post([this, space = *space] { take(space); });
  });
}

// Between both limits it stays so, too.
void DiskWatch::take(const io::posix::DiskSpace& space) {
  const double full = space.full_percent();
  if (warn_percent_ == 0 || full < warn_percent_ - hysteresis_percent)
    return surroundings_.tell(std::nullopt);
  if (full >= warn_percent_) surroundings_.tell(space);
}

}  // namespace iw::gateway
