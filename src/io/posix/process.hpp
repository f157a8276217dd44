// What the operating system says of this process.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace iw::io::posix {

struct ProcessUsage {
  Duration cpu{};                    // of all threads, user and system
  std::uint64_t resident_bytes = 0;  // of memory
  std::uint64_t open_files = 0;      // descriptors
};

// What can not be learned is 0.
ProcessUsage process_usage();

}  // namespace iw::io::posix
