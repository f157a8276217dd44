// What a Line knows of one of its devices.
#pragma once

#include <map>

#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/line.hpp"
#include "protocols/bacnet/line_write.hpp"

namespace iw::bacnet {

// By which we are called in subscriptions and acknowledgements: unique for each of our devices; 0 is left
// out, because some devices mean nobody by it.
inline std::uint32_t process_of(model::DeviceId device) { return device.value() + 1U; }

struct Line::Device {
  // A subscription to the values of one object.
  struct Subscription {
    enum class State : std::uint8_t { none, asked, active, refused };
    State state = State::none;
    Instant due{};         // when it is to be asked for or renewed
    Instant ends = never;  // when the device will have forgotten it
    // A notification has to come at once, also after a renewal (13.14.2); by then, or the point is polled.
    Instant silent_at = never;
    Instant heard = Instant::min();  // the last notification; min: none ever came
  };

  // An object in alarm, and what an acknowledgement has to repeat.
  struct Alarm {
    EventState state = EventState::normal;
    std::vector<std::byte> time_stamp;
    std::string message;
    bool acknowledged = false;
  };
  // A trend log of one of our points.
  struct TrendLog {
    ObjectId id;
    std::uint16_t point = 0;
    std::optional<TrendCursor> cursor = {};
  };

  LineDevice config;
  std::optional<Binding> binding;
  std::optional<PollPlan> plan;  // none until it said what it has
  polling::BackOff back_off{{.forgiven = 2, .first = 10s, .longest = 10min}};
  bus::DeviceState state = bus::DeviceState::starting;
  bool busy = false;  // a coroutine is finding it, or learning from it
  bool removed = false;
  // Another address that claims the instance: nothing is commanded while it does; when this one goes on
  // answering there are two.
  std::optional<Address> rival = {};
  Instant rival_heard{};
  Instant rival_asked{};
  bool duplicate = false;
  Instant bound = Instant::min();
  std::vector<RememberedClaim> old_claims = {};  // of before we were started
  std::optional<Binding> remembered = {};        // where it was before we were started
  Abilities abilities = {};
  std::size_t in_flight = 0;
  Instant due = never;  // in the queue of the line
  Instant searched = Instant::min();
  Instant answered = Instant::min();
  std::vector<Subscription> subscriptions;  // by point; empty: none are wanted
  bool mute = false;                        // it answers, but notifies no more

  std::map<ObjectId, Alarm> alarms;
  std::optional<std::vector<bus::DeviceAlarm>> stated = {};  // to the feed
  Instant alarms_due = never;
  Instant time_due = never;

  std::vector<Wish> wishes = {};  // that wait to be written together
  bool writing = false;           // a coroutine does that

  // Since when its values are missing in the history, if they are.
  std::optional<WallTime> missing_since = {};
  std::vector<TrendLog> logs;
  bool logs_known = false;
  Instant logs_due = never;
  bool asking = false;  // a coroutine asks for alarms or logs
};

}  // namespace iw::bacnet
