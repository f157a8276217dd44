#include "historian/layout.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace iw::historian {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::string_view day_prefix = "raw-";
constexpr std::string_view rollup_prefix = "rollup-";
constexpr std::string_view suffix = ".db";

std::optional<int> number(std::string_view digits) {
  int n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return n;
}

// 2026-11-24, or what of it stands there: 2026-11 and 2026 mean the first day.
std::optional<year_month_day> date_of(std::string_view text) {
  const auto year = number(text.substr(0, 4));
  const auto month = text.size() > 4 ? number(text.substr(5, 2)) : 1;
  const auto day = text.size() > 7 ? number(text.substr(8, 2)) : 1;
  if (!year || !month || !day) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return date;
}

// The date in a name of this shape: raw-2026-11-24.db for "raw-" and a date of ten characters.
std::optional<year_month_day> date_in(std::string_view name, std::string_view prefix, std::size_t length) {
  if (name.size() != prefix.size() + length + suffix.size()) return std::nullopt;
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  return date_of(name.substr(prefix.size(), length));
}

Day day_number(const year_month_day& date) { return sys_days(date).time_since_epoch().count(); }

year_month_day date_of(Day day) { return year_month_day{sys_days(days(day))}; }

}  // namespace

std::string head_folder(const std::string& folder) { return folder + "/head"; }
std::string catalogue_path(const std::string& folder) { return folder + "/catalogue.db"; }
std::string reserve_path(const std::string& folder) { return folder + "/reserve"; }

std::string day_path(const std::string& folder, Day day) {
  const year_month_day date = date_of(day);
  return fmt::format("{}/{}{:04}-{:02}-{:02}{}", folder, day_prefix, static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), suffix);
}

std::string month_path(const std::string& folder, Day day) {
  const year_month_day date = date_of(day);
  return fmt::format("{}/{}{:04}-{:02}{}", folder, rollup_prefix, static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), suffix);
}

std::string year_path(const std::string& folder, Day day) {
  return fmt::format("{}/{}{:04}{}", folder, rollup_prefix, static_cast<int>(date_of(day).year()), suffix);
}

std::optional<Day> day_of_file(std::string_view name) {
  const auto date = date_in(name, day_prefix, std::string_view("2026-11-24").size());
  if (!date) return std::nullopt;
  return day_number(*date);
}

std::optional<Days> days_of_month_file(std::string_view name) {
  const auto date = date_in(name, rollup_prefix, std::string_view("2026-11").size());
  if (!date) return std::nullopt;
  return Days{.first = day_number(*date), .end = day_number(*date + std::chrono::months(1))};
}

std::optional<Days> days_of_year_file(std::string_view name) {
  const auto date = date_in(name, rollup_prefix, std::string_view("2026").size());
  if (!date) return std::nullopt;
  return Days{.first = day_number(*date), .end = day_number(*date + std::chrono::years(1))};
}

Result<std::vector<Day>> days_in(io::Files& files, const std::string& folder) {
  const auto names = files.list(folder);
  if (!names && names.error().kind == ErrorKind::not_found) return std::vector<Day>{};
  if (!names) return fail(names.error());
  std::vector<Day> found;
  for (const std::string& name : *names) {
    if (const auto day = day_of_file(name)) found.push_back(*day);
  }
  std::ranges::sort(found);
  return found;
}

Result<std::uint64_t> bytes_in(io::Files& files, const std::string& folder) {
  const auto names = files.list(folder);
  if (!names) return fail(names.error());
  std::uint64_t sum = 0;
  for (const std::string& name : *names) {
    if (name != "head") sum += files.size(folder + "/" + name).value_or(0);  // or it was just removed
  }
  return sum;
}

Result<void> remove_database(io::Files& files, const std::string& path) {
  for (const std::string_view beside : {"-wal", "-shm"}) {
    auto removed = files.remove(path + std::string(beside));
    if (!removed && removed.error().kind != ErrorKind::not_found) return removed;
  }
  return files.remove(path);
}

}  // namespace iw::historian
