#include "io/posix/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#include "io/posix/descriptor.hpp"
#include "io/posix/errors.hpp"

namespace iw::io::posix {
namespace {

Result<std::string> read_all(const Descriptor& file, const std::string& path) {
  std::string content;
  std::array<char, 65536> part{};
  for (;;) {
    const ssize_t n = ::read(file.number(), part.data(), part.size());
    if (n == 0) return content;
    if (n < 0) {
      if (errno == EINTR) continue;
      return fail(file_error("read", path, errno));
    }
    content.append(part.data(), static_cast<std::size_t>(n));
    if (content.size() > PosixFiles::largest_read) {
      return fail(ErrorKind::exhausted,
                  fmt::format("{} is larger than {} MiB", path, PosixFiles::largest_read >> 20),
                  "is it the right file?");
    }
  }
}

int write_all(const Descriptor& file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(file.number(), content.data(), content.size());
    if (n >= 0) {
      content.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// A rename or removal is on the disk only when its folder is.
Result<void> sync_folder(const std::string& folder) {
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open() || fsync(descriptor.number()) != 0)
    return fail(file_error("sync the folder", folder, errno));
  return {};
}

// Writes, gives the mode and syncs; the errno if that failed.
int fill(const Descriptor& file, std::string_view content, unsigned mode) {
  if (const int error = write_all(file, content); error != 0) return error;
  // fchmod, because the mode given to open() is cut by the umask.
  if (fchmod(file.number(), mode) != 0 || fsync(file.number()) != 0) return errno;
  return 0;
}

Unexpected refuse_secret(const std::string& path, std::string_view why, std::string remedy) {
  return fail(ErrorKind::denied, fmt::format("the secret {} is refused: {}", path, why), std::move(remedy));
}

class PosixAppendFile final : public AppendFile {
 public:
  PosixAppendFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<void> append(Bytes bytes) override {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (const int error = write_all(file_, text); error != 0) return fail(file_error("write", path_, error));
    return {};
  }
  Result<void> sync() override {
    if (fdatasync(file_.number()) != 0) return fail(file_error("sync", path_, errno));
    return {};
  }

 private:
  Descriptor file_;
  std::string path_;
};

}  // namespace

Result<std::string> PosixFiles::read(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return fail(file_error("read", path, errno));
  return read_all(file, path);
}

Result<std::string> PosixFiles::read_part(const std::string& path, std::uint64_t from, std::size_t most) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return fail(file_error("read", path, errno));
  std::string part(most, '\0');
  std::size_t have = 0;
  while (have < most) {
    const ssize_t n = pread(file.number(), part.data() + have, most - have, static_cast<off_t>(from + have));
    if (n == 0) break;
    if (n > 0) {
      have += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      return fail(file_error("read", path, errno));
    }
  }
  part.resize(have);
  return part;
}

Result<std::string> PosixFiles::read_secret(const std::string& path) {
  // O_NONBLOCK: a pipe in this place must not hold us up before it is refused.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.open()) {
    if (errno == ELOOP) return refuse_secret(path, "it is a symbolic link", "name the file itself");
    return fail(file_error("read", path, errno));
  }
  struct stat status{};
  if (fstat(file.number(), &status) != 0) return fail(file_error("read", path, errno));
  if (!S_ISREG(status.st_mode)) return refuse_secret(path, "it is no regular file", "name the file itself");
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return refuse_secret(path,
                         fmt::format("it belongs to user {}, who can read and change it", status.st_uid),
                         fmt::format("chown {} {}", geteuid(), path));
  }
  if ((status.st_mode & 077U) != 0) {
    return refuse_secret(path, fmt::format("its mode {:04o} lets others at it", status.st_mode & 07777U),
                         fmt::format("chmod 600 {}", path));
  }
  return read_all(file, path);
}

Result<void> PosixFiles::replace(const std::string& path, std::string_view content, unsigned mode) {
  // In the same folder, for a rename is atomic only inside one file system. mkostemp makes it 0600: a secret
  // is never readable by others, not even for a moment.
  std::string temporary = path + ".XXXXXX";
  Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.open()) return fail(file_error("write", path, errno));
  int error = fill(file, content, mode);
  file.close();
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return fail(file_error("write", path, error));
  }
  return sync_folder(folder_of(path));
}

Result<std::unique_ptr<AppendFile>> PosixFiles::create(const std::string& path, unsigned mode) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (!file.open() && errno == EEXIST)
    return fail(ErrorKind::busy, fmt::format("{} exists already", path), "move it away");
  if (!file.open() || fchmod(file.number(), mode) != 0) return fail(file_error("create", path, errno));
  if (auto synced = sync_folder(folder_of(path)); !synced) return fail(std::move(synced).error());
  return std::make_unique<PosixAppendFile>(std::move(file), path);
}

Result<void> PosixFiles::sync(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() || fdatasync(file.number()) != 0) return fail(file_error("sync", path, errno));
  return {};
}

Result<void> PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail(file_error("remove", path, errno));
  return sync_folder(folder_of(path));
}

Result<std::vector<std::string>> PosixFiles::list(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  if (error) return fail(file_error("list", folder, error.value()));
  std::ranges::sort(names);
  return names;
}

Result<void> PosixFiles::make_folder(const std::string& path) {
  const std::filesystem::path whole(path);
  std::filesystem::path part;
  for (const auto& name : whole) {
    part /= name;
    if (::mkdir(part.c_str(), 0755) == 0) {
      if (auto synced = sync_folder(folder_of(part.string())); !synced) return synced;
    } else if (errno != EEXIST) {
      return fail(file_error("make the folder", part.string(), errno));
    }
  }
  std::error_code error;
  if (!std::filesystem::is_directory(whole, error)) return fail(file_error("make the folder", path, ENOTDIR));
  return {};
}

Result<std::uint64_t> PosixFiles::size(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail(file_error("look at", path, errno));
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::uint64_t> PosixFiles::free_space(const std::string& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error) return fail(file_error("look at the disk of", folder, error.value()));
  return space.available;
}

}  // namespace iw::io::posix
