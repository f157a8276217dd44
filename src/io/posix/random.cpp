#include "io/posix/random.hpp"

#include <cerrno>
#include <system_error>

#include <sys/random.h>

namespace iw::io::posix {

std::uint64_t OsRandom::next() {
  std::uint64_t value = 0;
  // So few bytes come whole or not at all.
  while (getrandom(&value, sizeof value, 0) != sizeof value) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return value;
}

}  // namespace iw::io::posix
