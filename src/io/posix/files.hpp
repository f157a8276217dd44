// PosixFiles: the Files of this machine. Blocking, as file systems are: not for the loop of a line.
#pragma once

#include "io/files.hpp"

namespace iw::io::posix {

class PosixFiles final : public Files {
 public:
  // A larger file is a mistake (a device, a log), not a configuration.
  static constexpr std::size_t largest_read = std::size_t{64} << 20;

  Result<std::string> read(const std::string& path) override;
  Result<std::string> read_part(const std::string& path, std::uint64_t from, std::size_t most) override;
  Result<std::string> read_secret(const std::string& path) override;
  Result<void> replace(const std::string& path, std::string_view content, unsigned mode) override;
  Result<std::unique_ptr<AppendFile>> create(const std::string& path, unsigned mode) override;
  Result<void> sync(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::uint64_t> size(const std::string& path) override;
  Result<std::uint64_t> free_space(const std::string& folder) override;
};

}  // namespace iw::io::posix
