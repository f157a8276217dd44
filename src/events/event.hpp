// Event: the record of something that an operator may want to know: a condition that began, was acknowledged
// and ended, or something that happened at one moment. A plain value; names and paths are texts as they were
// at that time, so that a record can be read when its device is long gone.
//
// A condition has one record from its beginning to its end: "device back" is the `cleared` of its
// device_lost. The life cycle is that of ISA-18.2 (IEC 62682): see AlarmState.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "model/mrid.hpp"

namespace iw::events {

// Rises from event to event, across restarts.
using EventId = Strong<std::uint64_t, struct EventIdTag>;

enum class Severity : std::uint8_t {
  info,      // nobody has to do anything, nor to acknowledge it
  warning,   // look at it in time
  alarm,     // look at it now
  critical,  // the gateway itself can not do its work
};

enum class Kind : std::uint8_t {
  device_lost,
  quality_bad,
  limit_violated,
  not_followed,
  fail_safe,
  device_alarm,
  duplicate_device,
  clock_not_synchronized,
  disk_trouble,
  disk_filling,
  output_lost,
  certificate_ends,
  certificate_bad,
  clock_stepped,
  samples_lost,
  events_lost,
  configuration_changed,
  gateway_started,
  gateway_stopped,
};

enum class Nature : std::uint8_t {
  condition,  // lasts until it is cleared
  incident,   // a moment; counted in one record when it comes again and again
  action,     // a moment; somebody did it, and each has its record
};

struct KindInfo {
  Kind kind{};
  std::string_view name;  // "device_lost": in files and on the command line
  Nature nature{};
  Severity severity{};
  std::string_view text;    // "device does not answer"
  std::string_view remedy;  // where the source knows none
};

// All, in the order of the enumeration.
std::span<const KindInfo> kinds();
const KindInfo& info(Kind kind);
std::string_view to_string(Kind kind);
Result<Kind> parse_kind(std::string_view name);

std::string_view to_string(Severity severity);
Result<Severity> parse_severity(std::string_view name);

// Where it is: a point, a device, an asset, or (all empty) the gateway. Fields that do not apply are empty.
struct Source {
  std::string device;  // as configured
  std::string path;    // "roof/ActivePower" of a point, a file of the gateway's
  std::string asset;
  model::Mrid asset_mrid;
  model::Mrid point_mrid;

  friend bool operator==(const Source&, const Source&) = default;
};

// What makes two conditions the same.
struct Key {
  Kind kind{};
  std::string device;
  std::string path;

  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Acknowledgement {
  WallTime time;
  std::string by;
  std::string comment;

  friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

// Somebody does not want to see it for a while (ISA-18.2, 5.3: shelved): not this record alone, but whatever
// has its key, for what is shelved is what comes again and again.
struct Shelving {
  WallTime since;
  WallTime until;
  std::string by;
  std::string reason;

  friend bool operator==(const Shelving&, const Shelving&) = default;
};

// Why one record stands for more than one occurrence.
enum class Folding : std::uint8_t {
  none,
  flapping,  // it came and went too often
  storm,     // too many of its kind at a time, from all sources
};
std::string_view to_string(Folding folding);

struct Event {
  EventId id;
  Kind kind{};
  Severity severity = Severity::info;
  Source source;
  WallTime raised;
  WallTime last;  // when it began the last time; `raised` unless folded
  std::optional<WallTime> cleared;
  std::string cleared_by = {};       // whom, by hand; empty: it ended by itself
  std::string cleared_comment = {};  // what they said
  std::optional<Acknowledgement> acknowledged;
  std::optional<double> value;  // in the canonical unit of the point
  std::optional<double> limit;
  std::string message;
  std::string remedy;
  Folding folding = Folding::none;  // stays, when it is over, to explain the count
  std::uint64_t occurrences = 1;
  std::optional<Shelving> shelved = {};

  friend bool operator==(const Event&, const Event&) = default;
};

Key key_of(const Event& event);

// The states of ISA-18.2 (2016, 5.3; IEC 62682 6.3) that a gateway has. Shelved is beside them, for it is of
// the key: see is_shelved(). Nothing is suppressed.
enum class AlarmState : std::uint8_t {
  unacknowledged,  // active, and nobody has seen it
  acknowledged,    // active, somebody knows
  returned,        // over, and nobody has seen it
  normal,          // over and seen, or nobody had to see it
};
std::string_view to_string(AlarmState state);
AlarmState state_of(const Event& event);
constexpr bool is_open(AlarmState state) { return state != AlarmState::normal; }
// Refuses less than a minute, more than 31 days, and no reason: who looks after it must know why.
Result<Shelving> shelving_of(Duration span, WallTime now, std::string by, std::string reason);
// It ends by itself: with the time it is over, whoever looks.
bool is_shelved(const Event& event, WallTime now);

}  // namespace iw::events
