#include "transfer/counter_csv.hpp"

#include <cmath>

#include <fmt/format.h>

#include "transfer/csv.hpp"
#include "transfer/fields.hpp"
#include "transfer/value_text.hpp"

namespace iw::transfer {
namespace {

using normalize::CounterState;

constexpr std::string_view header =
    "path,register,read,base,doubted,doubted_read,rollovers,restarts,point,mrid\n";
enum Column : std::uint8_t {
  path,
  reading,
  read_at,
  base,
  doubted,
  doubted_at,
  rollovers,
  restarts,
  point,
  mrid,
  columns
};

// Of the nanosecond, as devices are stamped: a state that is rounded is another state.
std::string exact_time(WallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string text = time_text(ms.time_since_epoch().count());
  return fmt::format("{}{:06}Z", text.substr(0, text.size() - 1), (time - ms).count());
}

Result<WallTime> parse_exact_time(std::string_view text) {
  constexpr std::size_t further = 6;  // digits
  const std::size_t at = text.size() - std::min(text.size(), further + 1);
  const auto ms = parse_time_text(fmt::format("{}Z", text.substr(0, at)));
  if (!ms) return fail(ms.error());
  const auto nanoseconds = whole<std::uint32_t>(text.substr(at, further));
  if (!nanoseconds) return fail(nanoseconds.error());
  return WallTime(std::chrono::milliseconds(*ms)) + Duration(*nanoseconds);
}

Result<void> take_row(const std::vector<std::string>& fields, const TakeCounter& take) {
  if (fields.size() != columns)
    return fail(ErrorKind::malformed, fmt::format("{} fields instead of {}", fields.size(), +columns));
  historian::SeriesInfo series{.mrid = {}, .path = fields[path]};
  CounterState state;
  auto read = Fields(fields)
                  .take(mrid, series.mrid, model::parse_mrid)
                  .take(point, series.name, model::parse_point_name)
                  .take(reading, state.last, parse_exact)
                  .take(read_at, state.last_time, parse_exact_time)
                  .take(base, state.base, parse_exact)
                  .take(doubted, state.doubted, parse_exact)
                  .take(doubted_at, state.doubted_time, parse_exact_time)
                  .take(rollovers, state.rollovers, whole<std::uint32_t>)
                  .take(restarts, state.restarts, whole<std::uint32_t>)
                  .done();
  if (!read) return read;
  if (std::isinf(state.last) || !std::isfinite(state.base) || std::isinf(state.doubted))
    return fail(ErrorKind::malformed, "a register that can not be");
  return take(series, state);
}

}  // namespace

Result<void> CounterWriter::begin() { return file_.put(header); }

Result<void> CounterWriter::put(const historian::SeriesInfo& series, const CounterState& state) {
  return file_.put(fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(series.path),
                               exact_text(state.last), exact_time(state.last_time), exact_text(state.base),
                               exact_text(state.doubted), exact_time(state.doubted_time), state.rollovers,
                               state.restarts, csv_field(model::to_string(series.name)),
                               model::to_string(series.mrid)));
}

Result<void> read_counters(InputFile file, const TakeCounter& take) {
  std::uint64_t record = 0;
  return each_record(file, [&](const std::vector<std::string>& fields) -> Result<void> {
    if (++record == 1) return {};
    auto done = take_row(fields, take);
    if (!done) return fail(std::move(done).error().in(fmt::format("record {}", record)));
    return {};
  });
}

}  // namespace iw::transfer
