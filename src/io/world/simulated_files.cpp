#include "io/world/simulated_files.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/world/world.hpp"

namespace iw::io::world {

namespace {

constexpr std::size_t sector = 512;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Counts down; true when it reaches zero.
bool is_nth(unsigned& left) {
  if (left == 0) return false;
  --left;
  return left == 0;
}

}  // namespace

SimulatedFiles::SimulatedFiles(Node& node)
    : node_(node), random_(node.world().random("files:" + node.name())) {}

Result<std::string> SimulatedFiles::read(const std::string& path) {
  if (auto done = operate("read", path); !done) return fail(std::move(done).error());
  const auto file = find(path);
  if (!file) return fail(file.error());
  return (*file)->content;
}

Result<std::string> SimulatedFiles::read_secret(const std::string& path) {
  if (auto done = operate("read", path); !done) return fail(std::move(done).error());
  const auto file = find(path);
  if (!file) return fail(file.error());
  if (((*file)->mode & 077U) != 0) {
    return fail(ErrorKind::denied,
                fmt::format("{}: mode {:04o} lets others read a secret", path, (*file)->mode),
                "chmod 600 " + path);
  }
  return (*file)->content;
}

Result<void> SimulatedFiles::replace(const std::string& path, std::string_view content, unsigned mode) {
  const std::string folder = folder_of(path);
  const std::string temporary = path + ".new";
  if (!has_folder(folder)) return fail(ErrorKind::not_found, fmt::format("{}: no folder {}", path, folder));
  if (has_folder(path)) return fail(ErrorKind::invalid_argument, fmt::format("{} is a folder", path));

  if (auto done = operate("create", temporary); !done) return done;
  const auto file = std::make_shared<File>(File{.content = {}, .synced = {}, .mode = mode});
  change({temporary, file, {}});

  // As the real one does, the temporary file is removed when something fails on the way.
  const auto give_up = [&](Result<void> failed) {
    if (node_.alive()) change({temporary, nullptr, {}});
    return failed;
  };
  if (auto done = operate("write", temporary); !done) return give_up(std::move(done));
  if (full_) {
    return give_up(fail(ErrorKind::exhausted, fmt::format("write {}: no space left on the disk", temporary),
                        "free some space on the disk"));
  }
  file->content = content;
  if (auto done = operate("sync", temporary); !done) return give_up(std::move(done));
  file->synced = file->content;
  if (auto done = operate("rename", temporary); !done) return give_up(std::move(done));
  change({path, file, temporary});
  if (auto done = operate("sync", folder); !done) return done;
  sync_folder(folder);
  node_.world().mix(std::as_bytes(std::span(content)));
  node_.world().trace(node_.name(), "wrote {} bytes to {}", content.size(), path);
  return {};
}

class SimulatedFiles::Appending final : public AppendFile {
 public:
  Appending(SimulatedFiles& files, std::string path, FilePtr file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}

  Result<void> append(Bytes bytes) override {
    if (files_.full_) {
      return fail(ErrorKind::exhausted, fmt::format("write {}: no space left on the disk", path_),
                  "free some space on the disk");
    }
    const std::size_t before = file_->content.size();
    file_->content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    files_.node_.world().mix(bytes);
    auto done = files_.operate("write", path_);
    // A write that fails may be done in part. One that a power cut ends has been through it already.
    if (!done && files_.node_.alive()) {
      const double part = files_.random_.unit() * static_cast<double>(bytes.size());
      file_->content.resize(before + static_cast<std::size_t>(part));
    }
    return done;
  }
  Result<void> sync() override { return files_.sync(*file_, path_); }

