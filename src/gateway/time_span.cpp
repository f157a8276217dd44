#include "gateway/time_span.hpp"

#include <charconv>
#include <optional>

#include "config/nearest_duration.hpp"
#include "config/rule.hpp"

namespace iw::gateway {
namespace {

// Reads numbers with what stands between them.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> number(std::size_t digits) {
    int value = 0;
    if (rest_.size() < digits) return std::nullopt;
    const char* end = rest_.data() + digits;
    const auto [stopped, error] = std::from_chars(rest_.data(), end, value);
    if (error != std::errc{} || stopped != end || value < 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  // The digits after a point, as a part of one.
  std::optional<double> fraction() {
    const auto digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || digits > 9) return std::nullopt;
    double value = 0;
    double place = 1;
    for (const char c : rest_.substr(0, digits))
      value += (c - '0') * (place /= 10);
    rest_.remove_prefix(digits);
    return value;
  }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<WallTime> parse_iso(std::string_view text) {
  Scanner in(text);
  const auto year = in.number(4);
  if (!year || !in.take('-')) return std::nullopt;
  const auto month = in.number(2);
  if (!month || !in.take('-')) return std::nullopt;
  const auto day = in.number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  WallTime time{std::chrono::sys_days{date}};
  if (in.done()) return time;

  if (!in.take('T') && !in.take(' ')) return std::nullopt;
  const auto hour = in.number(2);
  if (!hour || *hour > 23 || !in.take(':')) return std::nullopt;
  const auto minute = in.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  time += std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (in.take(':')) {
    const auto second = in.number(2);
    if (!second || *second > 59) return std::nullopt;
    time += std::chrono::seconds(*second);
    if (in.take('.')) {
      const auto part = in.fraction();
      if (!part) return std::nullopt;
      time += std::chrono::round<Duration>(std::chrono::duration<double>(*part));
    }
  }
  (void)in.take('Z');
  return in.done() ? std::optional(time) : std::nullopt;
}

}  // namespace

Result<WallTime> parse_time(std::string_view text, WallTime now) {
  const WallTime today = std::chrono::floor<std::chrono::days>(now);
  if (text == "now") return now;
  if (text == "today") return today;
  if (text == "yesterday") return today - std::chrono::days(1);
  if (const auto time = parse_iso(text)) return *time;
  if (const auto ago = config::parse_duration(text)) return now - *ago;
  const auto meant = config::nearest_duration(text);
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no time{}", text,
                          meant ? fmt::format(", did you mean {} (ago)?", *meant) : std::string()),
              "write 2026-11-24, 2026-11-24T10:15 (UTC), today, yesterday, or how long ago: 2h");
}

Result<WallTime> parse_utc(std::string_view text) {
  if (const auto time = parse_iso(text)) return *time;
  return fail(ErrorKind::malformed, fmt::format("'{}' is no time", text), "write 2026-11-24T10:15:30.250Z");
}

Result<TimeSpan> parse_span(const std::string& since, const std::string& until, WallTime now,
                            Duration otherwise) {
  TimeSpan span{.from = {}, .to = now};
  if (!until.empty()) {
    auto to = parse_time(until, now);
    if (!to) return fail(std::move(to).error().in("--until"));
    span.to = *to;
  }
  span.from = span.to - otherwise;
  if (!since.empty()) {
    auto from = parse_time(since, now);
    if (!from) return fail(std::move(from).error().in("--since"));
    span.from = *from;
  }
  if (span.from >= span.to)
    return fail(ErrorKind::invalid_argument, "--since is not before --until", "turn them round");
  return span;
}

}  // namespace iw::gateway
