// Any bytes as files of an exported history: they end, with samples and roll-ups or with an error that says
// which file; and a sample that was read is read again from what is written of it.
#include <bit>

#include "fuzzing.hpp"
#include "io/testing/memory_files.hpp"
#include "transfer/manifest.hpp"
#include "transfer/rollup_csv.hpp"
#include "transfer/sample_form.hpp"

using namespace iw;
using namespace iw::transfer;
using iw::fuzzing::require;

namespace {

void check_again(const historian::SeriesInfo& series, const historian::Samples& samples) {
  io::testing::MemoryFiles files;
  auto writer = write_samples(Form::csv, OutputFile::create(files, "again").value(), std::span(&series, 1));
  require(writer.has_value() && (*writer)->put(0, samples) && (*writer)->finish(), "samples can be written");
  std::size_t at = 0;
  const auto read = read_samples(
      Form::csv, InputFile(files, "again"),
      [&](const historian::SeriesInfo& same, const historian::Samples& some) -> Result<void> {
        require(same == series, "the series");
        for (std::size_t i = 0; i < some.size(); ++i, ++at) {
          require(some.time_ms[i] == samples.time_ms[at] && some.quality[i] == samples.quality[at] &&
                      std::bit_cast<std::uint64_t>(some.value[i]) ==
                          std::bit_cast<std::uint64_t>(samples.value[at]),
                  "every bit of a sample");
        }
        return {};
      });
  require(read.has_value() && at == samples.size(), "all samples");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  io::testing::MemoryFiles files;
  files.put("in/file", std::string_view(reinterpret_cast<const char*>(data), size));
  files.put("in/manifest.json", std::string_view(reinterpret_cast<const char*>(data), size));
  const auto csv = read_samples(
      Form::csv, InputFile(files, "in/file"),
      [](const historian::SeriesInfo& series, const historian::Samples& samples) -> Result<void> {
        check_again(series, samples);
        return {};
      });
  require(csv || csv.error().message.find("in/file") != std::string::npos, "an error names the file");
  const auto ignored = [](const auto&, auto&&...) -> Result<void> { return {}; };
  (void)read_samples(Form::protobuf, InputFile(files, "in/file"), ignored);
  (void)read_rollups(InputFile(files, "in/file"), ignored);
  (void)read_manifest(files, "in");
  return 0;
}