 private:
  SimulatedFiles& files_;
  std::string path_;
  FilePtr file_;
};

Result<std::unique_ptr<AppendFile>> SimulatedFiles::create(const std::string& path, unsigned mode) {
  const std::string folder = folder_of(path);
  if (!has_folder(folder)) return fail(ErrorKind::not_found, fmt::format("{}: no folder {}", path, folder));
  if (names_.contains(path)) return fail(ErrorKind::busy, fmt::format("{} exists already", path));
  if (auto done = operate("create", path); !done) return fail(std::move(done).error());
  const auto file = std::make_shared<File>(File{.content = {}, .synced = {}, .mode = mode});
  change({path, file, {}});
  if (auto done = operate("sync", folder); !done) return fail(std::move(done).error());
  sync_folder(folder);
  return std::make_unique<Appending>(*this, path, file);
}

Result<void> SimulatedFiles::sync(const std::string& path) {
  const auto file = find(path);
  if (!file) return fail(file.error());
  return sync(**file, path);
}

Result<void> SimulatedFiles::sync(File& file, const std::string& path) {
  auto done = operate("sync", path);
  if (!done) file.sync_failed = true;
  if (!file.sync_failed) file.synced = file.content;
  return done;
}

Result<void> SimulatedFiles::remove(const std::string& path) {
  if (auto done = operate("remove", path); !done) return done;
  if (const auto file = find(path); !file) return fail(file.error());
  change({path, nullptr, {}});
  return {};
}

Result<std::vector<std::string>> SimulatedFiles::list(const std::string& folder) {
  if (auto done = operate("list", folder); !done) return fail(std::move(done).error());
  if (!has_folder(folder)) return fail(ErrorKind::not_found, fmt::format("no folder {}", folder));
  std::vector<std::string> found;
  for (const auto& [path, file] : names_) {
    if (folder_of(path) == folder) found.push_back(path.substr(path.rfind('/') + 1));
  }
  return found;
}

Result<void> SimulatedFiles::make_folder(const std::string& path) {
  if (has_folder(path)) return {};
  if (names_.contains(path)) return fail(ErrorKind::invalid_argument, fmt::format("{} is a file", path));
  if (auto done = make_folder(folder_of(path)); !done) return done;
  if (auto done = operate("make folder", path); !done) return done;
  change(
      {path, std::make_shared<File>(File{.content = {}, .synced = {}, .mode = 0755, .is_folder = true}), {}});
  return {};
}

Result<std::uint64_t> SimulatedFiles::size(const std::string& path) {
  if (auto done = operate("look at", path); !done) return fail(std::move(done).error());
  const auto file = find(path);
  if (!file) return fail(file.error());
  return (*file)->content.size();
}

Result<std::uint64_t> SimulatedFiles::free_space(const std::string& folder) {
  if (auto done = operate("look at", folder); !done) return fail(std::move(done).error());
  if (!has_folder(folder)) return fail(ErrorKind::not_found, fmt::format("no folder {}", folder));
  constexpr std::uint64_t plenty = std::uint64_t{1} << 40U;
  return full_ ? 0 : plenty;
}

// One disk operation, with its chance to fail.
Result<void> SimulatedFiles::operate(std::string_view what, const std::string& path) {
  if (!node_.alive())
    return fail(ErrorKind::io, fmt::format("{} {}: node {} was killed", what, path, node_.name()));
  if (path.starts_with("/proc/")) return {};  // the kernel's, on no disk
  if (is_nth(cut_in_)) {
    node_.kill(Death::power_cut);
    return fail(ErrorKind::io, fmt::format("{} {}: node {} lost power", what, path, node_.name()));
  }
  if (broken_ || is_nth(fail_in_)) {
    return fail(ErrorKind::io, fmt::format("{} {}: the disk reports an error", what, path), "check the disk");
  }
  return {};
}

Result<SimulatedFiles::FilePtr> SimulatedFiles::find(const std::string& path) const {
  const auto found = names_.find(path);
  if (found == names_.end()) return fail(ErrorKind::not_found, fmt::format("no file {}", path));
  if (found->second->is_folder) return fail(ErrorKind::invalid_argument, fmt::format("{} is a folder", path));
  return found->second;
}

bool SimulatedFiles::has_folder(const std::string& path) const {
  if (path == "/" || path == ".") return true;
  const auto found = names_.find(path);
  return found != names_.end() && found->second->is_folder;
}

void SimulatedFiles::apply(const Change& change, Names& names) {
  if (!change.renamed_from.empty()) names.erase(change.renamed_from);
  if (change.file) {
    names[change.path] = change.file;
  } else {
    names.erase(change.path);
  }
}

void SimulatedFiles::change(Change change) {
  apply(change, names_);
  unsynced_.push_back(std::move(change));
}

// Also syncs the folders above: a name is of no use when the way to it is lost.
void SimulatedFiles::sync_folder(const std::string& folder) {
  if (folder != "/" && folder != ".") sync_folder(folder_of(folder));
  std::erase_if(unsynced_, [&](const Change& change) {
    if (folder_of(change.path) != folder) return false;
    apply(change, on_disk_);
    return true;
  });
}

void SimulatedFiles::lose_power() {
  for (const Change& change : unsynced_) {
    const std::string folder = folder_of(change.path);
    const bool reachable = folder == "/" || folder == "." || on_disk_.contains(folder);
    if (reachable && random_.chance(0.5)) apply(change, on_disk_);
  }
  unsynced_.clear();
  for (const auto& [path, file] : on_disk_)
    lose_unsynced(*file);
  names_ = on_disk_;
  fail_in_ = cut_in_ = 0;
}

// Each sector is the old one or the new one; what neither was synced nor got through is zeros.
void SimulatedFiles::lose_unsynced(File& file) {
  if (file.content == file.synced) return;
  std::string kept = file.synced;
  kept.resize(std::max(kept.size(), file.content.size()));
  for (std::size_t at = 0; at < file.content.size(); at += sector) {
    const std::size_t n = std::min(sector, file.content.size() - at);
    if (random_.chance(0.5)) kept.replace(at, n, file.content, at, n);
  }
  file.content = file.synced = kept;
}

}  // namespace iw::io::world
