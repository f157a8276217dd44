// Samples as CSV: a header, and a line for each sample.
#pragma once

#include "transfer/sample_form.hpp"

namespace iw::transfer {

Result<std::unique_ptr<SampleWriter>> write_csv(OutputFile file,
                                                std::span<const historian::SeriesInfo> series);
Result<void> read_csv(InputFile file, const TakeSamples& take);

}  // namespace iw::transfer
