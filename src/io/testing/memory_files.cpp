#include "io/testing/memory_files.hpp"

#include <fmt/format.h>

namespace iw::io::testing {

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Unexpected no_file(const std::string& path) {
  return fail(ErrorKind::not_found, fmt::format("no file {}", path));
}

}  // namespace

Result<std::string> MemoryFiles::read(const std::string& path) {
  if (failure_) return fail(*failure_);
  const auto file = files_.find(path);
  if (file == files_.end()) return no_file(path);
  return file->second.content;
}

Result<std::string> MemoryFiles::read_secret(const std::string& path) {
  auto content = read(path);
  if (content && (mode_of(path) & 077U) != 0) {
    return fail(ErrorKind::denied,
                fmt::format("{}: mode {:04o} lets others read a secret", path, mode_of(path)),
                "chmod 600 " + path);
  }
  return content;
}

Result<void> MemoryFiles::replace(const std::string& path, std::string_view content, unsigned mode) {
  if (failure_) return fail(*failure_);
  if (!folders_.contains(folder_of(path))) {
    return fail(ErrorKind::not_found, fmt::format("{}: no folder {}", path, folder_of(path)));
  }
  if (path == refused_) return fail(ErrorKind::io, "the disk is full");
  files_[path] = {std::string(content), mode};
  return {};
}

// Appends to the file of this name as long as there is one.
class MemoryFiles::Appending final : public AppendFile {
 public:
  Appending(MemoryFiles& files, std::string path) : files_(files), path_(std::move(path)) {}

  Result<void> append(Bytes bytes) override {
    if (files_.failure_) return fail(*files_.failure_);
    const auto file = files_.files_.find(path_);
    if (file != files_.files_.end())
      file->second.content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> sync() override {
    if (files_.failure_) return fail(*files_.failure_);
    return {};
  }

 private:
  MemoryFiles& files_;
  std::string path_;
};

Result<std::unique_ptr<AppendFile>> MemoryFiles::create(const std::string& path, unsigned mode) {
  if (has(path)) return fail(ErrorKind::busy, fmt::format("{} exists already", path));
  if (auto made = replace(path, "", mode); !made) return fail(std::move(made).error());
  return std::make_unique<Appending>(*this, path);
}

Result<void> MemoryFiles::sync(const std::string& path) {
  if (failure_) return fail(*failure_);
  if (!has(path)) return no_file(path);
  return {};
}

Result<void> MemoryFiles::remove(const std::string& path) {
  if (failure_) return fail(*failure_);
  if (files_.erase(path) == 0) return no_file(path);
  return {};
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& folder) {
  if (failure_) return fail(*failure_);
  if (!folders_.contains(folder)) return fail(ErrorKind::not_found, fmt::format("no folder {}", folder));
  std::set<std::string> names;
  for (const auto& [path, file] : files_) {
    if (folder_of(path) == folder) names.insert(path.substr(path.rfind('/') + 1));
  }
  for (const std::string& path : folders_) {
    if (path != "/" && path != "." && folder_of(path) == folder)
      names.insert(path.substr(path.rfind('/') + 1));
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<void> MemoryFiles::make_folder(const std::string& path) {
  if (failure_) return fail(*failure_);
  for (std::string folder = path; folders_.insert(folder).second;)
    folder = folder_of(folder);
  return {};
}

Result<std::uint64_t> MemoryFiles::size(const std::string& path) {
  if (failure_) return fail(*failure_);
  const auto file = files_.find(path);
  if (file == files_.end()) return no_file(path);
  return file->second.content.size();
}

Result<std::uint64_t> MemoryFiles::free_space(const std::string& folder) {
  if (failure_) return fail(*failure_);
  if (!folders_.contains(folder)) return fail(ErrorKind::not_found, fmt::format("no folder {}", folder));
  return free_space_;
}

void MemoryFiles::put(const std::string& path, std::string_view content, unsigned mode) {
  for (std::string folder = folder_of(path); folders_.insert(folder).second;)
    folder = folder_of(folder);
  files_[path] = {std::string(content), mode};
}

}  // namespace iw::io::testing
