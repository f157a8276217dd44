// Whole folders, so that what is many files comes into being, or goes, at once.
#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace iw::io::posix {

// A file or a folder of that name.
bool exists(const std::string& path);

// With all that is in it; nothing when there is none.
Result<void> remove_folder(const std::string& path);

// Gives a file or folder another name, of the same disk, which is there after a power cut too. busy: there is
// one of this name, which is no empty folder.
Result<void> put_in_place(const std::string& from, const std::string& to);

// A new folder for what need not last, where the system keeps such; gone with all that is in it when its
// owner is.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~ScratchFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace iw::io::posix
