#include "sqlite/testing/disk_files.hpp"

#include <utility>

#include <fmt/format.h>

namespace iw::sqlite::testing {
namespace {

class Appending final : public io::AppendFile {
 public:
  Appending(Disk& disk, Disk::FilePtr file) : disk_(disk), file_(std::move(file)) {}

  Result<void> append(Bytes bytes) override { return disk_.write(*file_, file_->content.size(), bytes); }
  Result<void> sync() override { return disk_.sync(*file_); }

 private:
  Disk& disk_;
  Disk::FilePtr file_;
};

}  // namespace

Result<std::string> DiskFiles::read(const std::string& path) {
  const auto file = disk_.find(path);
  if (!file) return no_file(path);
  if (auto done = disk_.read(); !done) return fail(std::move(done).error());
  return std::string(reinterpret_cast<const char*>(file->content.data()), file->content.size());
}

Result<std::string> DiskFiles::read_secret(const std::string& path) { return read(path); }

Result<void> DiskFiles::replace(const std::string& path, std::string_view content, unsigned /*mode*/) {
  const auto file = disk_.make_nameless();
  if (auto done = disk_.write(*file, 0, std::as_bytes(std::span(content))); !done) return done;
  if (auto done = disk_.sync(*file); !done) return done;
  if (auto done = disk_.name(file, path); !done) return done;
  return disk_.sync_folder();
}

Result<std::unique_ptr<io::AppendFile>> DiskFiles::create(const std::string& path, unsigned /*mode*/) {
  if (disk_.find(path)) return fail(ErrorKind::busy, fmt::format("{} exists already", path));
  auto file = disk_.create(path);
  if (!file) return fail(std::move(file).error());
  if (auto done = disk_.sync_folder(); !done) return fail(std::move(done).error());
  return std::make_unique<Appending>(disk_, *file);
}

Result<void> DiskFiles::sync(const std::string& path) {
  const auto file = disk_.find(path);
  if (!file) return no_file(path);
  return disk_.sync(*file);
}

Result<void> DiskFiles::remove(const std::string& path) {
  if (auto done = disk_.remove(path); !done) return done;
  return disk_.sync_folder();
}

Result<std::vector<std::string>> DiskFiles::list(const std::string& folder) {
  if (!disk_.has_folder(folder)) return fail(ErrorKind::not_found, fmt::format("no folder {}", folder));
  if (auto done = disk_.read(); !done) return fail(std::move(done).error());
  std::vector<std::string> found;
  for (const auto& [path, file] : disk_.names())
    if (folder_of(path) == folder) found.push_back(path.substr(path.rfind('/') + 1));
  return found;
}

Result<void> DiskFiles::make_folder(const std::string& path) {
  disk_.make_folder(path);
  return {};
}

Result<std::uint64_t> DiskFiles::size(const std::string& path) {
  const auto file = disk_.find(path);
  if (!file) return no_file(path);
  return file->content.size();
}

Result<std::uint64_t> DiskFiles::free_space(const std::string& /*folder*/) { return std::uint64_t{1} << 40U; }

}  // namespace iw::sqlite::testing
