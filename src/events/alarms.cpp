#include "events/alarms.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace iw::events {
namespace {

// Tracks of conditions that are over are kept for a while, to notice flapping; no more than so many.
constexpr std::size_t most_idle = 4096;

Event make(Kind kind, const Source& source, Cause cause, WallTime raised) {
  const KindInfo& row = info(kind);
  return {.id = {},
          .kind = kind,
          .severity = row.severity,
          .source = source,
          .raised = raised,
          .last = raised,
          .cleared = {},
          .acknowledged = {},
          .value = cause.value,
          .limit = cause.limit,
          .message = cause.message.empty() ? std::string(row.text) : std::move(cause.message),
          .remedy = cause.remedy.empty() ? std::string(row.remedy) : std::move(cause.remedy)};
}

// The same condition, begun anew.
Event renewed(const Event& ended, WallTime at) {
  return make(ended.kind, ended.source,
              {.message = ended.message, .remedy = ended.remedy, .value = ended.value, .limit = ended.limit},
              at);
}

// The wall clock may have been set back meanwhile: an end is never before its beginning.
WallTime end_of(const Event& event, WallTime at) { return std::max(event.last, at); }

}  // namespace

Alarms::Alarms(AlarmSettings settings, EventId last) : settings_(std::move(settings)), last_(last) {}

void Alarms::restore(std::vector<Event> active, Moment now) {
  for (Event& event : active) {
    if (event.folding == Folding::storm) {
      event.cleared = end_of(event, now.wall);
      change(event);
      continue;
    }
    Track& track = tracks_[key_of(event)];
    track.is_true = info(event.kind).nature == Nature::condition;
    track.flapping = event.folding == Folding::flapping;
    track.moved = now.instant;
    track.ended = event.last;
    ++held_[position(event.kind)];
    track.record = std::move(event);
  }
}

void Alarms::raise(Kind kind, const Source& source, Cause cause, Moment now) {
  const Key key{.kind = kind, .device = source.device, .path = source.path};
  const auto known = tracks_.find(key);
  if (known != tracks_.end() && known->second.is_true) return;
  Event event = make(kind, source, std::move(cause), now.wall);
  if (!has_room(key)) return join_storm(key, std::move(event));

  Track& track = track_of(key);
  track.is_true = true;
  track.moved = now.instant;
  const auto delay = settings_.delays.find(kind);
  if (!track.record && delay != settings_.delays.end() && delay->second > Duration{}) {
    track.waiting = std::move(event);
    track.due = now.instant + delay->second;
    ++held_[position(kind)];
  } else {
    begin(track, std::move(event), now.instant);
  }
}

// A flapping condition has its record already.
bool Alarms::has_room(const Key& key) const {
  if (held_[position(key.kind)] < settings_.most_active)
    return !storms_[position(key.kind)].members.contains(key);
  const auto known = tracks_.find(key);
  return known != tracks_.end() && known->second.record.has_value();
}

Alarms::Track& Alarms::track_of(const Key& key) {
  const auto known = tracks_.find(key);
  if (known != tracks_.end()) return known->second;
  std::size_t held = 0;
  for (const std::size_t of_kind : held_)
    held += of_kind;
  if (tracks_.size() >= held + most_idle)
    std::erase_if(tracks_, [](const auto& entry) { return !entry.second.record && !entry.second.waiting; });
  return tracks_[key];
}

void Alarms::begin(Track& track, Event event, Instant now) {
  if (track.record) {
    count(*track.record, event);
    track.recount = true;
    return;
  }
  std::erase_if(track.begun, [&](Instant begun) { return begun <= now - settings_.window; });
  track.begun.push_back(now);
  track.flapping = track.begun.size() > settings_.flaps;
  const bool is_moment = info(event.kind).nature != Nature::condition;
  if (track.flapping) {
    event.folding = Folding::flapping;
  } else if (is_moment) {
    event.cleared = event.raised;
  }
  open(event);
  if (event.cleared) return;
  ++held_[position(event.kind)];
  track.record = std::move(event);
}

void Alarms::count(Event& record, const Event& again) {
  ++record.occurrences;
  record.last = again.raised;
  record.value = again.value;
  record.limit = again.limit;
  record.message = again.message;
}

void Alarms::clear(const Key& key, Moment now) {
  const auto known = tracks_.find(key);
  if (known == tracks_.end() || !known->second.is_true) return leave_storm(key, now.wall);
  Track& track = known->second;
  track.is_true = false;
  track.moved = now.instant;
  track.ended = now.wall;
  if (track.waiting) {
    track.waiting.reset();
    --held_[position(key.kind)];
  } else if (!track.flapping) {
    close(track, now.wall);
  }
}

void Alarms::close(Track& track, WallTime at) {
  track.record->cleared = end_of(*track.record, at);
  change(*track.record);
  --held_[position(track.record->kind)];
  track.record.reset();
  track.recount = false;
}

void Alarms::clear_if(const std::function<bool(const Key&)>& wanted, Moment now) {
  std::vector<Key> ended;
  for (const auto& [key, track] : tracks_) {
    if (track.is_true && wanted(key)) ended.push_back(key);
  }
  for (const Storm& storm : storms_)
    std::ranges::copy_if(storm.members, std::back_inserter(ended), wanted);
  for (const Key& key : ended)
    clear(key, now);
}

