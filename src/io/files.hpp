// Files: the file system as the rest of the house sees it. Every write survives a crash: whole old or whole
// new.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iw::io {

// A file that only grows.
class AppendFile {
 public:
  AppendFile() = default;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  virtual ~AppendFile() = default;

  // Handed to the operating system: survives the end of the process, not a power cut. After an error a part
  // of it may be there.
  virtual Result<void> append(Bytes bytes) = 0;
  // What was appended is on the disk. After an error it may be lost, whatever a later call says: the kernel
  // forgets what it could not write.
  virtual Result<void> sync() = 0;
};

class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  virtual Result<std::string> read(const std::string& path) = 0;
  // At most `most` bytes from a byte on, fewer only at the end of the file: for files of any size.
  virtual Result<std::string> read_part(const std::string& path, std::uint64_t from, std::size_t most) {
    auto whole = read(path);
    if (!whole) return whole;
    return from < whole->size() ? whole->substr(from, most) : std::string{};
  }
  // Reads a secret: a regular file, not a link, of our own or root, mode 0600 or stricter; denied otherwise.
  virtual Result<std::string> read_secret(const std::string& path) = 0;
  // Write to a temporary file, fsync, rename, fsync of the folder. mode: 0644 or 0600.
  virtual Result<void> replace(const std::string& path, std::string_view content, unsigned mode = 0644) = 0;
  // A new file; its name is on the disk. busy: there is one of this name already.
  virtual Result<std::unique_ptr<AppendFile>> create(const std::string& path, unsigned mode = 0644) = 0;
  // What is in the file is on the disk, whoever wrote it.
  virtual Result<void> sync(const std::string& path) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  // Names (not paths) in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<void> make_folder(const std::string& path) = 0;
  // Bytes of a file.
  virtual Result<std::uint64_t> size(const std::string& path) = 0;
  // Bytes that we may still write to the disk of this folder.
  virtual Result<std::uint64_t> free_space(const std::string& folder) = 0;
};

}  // namespace iw::io
