// The disk in memory as io::Files.
#pragma once

#include "sqlite/testing/disk.hpp"

namespace iw::sqlite::testing {

class DiskFiles final : public io::Files {
 public:
  explicit DiskFiles(Disk& disk) : disk_(disk) {}

  Result<std::string> read(const std::string& path) override;
  Result<std::string> read_secret(const std::string& path) override;
  Result<void> replace(const std::string& path, std::string_view content, unsigned mode) override;
  Result<std::unique_ptr<io::AppendFile>> create(const std::string& path, unsigned mode) override;
  Result<void> sync(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::uint64_t> size(const std::string& path) override;
  Result<std::uint64_t> free_space(const std::string& folder) override;

 private:
  Disk& disk_;
};

}  // namespace iw::sqlite::testing
