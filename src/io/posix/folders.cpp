#include "io/posix/folders.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>

#include "io/posix/descriptor.hpp"
#include "io/posix/errors.hpp"

namespace iw::io::posix {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

Result<void> remove_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return fail(file_error("remove", path, error.value()));
  return {};
}

Result<void> put_in_place(const std::string& from, const std::string& to) {
  std::error_code error;
  if (exists(to) && !(std::filesystem::is_directory(to, error) && std::filesystem::is_empty(to, error)))
    return fail(ErrorKind::busy, fmt::format("{} exists already", to), "name another, or move it away");
  if (std::rename(from.c_str(), to.c_str()) != 0) return fail(file_error("make", to, errno));
  const auto parent = std::filesystem::path(to).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open() || fsync(descriptor.number()) != 0) return fail(file_error("sync", folder, errno));
  return {};
}

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code error;
  std::string path = (std::filesystem::temp_directory_path(error) / "interwatt-XXXXXX").string();
  if (error) return fail(file_error("find", "a folder for what need not last", error.value()));
  if (mkdtemp(path.data()) == nullptr) return fail(file_error("make", path, errno));
  return ScratchFolder(std::move(path));
}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) static_cast<void>(remove_folder(path_));
}

}  // namespace iw::io::posix
