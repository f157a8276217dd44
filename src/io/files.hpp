// Files: the file system as the rest of the house sees it. Every write survives a crash: whole old or whole
// new.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace iw::io {

class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  virtual Result<std::string> read(const std::string& path) = 0;
  // Reads a secret: a regular file, not a link, of our own or root, mode 0600 or stricter; denied otherwise.
  virtual Result<std::string> read_secret(const std::string& path) = 0;
  // Write to a temporary file, fsync, rename, fsync of the folder. mode: 0644 or 0600.
  virtual Result<void> replace(const std::string& path, std::string_view content, unsigned mode = 0644) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  // Names (not paths) in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<void> make_folder(const std::string& path) = 0;
};

}  // namespace iw::io
