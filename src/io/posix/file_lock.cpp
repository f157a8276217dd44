#include "io/posix/file_lock.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/posix/errors.hpp"

namespace iw::io::posix {
namespace {

// What stands in the file: the number of the process that has it.
std::string owner_of(const Descriptor& file) {
  std::array<char, 32> text{};
  const ssize_t n = pread(file.number(), text.data(), text.size(), 0);
  return {text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640));
  if (!file.open()) return fail(file_error("lock", path, errno));
  if (flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(file_error("lock", path, errno));
    return fail(ErrorKind::busy, fmt::format("{} belongs to process {}", path, owner_of(file)),
                "wait until it has ended, or end it");
  }
  const std::string owner = std::to_string(getpid());
  if (ftruncate(file.number(), 0) != 0 || pwrite(file.number(), owner.data(), owner.size(), 0) < 0)
    return fail(file_error("lock", path, errno));
  return FileLock(std::move(file));
}

bool FileLock::is_taken(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file.open() && flock(file.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace iw::io::posix
