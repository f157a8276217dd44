#include "transfer/rollup_csv.hpp"

#include <fmt/format.h>

#include "base/append.hpp"
#include "transfer/csv.hpp"
#include "transfer/fields.hpp"
#include "transfer/value_text.hpp"

namespace iw::transfer {
namespace {

using historian::Level;
using historian::Rollup;

constexpr std::string_view header =
    "start,bucket,path,minimum,maximum,last,covered_ms,integral,samples,good,energy,first,point,mrid\n";
enum Column : std::uint8_t {
  start,
  bucket,
  path,
  minimum,
  maximum,
  last,
  covered,
  integral,
  samples,
  good,
  energy,
  first,
  point,
  mrid,
  columns
};

constexpr std::size_t rollups_at_once = 4096;

Result<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::minute, Level::quarter, Level::hour})
    if (text == to_string(level)) return level;
  return fail(ErrorKind::malformed, fmt::format("'{}' is none of minute, quarter, hour", text));
}

Result<Rollup> rollup_of(const std::vector<std::string>& fields) {
  Rollup rollup;
  auto read = Fields(fields)
                  .take(start, rollup.start_ms, parse_time_text)
                  .take(minimum, rollup.min, parse_exact)
                  .take(maximum, rollup.max, parse_exact)
                  .take(last, rollup.last, parse_exact)
                  .take(covered, rollup.covered_ms, whole<std::int64_t>)
                  .take(integral, rollup.integral, parse_exact)
                  .take(samples, rollup.count, whole<std::uint32_t>)
                  .take(good, rollup.good, whole<std::uint32_t>)
                  .take(energy, rollup.energy, parse_exact)
                  .take(first, rollup.first, parse_exact)
                  .done();
  if (!read) return fail(std::move(read).error());
  return rollup;
}

class Reader {
 public:
  explicit Reader(const TakeRollups& take) : take_(take) {}

  Result<void> take(const std::vector<std::string>& fields) {
    if (++record_ == 1) return {};
    auto done = take_row(fields);
    if (!done) return fail(std::move(done).error().in(fmt::format("record {}", record_)));
    return {};
  }

  Result<void> flush() {
    if (rollups_.empty()) return {};
    auto done = take_(series_, level_, rollups_);
    rollups_.clear();
    return done;
  }

 private:
  Result<void> take_row(const std::vector<std::string>& fields) {
    if (fields.size() != columns)
      return fail(ErrorKind::malformed, fmt::format("{} fields instead of {}", fields.size(), +columns));
    historian::SeriesInfo series{.mrid = {}, .path = fields[path]};
    Level level{};
    auto named = Fields(fields)
                     .take(bucket, level, parse_level)
                     .take(mrid, series.mrid, model::parse_mrid)
                     .take(point, series.name, model::parse_point_name)
                     .done();
    if (!named) return named;
    const auto rollup = rollup_of(fields);
    if (!rollup) return fail(rollup.error());
    if (series != series_ || level != level_ || rollups_.size() == rollups_at_once)
      if (auto done = flush(); !done) return done;
    series_ = std::move(series);
    level_ = level;
    rollups_.push_back(*rollup);
    return {};
  }

  const TakeRollups& take_;
  std::uint64_t record_ = 0;
  historian::SeriesInfo series_;
  Level level_{};
  std::vector<Rollup> rollups_;
};

}  // namespace

Result<void> RollupWriter::begin() { return file_.put(header); }

Result<void> RollupWriter::put(const historian::SeriesInfo& series, Level level,
                               std::span<const Rollup> rollups) {
  lines_.clear();
  for (const Rollup& r : rollups) {
    append(lines_, "{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", time_text(r.start_ms), to_string(level),
           csv_field(series.path), exact_text(r.min), exact_text(r.max), exact_text(r.last), r.covered_ms,
           exact_text(r.integral), r.count, r.good, exact_text(r.energy), exact_text(r.first),
           csv_field(model::to_string(series.name)), model::to_string(series.mrid));
  }
  return file_.put(lines_);
}

Result<void> read_rollups(InputFile file, const TakeRollups& take) {
  Reader reader(take);
  auto done = each_record(file, [&](const std::vector<std::string>& fields) { return reader.take(fields); });
  return done ? reader.flush() : done;
}

}  // namespace iw::transfer
