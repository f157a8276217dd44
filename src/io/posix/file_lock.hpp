// FileLock: this file, and what it stands for, belongs to one process; the system frees it when that ends,
// whatever ends it.
#pragma once

#include <string>

#include "base/result.hpp"
#include "io/posix/descriptor.hpp"

namespace iw::io::posix {

class FileLock {
 public:
  // Makes the file when there is none; its folder must exist. busy: another process has it, whose number the
  // message says.
  static Result<FileLock> take(const std::string& path);
  // Whether another process has it. Changes nothing.
  static bool is_taken(const std::string& path);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}

  Descriptor file_;
};

}  // namespace iw::io::posix
