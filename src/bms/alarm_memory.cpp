#include "bms/alarm_memory.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/hex.hpp"

namespace iw::bms {
namespace {

using bacnet::EventState;
using bacnet::server::AlarmState;

constexpr std::string_view nothing = "-";

// The text up to the separator, which goes with it.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

template <class T>
bool take(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool take(std::string_view text, EventState& out) {
  std::uint32_t number = 0;
  const bool right = take(text, number);
  out = static_cast<EventState>(number);
  return right;
}

bool take(std::string_view text, AlarmState::Last& out) {
  unsigned acknowledged = 0;
  const bool right = take(cut(text, ':'), out.state) && take(cut(text, ':'), out.event_type) &&
                     take(cut(text, ':'), acknowledged);
  const auto stamp = parse_hex(text);
  if (!right || !stamp || !bacnet::decode_time_stamp(*stamp)) return false;
  out.acknowledged = acknowledged != 0;
  out.stamp = *stamp;
  return true;
}

bool take(std::string_view text, std::vector<events::EventId>& out) {
  if (text == nothing || text.empty()) return !text.empty();
  while (!text.empty()) {
    std::uint64_t id = 0;
    if (!take(cut(text, ','), id)) return false;
    out.emplace_back(id);
  }
  return true;
}

std::string to_text(const AlarmState::Last& last) {
  std::string stamp = to_hex(last.stamp);
  std::erase(stamp, ' ');
  return fmt::format("{}:{}:{}:{}", static_cast<std::uint32_t>(last.state), last.event_type,
                     last.acknowledged ? 1 : 0, stamp);
}

std::optional<std::pair<bacnet::ObjectId, AlarmMemory>> parse_line(std::string_view line) {
  std::uint32_t object = 0;
  AlarmMemory memory;
  bool right = take(cut(line, ' '), object) && take(cut(line, ' '), memory.alarm.state);
  for (AlarmState::Last& last : memory.alarm.last)
    right = right && take(cut(line, ' '), last);
  if (!right || !take(cut(line, ' '), memory.events) || !line.empty()) return std::nullopt;
  return std::pair(bacnet::ObjectId::from_bits(object), std::move(memory));
}

}  // namespace

std::string to_text(const AlarmMemories& memories) {
  std::string text;
  for (const auto& [object, memory] : memories) {
    text += fmt::format("{} {}", object.bits(), static_cast<std::uint32_t>(memory.alarm.state));
    for (const AlarmState::Last& last : memory.alarm.last)
      text += ' ' + to_text(last);
    std::vector<std::uint64_t> ids;
    for (const events::EventId id : memory.events)
      ids.push_back(id.value());
    text += ids.empty() ? fmt::format(" {}\n", nothing) : fmt::format(" {}\n", fmt::join(ids, ","));
  }
  return text;
}

AlarmMemories parse_alarm_memories(std::string_view text) {
  AlarmMemories memories;
  while (!text.empty())
    if (auto one = parse_line(cut(text, '\n'))) memories.insert(std::move(*one));
  return memories;
}

}  // namespace iw::bms
