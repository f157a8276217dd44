// Where what stands in the folder of a historian, and UTC days.
//
//   head/head-00000001.log   what is not sealed yet (head_log.hpp)
//   catalogue.db             series, notes, marks (catalogue.hpp)
//   raw-2026-11-24.db        sealed blocks of a UTC day (day_file.hpp)
//   rollup-2026-11.db        minutes of a month (rollup_files.hpp)
//   rollup-2026.db           quarters of an hour and hours of a year
//   reserve                  space that is given back when the disk is full
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/files.hpp"

namespace iw::historian {

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

constexpr std::int64_t ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// The multiple of `step` at or before t, for times before 1970 too.
constexpr std::int64_t floor_to(std::int64_t t, std::int64_t step) {
  return (t / step - (t % step < 0 ? 1 : 0)) * step;
}

// Days since 1970.
using Day = std::int64_t;
constexpr Day day_of(std::int64_t time_ms) { return floor_to(time_ms, day_ms) / day_ms; }

// Times from <= t < to, ms UTC since 1970.
struct Range {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};

std::string head_folder(const std::string& folder);
std::string catalogue_path(const std::string& folder);
std::string reserve_path(const std::string& folder);
std::string day_path(const std::string& folder, Day day);
std::string month_path(const std::string& folder, Day day);
std::string year_path(const std::string& folder, Day day);

// The day in the name of a day file; none for other names.
std::optional<Day> day_of_file(std::string_view name);
// Days first <= day < end.
struct Days {
  Day first = 0;
  Day end = 0;
};
// Those of the month or year in the name of a file of roll-ups; none for other names.
std::optional<Days> days_of_month_file(std::string_view name);
std::optional<Days> days_of_year_file(std::string_view name);

// The days that have a file, the oldest first. None when there is no such folder.
Result<std::vector<Day>> days_in(io::Files& files, const std::string& folder);

// What the files of the folder itself take, without those of the head log.
Result<std::uint64_t> bytes_in(io::Files& files, const std::string& folder);

// Removes a database with what SQLite keeps beside it.
Result<void> remove_database(io::Files& files, const std::string& path);

}  // namespace iw::historian
