#include "base/posix_tz.hpp"

namespace iw {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

class PosixTz::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  Result<PosixTz> parse() {
    PosixTz tz;
    name();
    tz.standard_ = -time(24);
    if (good_ && !rest_.empty()) {
      Summer summer;
      name();
      summer.offset =
          rest_.empty() || rest_.front() == ',' ? tz.standard_ + std::chrono::hours(1) : -time(24);
      summer.begin = change();
      summer.end = change();
      tz.summer_ = summer;
    }
    if (!good_ || !rest_.empty()) {
      return fail(ErrorKind::malformed, fmt::format("'{}' is no rule of a time zone (POSIX TZ)", text_));
    }
    return tz;
  }

 private:
  static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  static bool digit(char c) { return c >= '0' && c <= '9'; }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = take(c) && good_; }

  // Three letters or more, or anything in angle brackets.
  void name() {
    const std::size_t before = rest_.size();
    if (take('<')) {
      while (!rest_.empty() && rest_.front() != '>')
        rest_.remove_prefix(1);
      expect('>');
    } else {
      while (!rest_.empty() && letter(rest_.front()))
        rest_.remove_prefix(1);
    }
    good_ = good_ && before - rest_.size() >= 3;
  }

  int number(int most) {
    if (rest_.empty() || !digit(rest_.front())) {
      good_ = false;
      return 0;
    }
    int value = 0;
    while (!rest_.empty() && digit(rest_.front())) {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      if (value > most) {
        good_ = false;
        return 0;
      }
    }
    return value;
  }

  // [+-]hh[:mm[:ss]]
  seconds time(int most_hours) {
    const bool negative = take('-');
    if (!negative) take('+');
    seconds value = std::chrono::hours(number(most_hours));
    if (take(':')) value += std::chrono::minutes(number(59));
    if (take(':')) value += seconds(number(59));
    return negative ? -value : value;
  }

  Change change() {
    Change out;
    expect(',');
    if (take('M')) {
      out.month = static_cast<unsigned>(number(12));
      expect('.');
      out.week = static_cast<unsigned>(number(5));
      expect('.');
      out.weekday = static_cast<unsigned>(number(6));
      good_ = good_ && out.month >= 1 && out.week >= 1;
    } else if (take('J')) {
      out.day = Change::Day::julian_without_leap_day;
      out.number = number(365);
      good_ = good_ && out.number >= 1;
    } else {
      out.day = Change::Day::zero_based;
      out.number = number(365);
    }
    if (take('/')) out.time = time(167);
    return out;
  }

  std::string_view text_;
  std::string_view rest_;
  bool good_ = true;
};

Result<PosixTz> PosixTz::parse(std::string_view text) { return Parser(text).parse(); }

// On the local clock, written as if it were UTC.
sys_seconds PosixTz::Change::in(std::chrono::year year) const {
  const sys_days new_year{year / 1 / 1};
  switch (day) {
    case Day::julian_without_leap_day:
      return new_year + days(number - 1 + (year.is_leap() && number > 59 ? 1 : 0)) + time;
    case Day::zero_based: return new_year + days(number) + time;
    case Day::month_week_day: break;
  }
  const auto of_month = year / std::chrono::month(month);
  const std::chrono::weekday wanted(weekday);
  const sys_days date =
      week == 5 ? sys_days(of_month / wanted[std::chrono::last]) : sys_days(of_month / wanted[week]);
  return date + time;
}

seconds PosixTz::offset(sys_seconds at) const {
  if (!summer_) return standard_;
  const auto year = std::chrono::year_month_day(std::chrono::floor<days>(at + standard_)).year();
  const sys_seconds begin = summer_->begin.in(year)-standard_;
  const sys_seconds end = summer_->end.in(year)-summer_->offset;
  // In the south, summer goes over the new year.
  const bool in_summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
  return in_summer ? summer_->offset : standard_;
}

}  // namespace iw
