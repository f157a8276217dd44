// The manifest of an export: which files there are, with their sizes and SHA-256, and what must be known to
// read them. manifest.json stands in the folder, and is written last: a folder without one is no export.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "io/files.hpp"

namespace iw::transfer {

constexpr std::string_view manifest_name = "manifest.json";

struct Manifest {
  struct File {
    std::string path;  // within the folder
    std::uint64_t bytes = 0;
    std::string sha256;

    friend bool operator==(const File&, const File&) = default;
  };

  std::string content;                       // "history", "site"
  std::map<std::string, std::string> facts;  // by name
  std::vector<File> files;                   // by path

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// Looks at the files, which are there, and writes the manifest.
Result<void> write_manifest(io::Files& files, const std::string& folder, Manifest manifest,
                            const std::vector<std::string>& paths);

// malformed: a file is not as it was written, or is missing; the message names it.
Result<Manifest> read_manifest(io::Files& files, const std::string& folder);

}  // namespace iw::transfer