void Alarms::note(Kind kind, const Source& source, Cause cause, Moment now) {
  Event event = make(kind, source, std::move(cause), now.wall);
  const Key key = key_of(event);
  if (info(kind).nature == Nature::action || !has_room(key)) {
    event.cleared = event.raised;
    return open(event);
  }
  Track& track = track_of(key);
  track.moved = now.instant;
  track.ended = now.wall;
  begin(track, std::move(event), now.instant);
}

void Alarms::join_storm(Key key, Event event) {
  Storm& storm = storms_[position(key.kind)];
  if (storm.members.contains(key)) return;
  if (storm.record) {
    ++storm.record->occurrences;
    storm.record->last = event.raised;
    storm.recount = true;
  } else {
    event.source = {};
    event.value.reset();
    event.limit.reset();
    event.folding = Folding::storm;
    event.message = fmt::format("{}: more than {} at a time, further ones are counted here",
                                info(key.kind).text, settings_.most_active);
    open(event);
    storm.record = std::move(event);
  }
  if (storm.members.size() < settings_.most_folded) storm.members.insert(std::move(key));
}

void Alarms::leave_storm(const Key& key, WallTime at) {
  Storm& storm = storms_[position(key.kind)];
  if (storm.members.erase(key) == 0 || !storm.members.empty()) return;
  storm.record->cleared = end_of(*storm.record, at);
  change(*storm.record);
  storm = {};
}

bool Alarms::acknowledge(EventId id, const Acknowledgement& acknowledgement) {
  Event* event = find(id);
  if (event == nullptr) return false;
  if (event->acknowledged) return true;
  event->acknowledged = acknowledgement;
  change(*event);
  return true;
}

bool Alarms::clear_by_hand(EventId id, const Acknowledgement& by, Moment now) {
  for (auto& [key, track] : tracks_) {
    if (!track.record || track.record->id != id) continue;
    end_by_hand(*track.record, by, now.wall);
    const Event ended = *track.record;
    close(track, now.wall);
    track.flapping = false;
    if (track.is_true) begin(track, renewed(ended, now.wall), now.instant);
    return true;
  }
  for (Storm& storm : storms_) {
    if (!storm.record || storm.record->id != id) continue;
    end_by_hand(*storm.record, by, now.wall);
    storm.record->cleared = end_of(*storm.record, now.wall);
    change(*storm.record);
    Event next = renewed(*storm.record, now.wall);
    next.source = {};
    next.folding = Folding::storm;
    next.occurrences = storm.members.size();
    open(next);
    storm.record = std::move(next);
    return true;
  }
  return false;
}

void Alarms::end_by_hand(Event& record, const Acknowledgement& by, WallTime at) {
  record.cleared_by = by.by;
  record.cleared_comment = by.comment;
  if (!record.acknowledged) record.acknowledged = by;
  record.cleared = end_of(record, at);
}

Event* Alarms::find(EventId id) {
  for (auto& [key, track] : tracks_) {
    if (track.record && track.record->id == id) return &*track.record;
  }
  for (Storm& storm : storms_) {
    if (storm.record && storm.record->id == id) return &*storm.record;
  }
  return nullptr;
}

void Alarms::tick(Moment now) {
  const bool recount = now.instant >= recounted_ + settings_.recount;
  if (recount) recounted_ = now.instant;
  for (auto next = tracks_.begin(); next != tracks_.end();) {
    const auto at = next++;
    tick(at->second, now, recount);
    if (is_idle(at->second, now.instant)) tracks_.erase(at);
  }
  for (Storm& storm : storms_) {
    if (recount && std::exchange(storm.recount, false)) change(*storm.record);
  }
}

void Alarms::tick(Track& track, Moment now, bool recount) {
  if (track.waiting && track.due <= now.instant) {
    Event event = *std::exchange(track.waiting, std::nullopt);
    --held_[position(event.kind)];
    begin(track, std::move(event), now.instant);
  }
  if (recount && std::exchange(track.recount, false)) change(*track.record);
  if (!track.flapping || now.instant < track.moved + settings_.quiet) return;
  track.flapping = false;
  if (!track.is_true) close(track, track.ended);
}

bool Alarms::is_idle(const Track& track, Instant now) const {
  return !track.record && !track.waiting &&
         (track.begun.empty() || track.begun.back() <= now - settings_.window);
}

void Alarms::open(Event& event) {
  last_ = EventId(last_.value() + 1);
  event.id = last_;
  change(event);
}

void Alarms::change(const Event& event) {
  changes_.insert_or_assign(event.id, event);
  if (changes_.size() <= settings_.most_waiting) return;
  const auto over =
      std::ranges::find_if(changes_, [](const auto& c) { return c.second.cleared.has_value(); });
  changes_.erase(over != changes_.end() ? over : changes_.begin());
  ++lost_;
}

std::vector<Event> Alarms::take_changes() {
  std::vector<Event> taken;
  taken.reserve(changes_.size());
  for (auto& [id, event] : changes_)
    taken.push_back(std::move(event));
  changes_.clear();
  return taken;
}

const Event* Alarms::active(const Key& key) const {
  const auto known = tracks_.find(key);
  return known != tracks_.end() && known->second.record ? &*known->second.record : nullptr;
}

void Alarms::for_each_active(const std::function<void(const Event&)>& see) const {
  for (const auto& [key, track] : tracks_) {
    if (track.record) see(*track.record);
  }
  for (const Storm& storm : storms_) {
    if (storm.record) see(*storm.record);
  }
}

}  // namespace iw::events
