// Inspection: reads everything that stands in the folder of a historian, and says what is damaged, where, and
// what to do about it. Changes nothing. Blocking: a large history takes as long as the disk needs to read it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "io/files.hpp"

namespace iw::historian {

struct Damage {
  std::string file;
  std::string place;  // within the file: "block 12 of series 3 (roof/ActivePower)"; empty: the whole file
  std::string what;
  std::string remedy;
};

struct Inspection {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t series = 0;
  std::uint64_t blocks = 0;
  std::uint64_t samples = 0;     // sealed
  std::uint64_t rollups = 0;     // buckets of all levels
  std::uint64_t recordings = 0;  // of the head log, sealed or not
  // Segments of the head log that are cut because the disk was full or ill, and whose recordings stand in a
  // later one: nothing is lost by them, and they go with the next seal.
  std::vector<std::string> written_again;
  std::vector<Damage> damages;
};

// The file that is read next, and how many of all bytes are behind it.
using Progress = std::function<void(const std::string& file, std::uint64_t done, std::uint64_t of_all)>;

struct InspectionSettings {
  std::string folder;
  bool being_written = false;  // by another process: the end of the head log may be half a recording
  std::string vfs = {};        // SQLite's view of the disk, by name; empty: the system's
};

// not_found: no history is kept there.
Result<Inspection> inspect(io::Files& files, const InspectionSettings& settings, const Progress& progress);

}  // namespace iw::historian
