// DiskWatch: looks once a minute how full the disk is that the gateway's data is on, and says when it has
// become nearly full, and when it is well again: five percent emptier. All methods on the core executor; the
// disk is looked at on the storage executor, which ends before the watch goes away.
#pragma once

#include <functional>
#include <optional>

#include "io/executor.hpp"
#include "io/posix/disk_space.hpp"

namespace iw::gateway {

class DiskWatch final : private io::Timer {
 public:
  struct Surroundings {
    io::Executor& core;
    io::Executor& storage;
    std::function<Result<io::posix::DiskSpace>()> look;  // on the storage executor
    // Nearly full; or (none) not any more. Again and again: who hears it sorts that out.
    std::function<void(const std::optional<io::posix::DiskSpace>& full)> tell;
  };
  explicit DiskWatch(Surroundings surroundings);
  DiskWatch(const DiskWatch&) = delete;
  DiskWatch& operator=(const DiskWatch&) = delete;
  ~DiskWatch() override = default;

  // From how many percent on the disk is nearly full; 0: never. It looks at once.
  void warn_at(int percent);
  void stop() { disarm(); }

 private:
  void on_timer() override;
  void take(const io::posix::DiskSpace& space);

  Surroundings surroundings_;
  int warn_percent_ = 0;
};

}  // namespace iw::gateway
