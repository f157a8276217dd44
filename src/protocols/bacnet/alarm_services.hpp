// Alarms and events (clause 13): notifications, their acknowledgement, what is active.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet {

enum class EventState : std::uint32_t {
  normal = 0,
  fault = 1,
  offnormal = 2,
  high_limit = 3,
  low_limit = 4,
  life_safety_alarm = 5,
};

enum class NotifyType : std::uint32_t { alarm = 0, event = 1, ack_notification = 2 };

// BACnetTimeStamp: a time of day, a sequence number, or date and time.
using TimeStamp = std::variant<Time, Unsigned, DateTime>;

Decoded<TimeStamp> decode_time_stamp(Bytes encoded);
void write_time_stamp(ParameterWriter& out, const TimeStamp& stamp);
std::string to_string(const TimeStamp& stamp);  // "2026-11-28 12:00:00.00", "number 7"

// Confirmed and unconfirmed. Time stamps stay encoded: an acknowledgement has to echo them to the bit.
struct EventNotification {
  std::uint32_t process = 0;
  ObjectId device;
  ObjectId object;
  Bytes time_stamp;
  std::uint32_t notification_class = 0;
  std::uint8_t priority = 0;
  std::uint32_t event_type = 0;
  std::optional<CharacterString> message = {};
  NotifyType notify_type = NotifyType::alarm;
  std::optional<bool> ack_required = {};
  std::optional<EventState> from_state = {};
  EventState to_state = EventState::normal;
  std::optional<Bytes> values = {};

  static Decoded<EventNotification> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct AcknowledgeAlarm {
  std::uint32_t process = 0;
  ObjectId object;
  EventState state = EventState::normal;  // that is acknowledged
  Bytes time_stamp;                       // of the notification
  CharacterString source;                 // who acknowledges
  TimeStamp time;                         // when

  static Decoded<AcknowledgeAlarm> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct GetEventInformation {
  std::optional<ObjectId> last_received = {};  // where the last answer ended

  static Decoded<GetEventInformation> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// Arrays in the order of the transitions: to off-normal, to fault, to normal.
struct EventSummary {
  ObjectId object;
  EventState state = EventState::normal;
  BitString acknowledged;
  std::array<Bytes, 3> time_stamps;
  NotifyType notify_type = NotifyType::alarm;
  BitString enabled;
  std::array<std::uint32_t, 3> priorities{};
};

struct GetEventInformationAck {
  std::vector<EventSummary> events;
  bool more_events = false;

  static Decoded<GetEventInformationAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct AlarmSummary {
  ObjectId object;
  EventState state = EventState::normal;
  BitString acknowledged;
};

// The request has no parameters.
struct GetAlarmSummaryAck {
  std::vector<AlarmSummary> alarms;

  static Decoded<GetAlarmSummaryAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

enum class AcknowledgmentFilter : std::uint8_t { all = 0, acked = 1, not_acked = 2 };

struct GetEnrollmentSummary {
  AcknowledgmentFilter acknowledgment = AcknowledgmentFilter::all;
  std::optional<Bytes> enrollment = {};  // recipient and process, encoded
  std::optional<std::uint32_t> event_state = {};
  std::optional<std::uint32_t> event_type = {};
  std::optional<std::array<std::uint32_t, 2>> priorities = {};  // lowest and highest
  std::optional<std::uint32_t> notification_class = {};

  static Decoded<GetEnrollmentSummary> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct EnrollmentSummary {
  ObjectId object;
  std::uint32_t event_type = 0;
  EventState state = EventState::normal;
  std::uint32_t priority = 0;
  std::optional<std::uint32_t> notification_class = {};
};

struct GetEnrollmentSummaryAck {
  std::vector<EnrollmentSummary> enrollments;

  static Decoded<GetEnrollmentSummaryAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

}  // namespace iw::bacnet
