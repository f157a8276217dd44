// From files of open formats back into a history, by the road that all values take: recorded, sealed, rolled
// up. Values at times that the history has already correct it; to import twice is to import once.
#pragma once

#include <functional>
#include <string>

#include "historian/historian.hpp"
#include "transfer/sample_form.hpp"

namespace iw::transfer {

struct ImportSettings {
  std::string history;  // folder of the history, which nobody else writes to
  std::string samples;  // file
  Form form = Form::csv;
  std::string rollups = {};                                  // file; empty: none
  std::string counters = {};                                 // file; empty: none
  historian::Day values_from = 0;                            // as exported
  std::function<void(std::uint64_t done_samples)> progress;  // none: nobody looks
};

struct Imported {
  std::uint64_t series = 0;
  std::uint64_t samples = 0;
  std::uint64_t refused = 0;  // of days whose values are given up, or with times that can not be
  std::uint64_t rollups = 0;
};

Result<Imported> import_history(io::Files& files, const ImportSettings& settings);

}  // namespace iw::transfer
