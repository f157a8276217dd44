// SimulatedFiles: the disk of a node, with a page cache that a power cut empties.
//
// What was written but not synced survives a power cut by chance: file content sector by sector, each change
// of a folder (a new name, a rename, a removal) as a whole. replace() syncs content and folder before it
// returns; remove() and make_folder() do not sync. A crash of the process loses nothing. What is under /proc
// is the kernel's: no disk that fails makes it unreadable.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/files.hpp"
#include "io/world/seeded_random.hpp"

namespace iw::io::world {

class Node;

class SimulatedFiles final : public Files {
 public:
  explicit SimulatedFiles(Node& node);

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

  // Faults. A replace takes five disk operations (create, write, sync, rename, sync of the folder), a create
  // two, all else one.
  void set_full(bool full) { full_ = full; }             // writes find no space
  void set_broken(bool broken) { broken_ = broken; }     // every operation is an input/output error
  void fail_operation(unsigned nth) { fail_in_ = nth; }  // one of the operations to come; 1 is the next
  void cut_power_at_operation(unsigned nth) { cut_in_ = nth; }  // kills the node instead of doing it
  void lose_power();

 private:
  struct File {
    std::string content;
    std::string synced;
    unsigned mode = 0644;
    bool is_folder = false;
    bool sync_failed = false;  // the kernel forgot what it could not write: later syncs do nothing
  };
  class Appending;
  using FilePtr = std::shared_ptr<File>;
  using Names = std::map<std::string, FilePtr>;
  struct Change {
    std::string path;
    FilePtr file;              // null: the name is removed
    std::string renamed_from;  // empty: not a rename
  };

  Result<void> operate(std::string_view what, const std::string& path);
  [[nodiscard]] Result<FilePtr> find(const std::string& path) const;
  [[nodiscard]] bool has_folder(const std::string& path) const;
  void change(Change change);
  void sync_folder(const std::string& folder);
  Result<void> sync(File& file, const std::string& path);
  void lose_unsynced(File& file);
  static void apply(const Change& change, Names& names);

  Node& node_;
  SeededRandom random_;
  Names names_;    // as programs see them
  Names on_disk_;  // as they are after a power cut
  std::vector<Change> unsynced_;
  bool full_ = false;
  bool broken_ = false;
  unsigned fail_in_ = 0;
  unsigned cut_in_ = 0;
};

}  // namespace iw::io::world
