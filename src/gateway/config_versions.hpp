// ConfigVersions: every configuration that was in force, in a folder of files that are never changed:
// 000001.json, 000002.json ... Each is whole: who, when, why, what it changed, and the text.
//
// Blocking; belongs to one thread. What add() confirmed survives kill -9 and a power cut. The oldest go when
// there are too many.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "gateway/config_changes.hpp"
#include "io/files.hpp"

namespace iw::gateway {

// Of a text, or a part of one: the same for the same bytes. Fit for an HTTP entity tag.
std::string tag_of(std::string_view text);

struct ConfigAuthor {
  std::string by;   // "anna", "the file"
  std::string why;  // in their words; may be empty
};

struct ConfigVersion {
  std::uint64_t number = 0;
  WallTime time;
  ConfigAuthor author;
  std::vector<ConfigChange> changes;  // against the version before
  std::string tag;                    // of its text
};

class ConfigVersions {
 public:
  // Makes the folder of versions; that of all data must exist. Files that are no versions are passed over.
  static Result<ConfigVersions> open(io::Files& files, const std::string& data_folder,
                                     std::size_t most = 500);

  // Oldest first.
  [[nodiscard]] const std::vector<ConfigVersion>& all() const { return all_; }
  [[nodiscard]] const ConfigVersion* newest() const { return all_.empty() ? nullptr : &all_.back(); }
  [[nodiscard]] const ConfigVersion* find(std::uint64_t number) const;
  Result<std::string> text(std::uint64_t number);

  Result<ConfigVersion> add(WallTime time, ConfigAuthor author, std::vector<ConfigChange> changes,
                            std::string_view text);
  // It did not come into force after all.
  void withdraw_newest();

 private:
  ConfigVersions(io::Files& files, std::string folder, std::size_t most)
      : files_(&files), folder_(std::move(folder)), most_(most) {}

  [[nodiscard]] std::string path(std::uint64_t number) const;

  io::Files* files_;
  std::string folder_;
  std::size_t most_;
  std::uint64_t last_ = 0;
  std::vector<ConfigVersion> all_;
};

}  // namespace iw::gateway
