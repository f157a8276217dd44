#include "sqlite/testing/disk.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace iw::sqlite::testing {
namespace {

using Kind = Operation::Kind;

constexpr std::size_t sector = 512;

void put(std::vector<std::byte>& content, std::uint64_t offset, Bytes bytes) {
  content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
  std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

// As a disk does it: each sector for itself.
void put_by_luck(std::vector<std::byte>& content, std::uint64_t offset, Bytes bytes, bool whole,
                 const Disk::Luck& luck) {
  while (!bytes.empty()) {
    const std::size_t n =
        whole ? bytes.size() : std::min<std::size_t>(bytes.size(), sector - offset % sector);
    if (luck()) put(content, offset, bytes.first(n));
    offset += n;
    bytes = bytes.subspan(n);
  }
}

}  // namespace

Unexpected no_file(const std::string& path) {
  return fail(ErrorKind::not_found, fmt::format("no file {}", path));
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// ---- What is done to it

Disk::FilePtr Disk::find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

void Disk::make_folder(const std::string& path) {
  for (std::string folder = path; folders_.insert(folder).second;)
    folder = folder_of(folder);
}

// One operation, with its chance to fail.
Result<void> Disk::operate() {
  ++operations_;
  if (fail_in_ > 0) --fail_in_;
  const bool fails = fail_in_ == 0 && fail_count_ > 0;
  if (fails) --fail_count_;
  if (broken_ || fails) return fail(ErrorKind::io, "the disk reports an error", "check the disk");
  return {};
}

Result<void> Disk::change() {
  if (read_only_) return fail(ErrorKind::denied, "the disk is mounted read-only", "mount it for writing");
  return operate();
}

Result<void> Disk::read() { return operate(); }

Disk::FilePtr Disk::make_nameless() { return std::make_shared<File>(File{.number = next_number_++}); }

Result<Disk::FilePtr> Disk::create(const std::string& path) {
  auto file = make_nameless();
  if (auto named = name(file, path); !named) return fail(std::move(named).error());
  return file;
}

Result<void> Disk::name(const FilePtr& file, const std::string& path) {
  if (!folders_.contains(folder_of(path))) return no_file(folder_of(path));
  if (auto done = change(); !done) return done;
  names_[path] = file;
  trace_.push_back({.kind = Kind::create, .file = file->number, .path = path});
  return {};
}

// One that finds no space, or fails, is done in part.
Result<void> Disk::write(File& file, std::uint64_t offset, Bytes bytes) {
  auto done = change();
  if (read_only_) return done;
  if (done && full_ && offset + bytes.size() > file.content.size())
    done = fail(ErrorKind::exhausted, "no space left on the disk", "free some space on the disk");
  if (!done) bytes = bytes.first(bytes.size() / 2);
  if (full_ && !done)
    bytes = bytes.first(std::min<std::size_t>(
        bytes.size(), file.content.size() - std::min<std::size_t>(file.content.size(), offset)));
  put(file.content, offset, bytes);
  trace_.push_back(
      {.kind = Kind::write, .file = file.number, .offset = offset, .bytes = {bytes.begin(), bytes.end()}});
  return done;
}

Result<void> Disk::truncate(File& file, std::uint64_t size) {
  if (auto done = change(); !done) return done;
  file.content.resize(size);
  trace_.push_back({.kind = Kind::truncate, .file = file.number, .offset = size});
  return {};
}

Result<void> Disk::sync(File& file) {
  auto done = operate();
  trace_.push_back({.kind = Kind::sync, .file = file.number, .failed = !done});
  return done;
}

Result<void> Disk::remove(const std::string& path) {
  if (!names_.contains(path)) return no_file(path);
  if (auto done = change(); !done) return done;
  trace_.push_back({.kind = Kind::remove, .file = names_[path]->number, .path = path});
  names_.erase(path);
  return {};
}

Result<void> Disk::sync_folder() {
  auto done = operate();
  trace_.push_back({.kind = Kind::sync_folder, .failed = !done});
  return done;
}

// ---- What a power cut leaves of it

// For each write, whether the sync that came next was good: one that failed makes the kernel forget what it
// could not write, whatever a later one says. Names are in the journal of the file system: any later sync
// does.
std::vector<bool> Disk::confirmed(std::size_t operations) const {
  std::vector<bool> certain(operations, false);
  std::map<std::size_t, bool> of_file;
  bool of_names = false;
  for (std::size_t i = operations; i-- > 0;) {
    const Operation& operation = trace_[i];
    switch (operation.kind) {
      case Kind::sync: of_file[operation.file] = !operation.failed; break;
      case Kind::sync_folder: of_names = of_names || !operation.failed; break;
      case Kind::write:
      case Kind::truncate: certain[i] = of_file[operation.file]; break;
      case Kind::create:
      case Kind::remove: certain[i] = of_names; break;
    }
  }
  return certain;
}

std::unique_ptr<Disk> Disk::after_power_cut(PowerCut cut, const Luck& luck) const {
  auto left = std::make_unique<Disk>();
  left->default_pages_ = default_pages_;
  left->folders_ = folders_;
  left->next_number_ = next_number_;
  std::map<std::size_t, FilePtr> files;
  const auto file = [&](std::size_t number) {
    FilePtr& known = files[number];
    if (!known) known = std::make_shared<File>(File{.number = number});
    return known;
  };
  for (const auto& [path, was] : begin_) {
    file(was->number)->content = was->content;
    left->names_[path] = file(was->number);
  }
  const std::vector<bool> certain = confirmed(cut.operations);
  for (std::size_t i = 0; i < cut.operations; ++i) {
    const Operation& operation = trace_[i];
    const Luck sure = [] { return true; };
    const Luck& through = certain[i] ? sure : luck;
    std::vector<std::byte>& content = file(operation.file)->content;
    switch (operation.kind) {
      case Kind::write:
        put_by_luck(content, operation.offset, operation.bytes, cut.whole_writes, through);
        break;
      case Kind::truncate:
        if (through()) content.resize(operation.offset);
        break;
      case Kind::create:
        if (through()) left->names_[operation.path] = file(operation.file);
        break;
      case Kind::remove:
        if (through()) left->names_.erase(operation.path);
        break;
      case Kind::sync:
      case Kind::sync_folder: break;
    }
  }
  if (cut.bytes > 0) {
    const Operation& next = trace_.at(cut.operations);
    put_by_luck(file(next.file)->content, next.offset, Bytes(next.bytes).first(cut.bytes), cut.whole_writes,
                luck);
  }
  for (const auto& [path, named] : left->names_)
    left->begin_[path] = std::make_shared<File>(File{.number = named->number, .content = named->content});
  return left;
}

}  // namespace iw::sqlite::testing
