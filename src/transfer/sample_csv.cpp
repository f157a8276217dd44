#include "transfer/sample_csv.hpp"

#include <fmt/format.h>

#include "base/append.hpp"
#include "model/quantity.hpp"
#include "transfer/csv.hpp"
#include "transfer/value_text.hpp"

namespace iw::transfer {
namespace {

constexpr std::string_view header = "time,path,value,unit,quality,point,mrid\n";
enum Column : std::uint8_t { time, path, value, unit, quality, point, mrid, columns };

constexpr std::size_t samples_at_once = 4096;

class CsvWriter final : public SampleWriter {
 public:
  CsvWriter(OutputFile file, std::span<const historian::SeriesInfo> series) : file_(std::move(file)) {
    for (const historian::SeriesInfo& info : series) {
      texts_.push_back({.path = csv_field(info.path),
                        .unit = std::string(model::to_string(model::info(info.name.quantity).unit)),
                        .identity = fmt::format("{},{}", csv_field(model::to_string(info.name)),
                                                model::to_string(info.mrid))});
    }
  }

  Result<void> begin() { return file_.put(header); }

  Result<void> put(std::size_t series, const historian::Samples& samples) override {
    const Texts& texts = texts_[series];
    lines_.clear();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i == 0 || samples.quality[i] != samples.quality[i - 1])
        quality_ = csv_field(quality_text(samples.quality[i]));
      append(lines_, "{},{},{},{},{},{}\n", time_text(samples.time_ms[i]), texts.path,
             exact_text(samples.value[i]), texts.unit, quality_, texts.identity);
    }
    return file_.put(lines_);
  }

  Result<void> finish() override { return file_.finish(); }

 private:
  struct Texts {
    std::string path;
    std::string unit;
    std::string identity;  // point and mRID
  };

  OutputFile file_;
  std::vector<Texts> texts_;  // by series
  std::string lines_;
  std::string quality_;
};

class CsvReader {
 public:
  explicit CsvReader(const TakeSamples& take) : take_(take) {}

  // A record of the file, the first of which is the header.
  Result<void> take(const std::vector<std::string>& fields) {
    ++record_;
    if (record_ == 1) return check_header(fields);
    if (auto done = take_row(fields); !done)
      return fail(std::move(done).error().in(fmt::format("record {}", record_)));
    return {};
  }

  Result<void> flush() {
    if (samples_.empty()) return {};
    auto done = take_(series_, samples_);
    samples_.clear();
    return done;
  }

 private:
  static Result<void> check_header(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields)
      line += (line.empty() ? "" : ",") + field;
    if (line + "\n" == header) return {};
    return fail(ErrorKind::malformed,
                fmt::format("it does not begin with {}", header.substr(0, header.size() - 1)));
  }

  Result<void> take_row(const std::vector<std::string>& fields) {
    if (fields.size() != columns)
      return fail(ErrorKind::malformed, fmt::format("{} fields instead of {}", fields.size(), +columns));
    if (fields[mrid] != mrid_ || fields[path] != series_.path || fields[point] != point_) {
      if (auto done = flush(); !done) return done;
      if (auto done = begin_series(fields); !done) return done;
    }
    const auto at = parse_time_text(fields[time]);
    if (!at) return fail(at.error());
    const auto number = parse_exact(fields[value]);
    if (!number) return fail(number.error());
    const auto how = parse_quality_text(fields[quality]);
    if (!how) return fail(how.error());
    samples_.add(*at, *number, *how);
    return samples_.size() < samples_at_once ? Result<void>{} : flush();
  }

  Result<void> begin_series(const std::vector<std::string>& fields) {
    const auto identity = model::parse_mrid(fields[mrid]);
    if (!identity) return fail(identity.error());
    const auto name = model::parse_point_name(fields[point]);
    if (!name) return fail(name.error());
    mrid_ = fields[mrid];
    point_ = fields[point];
    series_ = {.mrid = *identity, .path = fields[path], .name = *name};
    return {};
  }

  const TakeSamples& take_;
  std::uint64_t record_ = 0;
  std::string mrid_;
  std::string point_;
  historian::SeriesInfo series_;
  historian::Samples samples_;
};

}  // namespace

Result<std::unique_ptr<SampleWriter>> write_csv(OutputFile file,
                                                std::span<const historian::SeriesInfo> series) {
  auto writer = std::make_unique<CsvWriter>(std::move(file), series);
  if (auto begun = writer->begin(); !begun) return fail(std::move(begun).error());
  return writer;
}

Result<void> read_csv(InputFile file, const TakeSamples& take) {
  CsvReader reader(take);
  auto done = each_record(file, [&](const std::vector<std::string>& fields) { return reader.take(fields); });
  return done ? reader.flush() : done;
}

}  // namespace iw::transfer
