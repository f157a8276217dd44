// From a history to files of open formats, in an order that depends on nothing but what is exported: by day,
// then by path, then by time.
//
// samples.csv or samples.pb has every value; rollups.csv the roll-ups of times whose values are gone. The
// other roll-ups come into being again when the values are imported. counters.csv, where the counters were,
// belongs to the whole time only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "historian/reader.hpp"
#include "transfer/sample_form.hpp"

namespace iw::transfer {

struct ExportSettings {
  std::string folder;  // is there
  Form form = Form::csv;
  std::function<bool(std::string_view path)> wanted;                             // none: all
  std::optional<historian::Range> range = {};                                    // all
  std::function<void(std::uint64_t done_samples, historian::Day day)> progress;  // none: nobody looks
};

struct Exported {
  std::uint64_t series = 0;
  std::uint64_t samples = 0;
  std::uint64_t rollups = 0;
  historian::Day values_from = 0;  // of the days before, only roll-ups are kept; 0: of none
  std::vector<std::string> files;  // names in the folder
};

Result<Exported> export_history(historian::Reader& reader, io::Files& files, const ExportSettings& settings);

}  // namespace iw::transfer
