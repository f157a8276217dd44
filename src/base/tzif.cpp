#include "base/tzif.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/posix_tz.hpp"

namespace iw {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

struct Transition {
  sys_seconds at;
  seconds offset;  // from then on
};

class RuleZone final : public TimeZone {
 public:
  RuleZone(seconds first, std::vector<Transition> transitions, std::optional<PosixTz> after)
      : first_(first), transitions_(std::move(transitions)), after_(after) {}

  [[nodiscard]] seconds offset(WallTime at) const override {
    const auto second = std::chrono::floor<seconds>(at);
    const auto next = std::ranges::upper_bound(transitions_, second, {}, &Transition::at);
    if (next == transitions_.end() && after_) return after_->offset(second);
    return next == transitions_.begin() ? first_ : std::prev(next)->offset;
  }

 private:
  seconds first_;  // before all transitions
  std::vector<Transition> transitions_;
  std::optional<PosixTz> after_;
};

// RFC 8536 3.1. The counts say how long the data block is.
struct Header {
  std::uint8_t version = 0;
  std::uint64_t isutcnt = 0, isstdcnt = 0, leapcnt = 0, timecnt = 0, typecnt = 0, charcnt = 0;

  [[nodiscard]] std::uint64_t data_size(std::uint64_t time_size) const {
    return timecnt * (time_size + 1) + typecnt * 6 + charcnt + leapcnt * (time_size + 4) + isstdcnt + isutcnt;
  }
};

std::optional<Header> read_header(Reader& in) {
  const bool magic = in.u32be() == 0x545A6966;  // "TZif"
  Header h;
  h.version = in.u8();
  in.bytes(15);
  for (std::uint64_t* count : {&h.isutcnt, &h.isstdcnt, &h.leapcnt, &h.timecnt, &h.typecnt, &h.charcnt})
    *count = in.u32be();
  if (!magic || !in.ok() || h.typecnt == 0) return std::nullopt;
  return h;
}

// 3.2, with times of 8 bytes (version 2 and later) or 4; null when it contradicts itself.
std::unique_ptr<const TimeZone> read_data(Bytes data, const Header& header, bool wide,
                                          std::optional<PosixTz> after) {
  Reader in(data);
  std::vector<Transition> transitions(header.timecnt);
  for (Transition& transition : transitions) {
    const auto raw = wide ? static_cast<std::int64_t>(in.u64be()) : static_cast<std::int32_t>(in.u32be());
    transition.at = sys_seconds(seconds(raw));
  }
  const Bytes types = in.bytes(header.timecnt);
  std::vector<seconds> offsets(header.typecnt);
  for (seconds& offset : offsets) {
    offset = seconds(static_cast<std::int32_t>(in.u32be()));
    in.u16be();  // whether it is summer time, and what it is called
  }
  if (std::ranges::any_of(offsets, [](seconds offset) { return abs(offset) > std::chrono::hours(26); }))
    return nullptr;
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    const auto type = std::to_integer<std::size_t>(types[i]);
    if (type >= offsets.size()) return nullptr;
    transitions[i].offset = offsets[type];
  }
  const auto not_later = [](const Transition& a, const Transition& b) { return a.at >= b.at; };
  if (std::ranges::adjacent_find(transitions, not_later) != transitions.end()) return nullptr;
  return std::make_unique<const RuleZone>(offsets.front(), std::move(transitions), after);
}

// 3.3: a line of text; empty, the last transition holds for ever.
Result<std::optional<PosixTz>> read_footer(Bytes bytes) {
  std::string text;
  for (const std::byte b : bytes)
    text += static_cast<char>(b);
  if (text.size() < 2 || text.front() != '\n' || text.back() != '\n') {
    return fail(ErrorKind::malformed, "a TZif file without its footer");
  }
  text = text.substr(1, text.size() - 2);
  if (text.empty()) return std::nullopt;
  auto rule = PosixTz::parse(text);
  if (!rule) return fail(std::move(rule).error());
  return *rule;
}

Unexpected no_tzif() { return fail(ErrorKind::malformed, "not a file of time zone data (TZif, RFC 8536)"); }

}  // namespace

Result<std::unique_ptr<const TimeZone>> decode_tzif(Bytes file) {
  Reader in(file);
  auto header = read_header(in);
  if (!header) return no_tzif();
  const bool wide = header->version >= '2';
  if (wide) {
    if (header->data_size(4) > in.remaining()) return no_tzif();
    in.bytes(header->data_size(4));
    header = read_header(in);
    if (!header) return no_tzif();
  }
  const std::uint64_t size = header->data_size(wide ? 8 : 4);
  if (size > in.remaining()) return no_tzif();
  const Bytes data = in.bytes(size);
  std::optional<PosixTz> after;
  if (wide) {
    auto footer = read_footer(in.rest());
    if (!footer) return fail(std::move(footer).error());
    after = *footer;
  }
  auto zone = read_data(data, *header, wide, after);
  if (!zone) return no_tzif();
  return zone;
}

Result<std::unique_ptr<const TimeZone>> parse_posix_tz(std::string_view text) {
  auto rule = PosixTz::parse(text);
  if (!rule) return fail(std::move(rule).error());
  return std::make_unique<const RuleZone>(seconds(0), std::vector<Transition>(), *rule);
}

bool is_zone_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  return !text.empty() && text.front() != '/' && text.back() != '/' && std::ranges::all_of(text, allowed);
}

}  // namespace iw
