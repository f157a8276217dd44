// Where the counters were, as CSV: what is needed to go on with a register that ran over or was reset, so
// that it still only rises on the other machine. normalize/counter.hpp says what the columns mean.
#pragma once

#include <functional>

#include "historian/catalogue.hpp"
#include "normalize/counter.hpp"
#include "transfer/stream_file.hpp"

namespace iw::transfer {

constexpr std::string_view counters_name = "counters.csv";

class CounterWriter {
 public:
  explicit CounterWriter(OutputFile file) : file_(std::move(file)) {}

  Result<void> begin();
  Result<void> put(const historian::SeriesInfo& series, const normalize::CounterState& state);
  Result<void> finish() { return file_.finish(); }

 private:
  OutputFile file_;
};

using TakeCounter =
    std::function<Result<void>(const historian::SeriesInfo& series, const normalize::CounterState& state)>;

Result<void> read_counters(InputFile file, const TakeCounter& take);

}  // namespace iw::transfer
