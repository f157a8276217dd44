#include "io/posix/disk_space.hpp"

#include <filesystem>

#include "io/posix/errors.hpp"

namespace iw::io::posix {

Result<DiskSpace> disk_space(const std::string& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error) return fail(file_error("look at the disk of", folder, error.value()));
  return DiskSpace{.size = space.capacity - space.free + space.available, .free = space.available};
}

}  // namespace iw::io::posix
