#include "formats/timestamp.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace iw::formats {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year;

constexpr sys_time<milliseconds> first = sys_days(year(1) / 1 / 1);
constexpr sys_time<milliseconds> last =
    sys_time<milliseconds>(sys_days(year(9999) / 12 / 31)) + std::chrono::days(1) - milliseconds(1);

// Digits only: no sign, no blank.
std::optional<int> number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + (c - '0');
  }
  return n;
}

}  // namespace

std::string to_timestamp(std::int64_t ms) {
  const auto time = std::clamp(sys_time<milliseconds>(milliseconds(ms)), first, last);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss of_day(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count(),
                     of_day.subseconds().count());
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  constexpr std::string_view form = "yyyy-mm-ddThh:mm:ss";
  const bool with_fraction = text.size() == form.size() + 5;  // ".250Z"
  if (!with_fraction && text.size() != form.size() + 1) return std::nullopt;
  if (text.back() != 'Z' || (with_fraction && text[form.size()] != '.')) return std::nullopt;
  for (const std::size_t i : {4U, 7U, 10U, 13U, 16U})
    if (text[i] != form[i]) return std::nullopt;
  const auto y = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  const auto hour = number(text.substr(11, 2));
  const auto minute = number(text.substr(14, 2));
  const auto second = number(text.substr(17, 2));
  const auto ms = with_fraction ? number(text.substr(20, 3)) : 0;
  if (!y || !month || !day || !hour || !minute || !second || !ms) return std::nullopt;
  const std::chrono::year_month_day date(year(*y), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *y < 1 || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const sys_time<milliseconds> time = sys_time<milliseconds>(sys_days(date)) + std::chrono::hours(*hour) +
                                      std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
                                      milliseconds(*ms);
  return time.time_since_epoch().count();
}

}  // namespace iw::formats
