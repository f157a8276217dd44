// Files of any size, written and read piece by piece; and their checksums.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "io/files.hpp"

struct evp_md_ctx_st;

namespace iw::transfer {

// SHA-256 (FIPS 180-4) of what is put in.
class Sha256 {
 public:
  Sha256();
  void put(std::string_view bytes);
  // In hexadecimal; the end.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

class OutputFile {
 public:
  // Mode 0640. busy: there is one of this name.
  static Result<OutputFile> create(io::Files& files, const std::string& path);

  Result<void> put(std::string_view text);
  Result<void> put(Bytes bytes);
  // Everything is on the disk.
  Result<void> finish();

 private:
  explicit OutputFile(std::unique_ptr<io::AppendFile> file) : file_(std::move(file)) {}
  Result<void> write();

  std::unique_ptr<io::AppendFile> file_;
  std::string buffer_;
};

// The file as a window that moves over it.
class InputFile {
 public:
  InputFile(io::Files& files, std::string path) : files_(&files), path_(std::move(path)) {}

  // What is read and not taken yet.
  [[nodiscard]] std::string_view rest() const { return std::string_view(window_).substr(taken_); }
  void take(std::size_t bytes) { taken_ += bytes; }
  // Reads on; false: that was the end.
  Result<bool> more();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t position() const { return read_; }

 private:
  io::Files* files_;
  std::string path_;
  std::string window_;
  std::size_t taken_ = 0;
  std::uint64_t read_ = 0;  // bytes of the file
};

Result<std::string> sha256_of(io::Files& files, const std::string& path);

}  // namespace iw::transfer
