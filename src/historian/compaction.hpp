// Compaction: few large blocks from many small ones, and the space that this frees back to the disk. What can
// be read stays the same, bit for bit; of samples that were corrected only what counts is left.
//
// Another process may write meanwhile: each step is one short transaction, and the newest days, which it
// writes to, can be left out. Killed at any time, the files are whole: what was done is done. Blocking.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "historian/inspection.hpp"
#include "historian/layout.hpp"
#include "io/files.hpp"

namespace iw::historian {

struct Compaction {
  std::uint64_t files = 0;  // that had something to do
  std::uint64_t blocks_before = 0;
  std::uint64_t blocks_after = 0;
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  std::vector<std::string> left;  // a line for each file or series that was left as it is, and why
};

struct CompactionSettings {
  std::string folder;
  Day before = 0;  // only days before this one
  std::string vfs = {};
};

Result<Compaction> compact(io::Files& files, const CompactionSettings& settings, const Progress& progress);

// Removes the blocks that can not be read, so that the others of their series can be: how many.
Result<std::uint64_t> drop_damaged_blocks(io::Files& files, const CompactionSettings& settings);

}  // namespace iw::historian
