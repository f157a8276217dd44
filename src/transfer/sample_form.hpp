// The two forms in which samples leave and come back: CSV, and the Protocol Buffers stream of
// proto/interwatt/v1/telemetry.proto. What a series is stands in both, so that a file is enough by itself.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "historian/catalogue.hpp"
#include "historian/samples.hpp"
#include "transfer/stream_file.hpp"

namespace iw::transfer {

enum class Form : std::uint8_t { csv, protobuf };

// "samples.csv", "samples.pb"
std::string_view file_name(Form form);

class SampleWriter {
 public:
  SampleWriter() = default;
  SampleWriter(const SampleWriter&) = delete;
  SampleWriter& operator=(const SampleWriter&) = delete;
  virtual ~SampleWriter() = default;

  // Samples of the series of this place in the list that the writer was made with.
  virtual Result<void> put(std::size_t series, const historian::Samples& samples) = 0;
  virtual Result<void> finish() = 0;
};

// The list must outlive the writer.
Result<std::unique_ptr<SampleWriter>> write_samples(Form form, OutputFile file,
                                                    std::span<const historian::SeriesInfo> series);

// What is read: samples of one series, some hundred to some thousand at a time.
using TakeSamples =
    std::function<Result<void>(const historian::SeriesInfo& series, const historian::Samples& samples)>;

// malformed: with the line, or the place in the stream.
Result<void> read_samples(Form form, InputFile file, const TakeSamples& take);

}  // namespace iw::transfer
