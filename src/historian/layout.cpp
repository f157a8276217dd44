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
constexpr std::string_view suffix = ".db";

std::optional<int> number(std::string_view digits) {
  int n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return n;
}

// The day in raw-2026-11-24.db; none for other names.
std::optional<Day> day_in(std::string_view name) {
  if (!name.starts_with(day_prefix) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_prefix(day_prefix.size());
  name.remove_suffix(suffix.size());
  if (name.size() != 10 || name[4] != '-' || name[7] != '-') return std::nullopt;
  const auto year = number(name.substr(0, 4));
  const auto month = number(name.substr(5, 2));
  const auto day = number(name.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date).time_since_epoch().count();
}

}  // namespace

std::string head_folder(const std::string& folder) { return folder + "/head"; }
std::string catalogue_path(const std::string& folder) { return folder + "/catalogue.db"; }
std::string reserve_path(const std::string& folder) { return folder + "/reserve"; }

std::string day_path(const std::string& folder, Day day) {
  const year_month_day date{sys_days(days(day))};
  return fmt::format("{}/{}{:04}-{:02}-{:02}{}", folder, day_prefix, static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), suffix);
}

Result<std::vector<Day>> days_in(io::Files& files, const std::string& folder) {
  const auto names = files.list(folder);
  if (!names && names.error().kind == ErrorKind::not_found) return std::vector<Day>{};
  if (!names) return fail(names.error());
  std::vector<Day> found;
  for (const std::string& name : *names) {
    if (const auto day = day_in(name)) found.push_back(*day);
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
