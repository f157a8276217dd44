// Backup: a copy of a historian's folder as it is at one moment, while another process writes there or not.
// The copy is a folder of a historian: it is read, and gone on with, like the original. Blocking.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "historian/inspection.hpp"
#include "io/files.hpp"

namespace iw::historian {

struct BackupSettings {
  std::string from;
  std::string to;  // must not be there yet
  std::string vfs = {};
};

struct Backup {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// After an error, what stands in `to` means nothing.
Result<Backup> back_up(io::Files& files, const BackupSettings& settings, const Progress& progress);

}  // namespace iw::historian
