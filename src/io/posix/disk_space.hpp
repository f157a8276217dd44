// How full the disk of a folder is, as df counts: what the system keeps for itself is no part of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace iw::io::posix {

struct DiskSpace {
  std::uint64_t size = 0;  // bytes that files may take in all
  std::uint64_t free = 0;  // of which we may still write

  [[nodiscard]] double full_percent() const {
    return size == 0 ? 0 : 100 * (1 - static_cast<double>(free) / static_cast<double>(size));
  }
};

Result<DiskSpace> disk_space(const std::string& folder);

}  // namespace iw::io::posix
