#include "transfer/sample_form.hpp"

#include "transfer/sample_csv.hpp"
#include "transfer/sample_protobuf.hpp"

namespace iw::transfer {

std::string_view file_name(Form form) { return form == Form::csv ? "samples.csv" : "samples.pb"; }

Result<std::unique_ptr<SampleWriter>> write_samples(Form form, OutputFile file,
                                                    std::span<const historian::SeriesInfo> series) {
  return form == Form::csv ? write_csv(std::move(file), series) : write_protobuf(std::move(file), series);
}

Result<void> read_samples(Form form, InputFile file, const TakeSamples& take) {
  return form == Form::csv ? read_csv(std::move(file), take) : read_protobuf(std::move(file), take);
}

}  // namespace iw::transfer
