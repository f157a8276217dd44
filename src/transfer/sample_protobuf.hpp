// Samples as the Protocol Buffers stream: the catalogue of the series, then batches, each of one series.
#pragma once

#include "transfer/sample_form.hpp"

namespace iw::transfer {

Result<std::unique_ptr<SampleWriter>> write_protobuf(OutputFile file,
                                                     std::span<const historian::SeriesInfo> series);
Result<void> read_protobuf(InputFile file, const TakeSamples& take);

}  // namespace iw::transfer
