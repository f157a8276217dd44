#include "gateway/event_table.hpp"

#include <algorithm>

#include <fmt/chrono.h>

#include "gateway/live_table.hpp"

namespace iw::gateway {
namespace {

using events::AlarmState;
using events::Event;
using events::Nature;
using events::Severity;

std::string second_of(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%F %T}", fmt::gmtime(seconds.time_since_epoch().count()));
}

// How long it lasted, or lasts; nothing for a moment.
std::string duration_of(const Event& event, WallTime now) {
  if (info(event.kind).nature != Nature::condition) return "";
  return format_age(event.cleared.value_or(now) - event.raised);
}

std::string severity_of(const Event& event, const Console& console) {
  const Style style = event.severity >= Severity::alarm     ? Style::bad
                      : event.severity == Severity::warning ? Style::warn
                                                            : Style::dim;
  return console.styled(style, to_string(event.severity));
}

std::string state_text(const Event& event, WallTime now, const Console& console) {
  if (is_shelved(event, now)) return console.styled(Style::dim, "shelved");
  const AlarmState state = state_of(event);
  const Style style = state == AlarmState::unacknowledged ? Style::bad
                      : is_open(state)                    ? Style::warn
                                                          : Style::dim;
  return console.styled(style, to_string(state));
}

std::string what_of(const Event& event) {
  if (event.occurrences <= 1) return event.message;
  return fmt::format(
      "{} ({} times{})", event.message, event.occurrences,
      event.folding == events::Folding::none ? "" : fmt::format(", {}", to_string(event.folding)));
}

}  // namespace

std::string place_of(const Event& event) {
  const events::Source& source = event.source;
  if (!source.path.empty()) return source.path;
  if (!source.device.empty()) return source.device;
  return source.asset.empty() ? "gateway" : source.asset;
}

std::string event_table(std::span<const Event> events, WallTime now, const Console& console) {
  using enum TextTable::Align;
  TextTable table(
      {{"id", right}, {"raised"}, {"lasts", right}, {"severity"}, {"state"}, {"where"}, {"what"}});
  for (const Event& event : events) {
    table.add({fmt::format("{}", event.id.value()), second_of(event.raised), duration_of(event, now),
               severity_of(event, console), state_text(event, now, console), place_of(event),
               what_of(event)});
  }
  return table.to_string(console);
}

std::string event_line(const Event& event, WallTime now, const Console& console) {
  std::string line = fmt::format("{}  {:>5}  {}  {}  {}: {}", second_of(event.cleared.value_or(event.last)),
                                 event.id.value(), severity_of(event, console),
                                 state_text(event, now, console), place_of(event), what_of(event));
  if (info(event.kind).nature == Nature::condition && event.cleared)
    line += console.styled(Style::good,
                           fmt::format("; over after {}", format_age(*event.cleared - event.raised)));
  if (!event.cleared_by.empty()) line += fmt::format("; cleared by {}", event.cleared_by);
  if (event.acknowledged) line += fmt::format("; acknowledged by {}", event.acknowledged->by);
  if (is_shelved(event, now)) line += fmt::format("; shelved until {}", second_of(event.shelved->until));
  return line;
}

std::string event_details(const Event& event, WallTime now, const Console& console) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : "\n",
                        console.styled(Style::dim, fmt::format("{:<13}", name)), value);
  };
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  add("event", fmt::format("{}", event.id.value()));
  add("what", what_of(event));
  add("remedy", event.remedy);
  add("kind", to_string(event.kind));
  add("severity", severity_of(event, console));
  add("state", state_text(event, now, console));
  add("where", place_of(event));
  add("device", event.source.device);
  add("asset", event.source.asset);
  add("raised", second_of(event.raised));
  if (event.last != event.raised) add("again", second_of(event.last));
  if (info(event.kind).nature == Nature::condition) {
    add("over", event.cleared ? second_of(*event.cleared) : "not yet");
    add("lasts", duration_of(event, now));
    const std::string said = event.cleared_comment.empty() ? "" : fmt::format(": {}", event.cleared_comment);
    add("cleared", event.cleared_by.empty() ? "" : fmt::format("by {}{}", event.cleared_by, said));
  }
  add("value", number(event.value));
  add("limit", number(event.limit));
  if (event.acknowledged) {
    add("acknowledged", fmt::format("{} by {}", second_of(event.acknowledged->time), event.acknowledged->by));
    add("comment", event.acknowledged->comment);
  }
  if (is_shelved(event, now)) {
    add("shelved", fmt::format("until {} by {}", second_of(event.shelved->until), event.shelved->by));
    add("because", event.shelved->reason);
  }
  return text;
}

std::string event_summary(std::span<const Event> open) {
  if (open.empty()) return "nothing open";
  const auto waiting = std::ranges::count_if(open, [](const Event& event) { return !event.acknowledged; });
  if (waiting == 0) return fmt::format("{} open, all acknowledged", open.size());
  return fmt::format("{} open, {} of them to be acknowledged", open.size(), waiting);
}

}  // namespace iw::gateway
