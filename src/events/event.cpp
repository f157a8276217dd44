#include "events/event.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.hpp"

namespace iw::events {
namespace {

using enum Nature;

// clang-format off: a row is read as a row
constexpr std::array table{
    KindInfo{Kind::device_lost, "device_lost", condition, Severity::alarm, "device does not answer",
             "check its power, its network and its address: interwatt try URL"},
    KindInfo{Kind::quality_bad, "quality_bad", condition, Severity::warning, "value can not be trusted",
             "look at the device: a sensor, a fuse, a setting of the range"},
    KindInfo{Kind::limit_violated, "limit_violated", condition, Severity::alarm, "value beyond its limit", ""},
    KindInfo{Kind::not_followed, "not_followed", condition, Severity::alarm, "device does not do what it is told",
             "is it in remote control, or does somebody else control it? interwatt control explain POINT"},
    KindInfo{Kind::fail_safe, "fail_safe", condition, Severity::alarm, "held at its fail-safe value",
             "bring back what it needs: interwatt control list"},
    KindInfo{Kind::device_alarm, "device_alarm", condition, Severity::alarm, "device reports an alarm", ""},
    KindInfo{Kind::duplicate_device, "duplicate_device", condition, Severity::alarm,
             "two devices have the same address", "give one of them another"},
    KindInfo{Kind::clock_not_synchronized, "clock_not_synchronized", condition, Severity::warning,
             "clock is not synchronized", "check NTP: timedatectl timesync-status"},
    KindInfo{Kind::disk_trouble, "disk_trouble", condition, Severity::critical, "disk can not be written",
             "free some space, check the disk: df -h, dmesg"},
    KindInfo{Kind::disk_filling, "disk_filling", condition, Severity::warning, "disk is nearly full",
             "free some space, or keep less: history.raw_days, history.most"},
    KindInfo{Kind::output_lost, "output_lost", condition, Severity::warning, "output can not deliver",
             "check the other system, its address and its token"},
    KindInfo{Kind::certificate_ends, "certificate_ends", condition, Severity::warning, "certificate ends soon",
             "get a new one and put it in its place: Certificates on the page System"},
    KindInfo{Kind::certificate_bad, "certificate_bad", condition, Severity::alarm, "certificate can not be used",
             "put a good one in its place: Certificates on the page System"},
    KindInfo{Kind::clock_stepped, "clock_stepped", incident, Severity::warning, "clock was set",
             "times before it may be off by the step"},
    KindInfo{Kind::samples_lost, "samples_lost", incident, Severity::warning, "samples were lost",
             "the machine is too slow for this rate: poll less often"},
    KindInfo{Kind::events_lost, "events_lost", incident, Severity::warning, "events were lost",
             "too many waited for the disk: see disk_trouble"},
    KindInfo{Kind::configuration_changed, "configuration_changed", action, Severity::info,
             "configuration changed", ""},
    KindInfo{Kind::gateway_started, "gateway_started", action, Severity::info, "gateway started", ""},
    KindInfo{Kind::gateway_stopped, "gateway_stopped", action, Severity::info, "gateway stopped", ""},
};
// clang-format on

constexpr std::size_t position(Kind kind) { return static_cast<std::size_t>(kind); }
static_assert(table.size() == position(Kind::gateway_stopped) + 1);
static_assert(std::ranges::is_sorted(table, {}, &KindInfo::kind), "rows in the order of the enumeration");

constexpr std::array<std::string_view, 4> severities{"info", "warning", "alarm", "critical"};
constexpr std::array<std::string_view, 4> states{"unacknowledged", "acknowledged", "returned", "normal"};
constexpr std::array<std::string_view, 3> foldings{"none", "flapping", "storm"};

}  // namespace

std::span<const KindInfo> kinds() { return table; }

const KindInfo& info(Kind kind) { return table[position(kind)]; }

std::string_view to_string(Kind kind) { return info(kind).name; }

Result<Kind> parse_kind(std::string_view name) {
  std::vector<std::string_view> names;
  for (const KindInfo& row : table) {
    if (row.name == name) return row.kind;
    names.push_back(row.name);
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no kind of event{}", name, suggestion(name, names)));
}

std::string_view to_string(Severity severity) { return severities[static_cast<std::size_t>(severity)]; }

Result<Severity> parse_severity(std::string_view name) {
  const auto found = std::ranges::find(severities, name);
  if (found != severities.end()) return static_cast<Severity>(found - severities.begin());
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no severity{}", name, suggestion(name, severities)));
}

std::string_view to_string(Folding folding) { return foldings[static_cast<std::size_t>(folding)]; }

Key key_of(const Event& event) {
  return {.kind = event.kind, .device = event.source.device, .path = event.source.path};
}

std::string_view to_string(AlarmState state) { return states[static_cast<std::size_t>(state)]; }

AlarmState state_of(const Event& event) {
  const bool seen = event.acknowledged.has_value() || event.severity == Severity::info;
  if (event.cleared) return seen ? AlarmState::normal : AlarmState::returned;
  return event.acknowledged ? AlarmState::acknowledged : AlarmState::unacknowledged;
}

Result<Shelving> shelving_of(Duration span, WallTime now, std::string by, std::string reason) {
  constexpr Duration longest = std::chrono::days(31);
  if (span < 1min || span > longest) {
    return fail(ErrorKind::invalid_argument, "an event is shelved for a minute at least, and 31 days at most",
                "a condition that is no longer wanted at all is better removed from the configuration");
  }
  if (reason.find_first_not_of(" \t\n") == std::string::npos)
    return fail(ErrorKind::invalid_argument, "shelving needs a reason", "say why, for who looks after it");
  return Shelving{.since = now, .until = now + span, .by = std::move(by), .reason = std::move(reason)};
}

bool is_shelved(const Event& event, WallTime now) { return event.shelved && event.shelved->until > now; }

}  // namespace iw::events
