// Reader: the history in a folder as another process sees it, while the gateway writes there or not. It
// changes nothing. What is not sealed yet it takes from the head log when it is opened; blocks are read when
// they are asked for. Blocking; not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "historian/catalogue.hpp"
#include "historian/day_files.hpp"
#include "historian/unsealed.hpp"
#include "io/files.hpp"

namespace iw::historian {

class Reader {
 public:
  // not_found: no history is kept there. vfs: SQLite's view of the disk; empty: the system's.
  static Result<Reader> open(io::Files& files, const std::string& folder, const std::string& vfs = {});

  [[nodiscard]] const std::vector<SeriesInfo>& series() const { return catalogue_.series(); }  // by number

  // In the order of time, each time once.
  Result<Samples> raw(SeriesId series, Range range);

 private:
  Reader(Catalogue catalogue, DayFiles days, Unsealed unsealed)
      : catalogue_(std::move(catalogue)), days_(std::move(days)), unsealed_(std::move(unsealed)) {}

  Catalogue catalogue_;
  DayFiles days_;
  Unsealed unsealed_;
};

}  // namespace iw::historian
