#include "io/posix/process.hpp"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace iw::io::posix {
namespace {

Duration to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// proc(5): total and resident pages.
std::uint64_t resident_pages() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  return statm >> total >> resident ? resident : 0;
}

std::uint64_t open_descriptors() {
  std::error_code none;
  std::uint64_t count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", none);
       it != std::filesystem::directory_iterator(); it.increment(none))
    ++count;
  return count;
}

}  // namespace

ProcessUsage process_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {.cpu = to_duration(usage.ru_utime) + to_duration(usage.ru_stime),
          .resident_bytes = resident_pages() * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
          .open_files = open_descriptors()};
}

}  // namespace iw::io::posix
