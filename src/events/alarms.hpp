// Alarms: the state machine of all conditions: what is true goes in, changed records come out. Pure: no IO,
// no clock; for one thread (the core's).
//
//   raise() when a condition begins, clear() when it ends, note() for what happens at a moment, tick() as
//   time goes by. Raising what is raised, and clearing what is not, changes nothing: sources may repeat.
//
// Folding keeps an operator's list and the memory bounded (EEMUA 191: an alarm is something to act upon):
//   flapping  what begins more than `flaps` times within `window` becomes one record, which counts, and which
//             ends when nothing moved for `quiet`
//   storm     with more than `most_active` of a kind, all further ones become one record, which counts, and
//             which ends with the last of them
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "events/event.hpp"

namespace iw::events {

// One moment on both clocks: stamps are of the wall clock, intervals of the monotonic one.
struct Moment {
  WallTime wall;
  Instant instant;
};

struct AlarmSettings {
  std::size_t flaps = 5;
  Duration window = 10min;
  Duration quiet = 10min;
  // How often the count of a folded record is given out while it changes.
  Duration recount = 10s;
  std::size_t most_active = 500;      // of a kind
  std::size_t most_folded = 10'000;   // of a storm that are told apart; beyond that they are only counted
  std::size_t most_waiting = 10'000;  // changed records that nobody took
  // How long a condition must last before it is raised; by kind, none where absent.
  std::map<Kind, Duration> delays = {};
};

// What is known of an occurrence; an empty message or remedy is that of the kind.
struct Cause {
  std::string message = {};
  std::string remedy = {};
  std::optional<double> value = {};
  std::optional<double> limit = {};
};

class Alarms {
 public:
  // `last`: the last id that was given out ever.
  Alarms(AlarmSettings settings, EventId last);

  // Before everything else: the records that were active when the gateway ended. They go on; a storm ends,
  // for its conditions are not known and will be raised again.
  void restore(std::vector<Event> active, Moment now);

  void raise(Kind kind, const Source& source, Cause cause, Moment now);
  void clear(const Key& key, Moment now);
  // An incident or action.
  void note(Kind kind, const Source& source, Cause cause, Moment now);
  // Of an active record; false when it is none: it may still be in the store. The first one counts.
  bool acknowledge(EventId id, const Acknowledgement& acknowledgement);
  // By hand: ends an active record, which counts as seen by then. What still holds is raised again at once,
  // as a new record, so that nobody can make go away what is true. False: it is not active.
  bool clear_by_hand(EventId id, const Acknowledgement& by, Moment now);
  // Ends every condition that answers to it: of a device that was removed, say.
  void clear_if(const std::function<bool(const Key&)>& wanted, Moment now);

  // About once a second: delays, counts, the end of flapping.
  void tick(Moment now);

  // The records that changed since the last call, each once and whole, in the order of the ids.
  [[nodiscard]] std::vector<Event> take_changes();
  [[nodiscard]] bool has_changes() const { return !changes_.empty(); }
  // Changes that were given up because too many waited; counted since the start.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

  // The active record of a condition; none when there is none, or when a storm has it.
  [[nodiscard]] const Event* active(const Key& key) const;
  void for_each_active(const std::function<void(const Event&)>& see) const;
  [[nodiscard]] EventId last_id() const { return last_; }
  // Conditions in memory, those that are over and may flap included.
  [[nodiscard]] std::size_t tracked() const { return tracks_.size(); }

 private:
  // One condition that is active, waits for its delay, or began within the window.
  struct Track {
    bool is_true = false;
    std::optional<Event> waiting = {};  // for its delay
    Instant due = never;
    std::optional<Event> record = {};  // active; that of a flapping condition whether it is true or not
    bool flapping = false;
    bool recount = false;            // the count of the record moved and was not given out yet
    std::deque<Instant> begun = {};  // within the window
    Instant moved{};                 // when the condition began or ended the last time
    WallTime ended{};                // when it ended the last time
  };
  using Tracks = std::map<Key, Track>;
  struct Storm {
    std::optional<Event> record;
    std::set<Key> members;
    bool recount = false;
  };

  void begin(Track& track, Event event, Instant now);
  static void end_by_hand(Event& record, const Acknowledgement& by, WallTime at);
  void count(Event& record, const Event& again);
  void close(Track& track, WallTime at);
  bool has_room(const Key& key) const;
  void join_storm(Key key, Event event);
  void leave_storm(const Key& key, WallTime at);
  Track& track_of(const Key& key);
  void tick(Track& track, Moment now, bool recount);
  [[nodiscard]] bool is_idle(const Track& track, Instant now) const;
  void open(Event& event);
  void change(const Event& event);
  [[nodiscard]] Event* find(EventId id);
  static std::size_t position(Kind kind) { return static_cast<std::size_t>(kind); }

  static constexpr std::size_t kind_count = static_cast<std::size_t>(Kind::gateway_stopped) + 1;

  AlarmSettings settings_;
  EventId last_;
  Tracks tracks_;
  std::array<Storm, kind_count> storms_;
  std::array<std::size_t, kind_count> held_{};  // tracks of the kind that have a record or wait for one
  Instant recounted_ = Instant::min();
  std::map<EventId, Event> changes_;
  std::uint64_t lost_ = 0;
};

}  // namespace iw::events
