// The day files of a folder: opened when they are asked for, a few of them kept open; and reading across
// them.
#pragma once

#include <list>
#include <string>

#include "historian/day_file.hpp"
#include "historian/layout.hpp"
#include "io/files.hpp"

namespace iw::historian {

class DayFiles {
 public:
  // mode: read in a process that does not write here, else create.
  DayFiles(io::Files& files, std::string folder, sqlite::Mode mode, std::string vfs)
      : files_(&files), folder_(std::move(folder)), mode_(mode), vfs_(std::move(vfs)) {}

  [[nodiscard]] Result<std::vector<Day>> days() { return days_in(*files_, folder_); }
  // The file of a day, made if there is none and we write here. Valid until the next one is asked for.
  Result<DayFile*> at(Day day);
  // Forgets what is open: after an error, or before a file is removed.
  void close() { open_.clear(); }
  Result<void> remove(Day day);

  // Samples of a series, in the order of time, each time once: the newest counts. `unsealed`: what is newer
  // than all files, in the order in which it came.
  Result<Samples> read(SeriesId series, Range range, const Samples& unsealed);

 private:
  struct Open {
    Day day;
    DayFile file;
  };

  io::Files* files_;
  std::string folder_;
  sqlite::Mode mode_;
  std::string vfs_;
  std::list<Open> open_;  // used last stands first
};

}  // namespace iw::historian
