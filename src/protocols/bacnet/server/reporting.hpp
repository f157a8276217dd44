// Reporting: intrinsic reporting (13.2, 13.3) with one Notification Class (12.21): which objects are in
// alarm, since when, who has seen it, and who is to hear of it. Whether an object is in alarm its owner
// decides, by its Event_State. Without IO, for one thread.
//
//   reporting.enroll(object, {...});
//   object.set_condition(...);  reporting.look(object, "too hot", now);
//   while (auto one = reporting.next_to_send()) ...        // after every call
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/destination.hpp"
#include "protocols/bacnet/server/served_object.hpp"

namespace iw::bacnet::server {

struct ReportingSettings {
  std::uint32_t notification_class = 1;  // and the instance of its object
  std::string name = "Alarms";
  // In the order of transitions: to off-normal, to fault, to normal (clause 13, table 13-5).
  std::array<std::uint8_t, 3> priorities{64, 64, 192};
  TransitionBits ack_required{true, true, false};
  std::vector<Destination> recipients = {};
  std::size_t most_recipients = 100;
  std::size_t most_waiting = 1000;  // notifications that were not sent yet; beyond that the oldest are lost
};

// What is said of an object that reports.
struct Enrollment {
  NotifyType notify_type = NotifyType::alarm;
  // Of an analog object; a binary one is off-normal while it is active.
  double low = 0;
  double high = 0;
  double deadband = 0;
  std::array<bool, 2> limits{};  // whether there is a low, and a high one
};

// What recipients were told of an object, and what of it was acknowledged: what its next transition is judged
// by, also after a restart.
struct AlarmState {
  // The last transition of each kind.
  struct Last {
    EventState state = EventState::normal;
    std::uint32_t event_type = 0;
    std::vector<std::byte> stamp;  // BACnetTimeStamp, encoded
    bool acknowledged = true;

    friend bool operator==(const Last&, const Last&) = default;
  };
  EventState state = EventState::normal;
  std::array<Last, 3> last;  // in the order of transitions

  friend bool operator==(const AlarmState&, const AlarmState&) = default;
};

struct OutgoingEvent {
  Destination to;
  std::vector<std::byte> data;  // EventNotification
};

class Reporting {
 public:
  explicit Reporting(ObjectId device, ReportingSettings settings)
      : device_(device), settings_(std::move(settings)) {}

  [[nodiscard]] Object class_object() const;
  // The object says of itself that it reports. `before`: as it was left; none: nothing was ever told of it.
  void enroll(Object& object, const Enrollment& enrollment, const std::optional<AlarmState>& before = {});
  void removed(ObjectId object) { objects_.erase(object); }
  // None: it does not report.
  [[nodiscard]] const AlarmState* alarm(ObjectId object) const;

  // Event_State may be another than before: that is a transition. True: it was one.
  bool look(Object& object, std::string_view text, WallTime now);
  // Somebody has seen it, who did not say so by BACnet.
  void acknowledged(Object& object, std::string_view by, WallTime now);

  // AcknowledgeAlarm of a client. True: it was not acknowledged before.
  Refusable<bool> acknowledge(Object& object, const AcknowledgeAlarm& request, WallTime now);
  // GetEventInformation, as much as there is room for.
  [[nodiscard]] bool write_information(ParameterWriter& out, const GetEventInformation& asked,
                                       std::size_t room) const;
  // GetAlarmSummary: what is in alarm now.
  void write_summary(ParameterWriter& out) const;

  [[nodiscard]] ObjectId class_id() const {
    return {ObjectType::notification_class, settings_.notification_class};
  }
  // Recipient_List, as a client wants it.
  Refusable<void> set_recipients(Object& class_object, Bytes encoded);

  std::optional<OutgoingEvent> next_to_send();
  [[nodiscard]] bool has_more() const { return !waiting_.empty(); }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  using Last = AlarmState::Last;
  struct Reported {
    NotifyType notify_type = NotifyType::alarm;
    AlarmState alarm = {};
  };
  struct Said {
    EventState from{}, to{};
    NotifyType notify_type{};
    std::string_view text;
    const std::vector<std::byte>* values = nullptr;
  };

  void show(Object& object, const Reported& reported) const;
  void acknowledge(Object& object, Reported& reported, Transition transition, std::string_view by,
                   WallTime now);
  void tell(const Object& object, Transition transition, const Last& last, Bytes stamp, const Said& said,
            WallTime now);
  [[nodiscard]] bool is_listed(const Reported& reported) const;

  ObjectId device_;
  ReportingSettings settings_;
  std::map<ObjectId, Reported> objects_;
  std::deque<OutgoingEvent> waiting_;
  std::uint64_t lost_ = 0;
};

Transition transition_to(EventState state);

}  // namespace iw::bacnet::server
