// MemoryFiles: a file system without a disk, for unit tests. Crashes and page caches are in io/world.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/files.hpp"

namespace iw::io::testing {

class MemoryFiles final : public Files {
 public:
  Result<std::string> read(const std::string& path) override;
  Result<std::string> read_secret(const std::string& path) override;
  Result<void> replace(const std::string& path, std::string_view content, unsigned mode = 0644) override;
  Result<std::unique_ptr<AppendFile>> create(const std::string& path, unsigned mode = 0644) override;
  Result<void> sync(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::uint64_t> size(const std::string& path) override;
  Result<std::uint64_t> free_space(const std::string& folder) override;

  // Every call fails like this until it is set back.
  void fail_with(std::optional<Error> error) { failure_ = std::move(error); }
  // Only that file can not be replaced, until it is empty again.
  void refuse(std::string path) { refused_ = std::move(path); }
  // What free_space() says.
  void set_free_space(std::uint64_t bytes) { free_space_ = bytes; }
  // A file as if somebody else had put it there, with its folders.
  void put(const std::string& path, std::string_view content, unsigned mode = 0644);
  [[nodiscard]] bool has(const std::string& path) const { return files_.contains(path); }
  [[nodiscard]] unsigned mode_of(const std::string& path) const { return files_.at(path).mode; }

 private:
  class Appending;

  struct File {
    std::string content;
    unsigned mode = 0644;
  };

  std::map<std::string, File> files_;
  std::set<std::string> folders_{"/", "."};
  std::optional<Error> failure_;
  std::string refused_;
  std::uint64_t free_space_ = std::uint64_t{1} << 40U;
};

}  // namespace iw::io::testing
