#include "control/controllers/schedule.hpp"

#include <algorithm>

#include "control/controllers/state_line.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

using std::chrono::days;
using std::chrono::local_days;

constexpr std::array<Word<Weekday>, 7> weekdays{{{"mon", Weekday::monday},
                                                 {"tue", Weekday::tuesday},
                                                 {"wed", Weekday::wednesday},
                                                 {"thu", Weekday::thursday},
                                                 {"fri", Weekday::friday},
                                                 {"sat", Weekday::saturday},
                                                 {"sun", Weekday::sunday}}};

// "6:30", "22:00", "24:00".
Result<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto colon = text.find(':');
  const std::string_view hour = text.substr(0, colon);
  const std::string_view minute =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if ((hour.size() == 1 || hour.size() == 2) && minute.size() == 2 && std::ranges::all_of(hour, digit) &&
      std::ranges::all_of(minute, digit)) {
    const int h = hour.size() == 2 ? (hour[0] - '0') * 10 + (hour[1] - '0') : hour[0] - '0';
    const int m = (minute[0] - '0') * 10 + (minute[1] - '0');
    if (m < 60 && h * 60 + m <= 24 * 60) return std::chrono::minutes(h * 60 + m);
  }
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no time of day", text),
              "write it as \"22:00\"");
}

std::string time_of_day(const std::chrono::minutes& time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

const Record<WindowParameters>& window_record() {
  using W = WindowParameters;
  static const auto record =
      with_wish(Record<W>()
                    .optional("days", &W::days, list_of<Weekday>(one_of(weekdays)),
                              "on which it begins; when left out, every day")
                    .optional("from", &W::from,
                              parsed<std::chrono::minutes>("a time of day", &parse_time_of_day, &time_of_day),
                              "local time of the site")
                    .optional("to", &W::to,
                              parsed<std::chrono::minutes>("a time of day", &parse_time_of_day, &time_of_day),
                              "not after from: on the next day"));
  return record;
}

std::vector<std::size_t> number_outputs(const ScheduleParameters& parameters, std::vector<Output>& outputs) {
  std::vector<std::size_t> of_windows;
  for (const WindowParameters& window : parameters.windows) {
    const auto known = std::ranges::find(outputs, window.point, &Output::path);
    of_windows.push_back(static_cast<std::size_t>(known - outputs.begin()));
    if (known == outputs.end()) outputs.push_back({.path = window.point});
  }
  return of_windows;
}

Declaration declare(const ScheduleParameters& parameters) {
  Declaration out{.kind = "schedule", .period = parameters.period, .when_blind = WhenBlind::release};
  number_outputs(parameters, out.outputs);
  return out;
}

bool is_on(const WindowParameters& window, const TimeZone& zone, WallTime at) {
  const local_days today = std::chrono::floor<days>(zone.local(at));
  // Yesterday's may last until today; the first of two equal local times may be a day's beginning.
  for (local_days date = today - days(2); date <= today + days(1); date += days(1)) {
    const auto day = static_cast<Weekday>(std::chrono::weekday(date).c_encoding());
    if (!window.days.empty() && std::ranges::find(window.days, day) == window.days.end()) continue;
    const LocalTime from = date + window.from;
    const LocalTime to = (window.to > window.from ? date : date + days(1)) + window.to;
    const WallTime begin = to_utc(zone, from);
    WallTime end = to_utc(zone, to);
    // Of a window in the hour that is left out no end is later on the clock; one in the hour that comes twice
    // ends in the first.
    const bool in_first_of_two = comes_twice(zone, from) && comes_twice(zone, to - std::chrono::minutes(1));
    if (end <= begin || in_first_of_two) end = begin + (to - from);
    if (at >= begin && at < end) return true;
  }
  return false;
}

}  // namespace

const Record<ScheduleParameters>& schedule_record() {
  using S = ScheduleParameters;
  static const auto record =
      Record<S>()
          .required("windows", &S::windows, list_of<WindowParameters>(window_record()),
                    "when what is wished; of those that are on for a point, the first counts")
          .optional("period", &S::period, duration(100ms, 1min), "between two decisions")
          .place(&S::place);
  return record;
}

void check(const ScheduleParameters& parameters, Findings& findings) {
  check_count(parameters.place, "windows", parameters.windows.size(), findings);
  for (const WindowParameters& window : parameters.windows)
    check(static_cast<const WishParameters&>(window), findings);
}

Schedule::Schedule(ScheduleParameters parameters)
    : Sighted(declare(parameters), 0), parameters_(std::move(parameters)) {
  std::vector<Output> outputs;
  outputs_ = number_outputs(parameters_, outputs);
}

void Schedule::decide(Inputs /*inputs*/, const Now& now, Decision& decision) {
  const auto at = clock_.advance(now.instant, now.wall, now.wall_trusted);
  if (!at) return say(decision, "no_wall_clock", "blind (the time is not known), wishes nothing");
  const WindowParameters* first = nullptr;
  for (std::size_t i = 0; i < parameters_.windows.size(); ++i) {
    const WindowParameters& window = parameters_.windows[i];
    const auto same = [&](const Wish& wish) { return wish.output == outputs_[i]; };
    if (!is_on(window, now.zone, *at) || std::ranges::any_of(decision.wishes, same)) continue;
    const auto [demand, value] = window.demand();
    wish(decision, outputs_[i], demand, value);
    if (first == nullptr) first = &window;
  }
  if (first == nullptr) return say(decision, "outside_windows", "no window is on");
  say(decision, "in_window", "window {} to {}: {}{}", time_of_day(first->from), time_of_day(first->to),
      to_string(*first), decision.wishes.size() > 1 ? ", and others" : "");
}

std::string Schedule::state() const {
  if (!clock_.at()) return {};
  double at =
      static_cast<double>(std::chrono::floor<std::chrono::seconds>(*clock_.at()).time_since_epoch().count());
  return write_state(std::array<StateField, 1>{{{"clock_s", &at}}});
}

Result<void> Schedule::restore(std::string_view state) {
  double at = 0;
  if (auto read = read_state(state, std::array<StateField, 1>{{{"clock_s", &at}}}); !read) return read;
  clock_.restore(WallTime(std::chrono::seconds(static_cast<std::int64_t>(at))));
  return {};
}

}  // namespace iw::control
