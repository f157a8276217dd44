// Disk: a disk in memory that SQLite and io::Files share, with what disks do to programs: errors, no space,
// and a power cut after any operation, of which only what was synced is certain.
//
//   Disk disk;
//   Database::open({.path = "/a.db", .vfs = disk.vfs()}); ... disk.files() ...
//   for (std::size_t cut = 0; cut <= disk.trace().size(); ++cut) {
//     const auto left = disk.after_power_cut({.operations = cut}, luck);    // start the program on it
//   }
//
// Names are on the disk when their folder was synced; SQLite's own files behave as its view of Unix makes
// them. One connection to a database at a time; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "io/files.hpp"

namespace iw::sqlite::testing {

struct Operation {
  enum class Kind : std::uint8_t { create, write, truncate, sync, remove, sync_folder };

  Kind kind{};
  std::size_t file = 0;      // its number, which outlives its name
  std::string path = {};     // under which it is created or removed
  std::uint64_t offset = 0;  // of a write; the size of a truncation
  std::vector<std::byte> bytes = {};
  bool failed = false;  // a sync: what was written before it may be lost for ever
};

// When the power was cut: after so many operations, and so many bytes of the write that comes next.
struct PowerCut {
  std::size_t operations = 0;
  std::size_t bytes = 0;
  bool whole_writes = false;  // a write gets through or not, and none in part
};

Unexpected no_file(const std::string& path);
std::string folder_of(const std::string& path);

class Disk {
 public:
  Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  // The name of SQLite's view of it.
  [[nodiscard]] const std::string& vfs() const { return vfs_name_; }
  [[nodiscard]] io::Files& files() { return *files_; }

  // New files have SQLite's default pages of 4 KiB, whatever is asked for: a trace of fewer bytes.
  void set_default_pages(bool set) { default_pages_ = set; }
  [[nodiscard]] bool default_pages() const { return default_pages_; }

  [[nodiscard]] const std::vector<Operation>& trace() const { return trace_; }
  // Whether what no sync confirmed got through: asked for each sector of 512 bytes (or each write), each
  // truncation, and each change of a name.
  using Luck = std::function<bool()>;
  [[nodiscard]] std::unique_ptr<Disk> after_power_cut(PowerCut cut, const Luck& luck) const;

  // Faults. One operation is a read, too.
  // Some of those to come: the nth (1 is the next) and those after it, so many.
  void fail_operations(std::size_t nth, std::size_t count = 1) {
    fail_in_ = nth;
    fail_count_ = count;
  }
  void set_full(bool full) { full_ = full; }  // nothing grows
  void set_read_only(bool read_only) { read_only_ = read_only; }
  void set_broken(bool broken) { broken_ = broken; }  // every operation is an input/output error
  [[nodiscard]] std::size_t operations() const { return operations_; }

  // ---- For the views of it

  struct File {
    std::size_t number = 0;
    std::vector<std::byte> content = {};
    // What processes share of a database's log, which is memory and no disk.
    std::vector<std::unique_ptr<std::array<std::byte, std::size_t{32} << 10U>>> shared = {};
  };
  using FilePtr = std::shared_ptr<File>;

  [[nodiscard]] FilePtr find(const std::string& path) const;
  [[nodiscard]] const std::map<std::string, FilePtr>& names() const { return names_; }
  [[nodiscard]] bool has_folder(const std::string& path) const { return folders_.contains(path); }
  void make_folder(const std::string& path);
  FilePtr make_nameless();
  Result<FilePtr> create(const std::string& path);  // an old file of this name keeps no name
  Result<void> name(const FilePtr& file, const std::string& path);
  Result<void> read();  // whether it may
  Result<void> write(File& file, std::uint64_t offset, Bytes bytes);
  Result<void> truncate(File& file, std::uint64_t size);
  Result<void> sync(File& file);
  Result<void> remove(const std::string& path);
  Result<void> sync_folder();

 private:
  struct Vfs;
  struct VfsDelete {
    void operator()(Vfs* vfs) const;
  };

  Result<void> operate();
  Result<void> change();
  [[nodiscard]] std::vector<bool> confirmed(std::size_t operations) const;

  std::map<std::string, FilePtr> names_;
  std::set<std::string> folders_{"/"};
  std::map<std::string, FilePtr> begin_;  // what was there before the trace
  std::vector<Operation> trace_;
  std::size_t next_number_ = 1;
  std::size_t operations_ = 0;
  std::size_t fail_in_ = 0;
  std::size_t fail_count_ = 0;
  bool default_pages_ = false;
  bool full_ = false;
  bool read_only_ = false;
  bool broken_ = false;
  std::unique_ptr<io::Files> files_;
  std::string vfs_name_;
  std::unique_ptr<Vfs, VfsDelete> vfs_;
};

}  // namespace iw::sqlite::testing
