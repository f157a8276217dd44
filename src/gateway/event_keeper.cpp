#include "gateway/event_keeper.hpp"

#include <algorithm>

namespace iw::gateway {
namespace {

constexpr Duration tick_every = 1s;
constexpr Duration retain_every = 1h;
// Another system that is started anew is nothing that somebody has to do something about.
constexpr Duration output_lost_after = 5s;

}  // namespace

std::string events_path(const std::string& data_folder) { return data_folder + "/events.db"; }

Result<std::unique_ptr<EventKeeper>> EventKeeper::open(Executors executors, const std::string& path,
                                                       events::Retention retention, Log& log) {
  auto store = events::EventStore::open(path, sqlite::Mode::create);
  if (!store) return fail(std::move(store).error());
  auto last = store->last_id();
  if (!last) return fail(std::move(last).error());
  auto active = store->active();
  if (!active) return fail(std::move(active).error());
  return std::unique_ptr<EventKeeper>(new EventKeeper(
      executors, std::move(*store), {.last = *last, .active = std::move(*active)}, retention, log));
}

EventKeeper::EventKeeper(Executors executors, events::EventStore store, events::Before before,
                         events::Retention retention, Log& messages)
    : core_(executors.core),
      storage_(executors.storage),
      messages_(messages),
      store_(std::move(store)),
      retention_(retention),
      before_(std::move(before)) {}

EventKeeper::~EventKeeper() = default;

void EventKeeper::begin(const model::SiteModel& site, std::vector<events::PointLimits> limits) {
  events::EventLogSettings settings;
  settings.limits = std::move(limits);
  settings.alarms.delays = {{events::Kind::output_lost, output_lost_after}};
  log_.emplace(site, std::move(settings), std::move(before_), now());
  core_.arm(*this, core_.now() + tick_every);
}

events::Moment EventKeeper::now() const { return {.wall = core_.clock().wall_now(), .instant = core_.now()}; }

void EventKeeper::described(model::DeviceId device) {
  log_->described(device, now());
  hand_over();
}

void EventKeeper::take(const bus::DeviceEvent& event) {
  log_->take(event, now());
  hand_over();
}

void EventKeeper::take(const model::SampleBatch& batch) {
  log_->take(batch);
  hand_over();
}

void EventKeeper::take(const bus::DeviceAlarms& alarms) {
  log_->take(alarms, now());
  hand_over();
}

void EventKeeper::configured(std::span<const std::string> changes, std::vector<events::PointLimits> limits) {
  log_->set_limits(std::move(limits), now());
  log_->configured(changes, "", now());
  hand_over();
}

void EventKeeper::raise(events::Kind kind, const events::Source& source, events::Cause cause) {
  log_->raise(kind, source, std::move(cause), now());
  hand_over();
}

void EventKeeper::clear(events::Kind kind, const events::Source& source) {
  log_->clear(kind, source, now());
  hand_over();
}

void EventKeeper::note(events::Kind kind, events::Cause cause) {
  log_->note(kind, {}, std::move(cause), now());
  hand_over();
}

void EventKeeper::on_timer() {
  log_->tick(now());
  hand_over();
  unshelve_what_is_over();
  storage_.post([this] { read_handled(); });
  core_.arm(*this, core_.now() + tick_every);
}

// One at a time: what changes meanwhile waits in the log, each record once.
void EventKeeper::hand_over() {
  if (writing_) return;
  std::vector<events::Event> records = log_->take_changes();
  if (records.empty() && stopped_ == nullptr) return;
  writing_ = true;
  storage_.post([this, records = std::move(records)]() mutable {
    write(std::move(records));
    core_.post([this] {
      writing_ = false;
      if (stopped_ != nullptr && !log_->alarms().has_changes()) return std::exchange(stopped_, nullptr)();
      hand_over();
    });
  });
}

// On the storage executor. What an error left over is written first, unless a newer state is there.
void EventKeeper::write(std::vector<events::Event> records) {
  for (events::Event& old : std::exchange(unwritten_, {})) {
    if (std::ranges::find(records, old.id, &events::Event::id) == records.end())
      records.push_back(std::move(old));
  }
  if (records.empty()) return;
  std::ranges::sort(records, {}, &events::Event::id);
  auto written = store_.write(records);
  if (!written) {
    if (!std::exchange(failing_, true))
      messages_.error("events: {}; {}", written.error().message, written.error().remedy);
    unwritten_ = std::move(records);
    return;
  }
  if (std::exchange(failing_, false)) messages_.info("events: the disk is well again");
}

// On the storage executor.
void EventKeeper::read_handled() {
  if (!unwritten_.empty()) write({});
  if (auto handled = store_.handled_elsewhere(); handled && *handled)
    core_.post([this, handled = std::move(**handled)]() mutable { take(std::move(handled)); });
  if (storage_.now() < retained_ + retain_every && retained_ != Instant::min()) return;
  retained_ = storage_.now();
  if (auto removed = store_.retain(retention_, storage_.clock().wall_now()); !removed)
    messages_.error("events: {}", removed.error().message);
}

void EventKeeper::take(events::Handled handled) {
  for (const events::Acknowledged& one : handled.acknowledged)
    acknowledge(one);
  for (const events::Acknowledged& one : handled.cleared)
    clear_by_hand(one);
  shelf_ = std::move(handled.shelf);
  if (!handled.cleared.empty()) hand_over();
}

void EventKeeper::acknowledge(const events::Acknowledged& one) {
  if (!log_->acknowledge(one.id, one.acknowledgement) || !acknowledged_) return;
  if (const auto record = active(one.id)) acknowledged_(*record);
}

// Who clears has seen it: its device is told so too.
void EventKeeper::clear_by_hand(const events::Acknowledged& one) {
  const auto record = active(one.id);
  if (!record) return;
  if (!record->acknowledged) acknowledge(one);
  log_->clear_by_hand(one.id, one.acknowledgement, now());
}

std::optional<events::Event> EventKeeper::active(events::EventId id) const {
  std::optional<events::Event> found;
  log_->alarms().for_each_active([&](const events::Event& event) {
    if (event.id == id) found = event;
  });
  return found;
}

bool EventKeeper::is_shelved(const events::Event& event) const {
  const auto hidden = shelf_.find(events::key_of(event));
  return hidden != shelf_.end() && hidden->second.until > core_.clock().wall_now();
}

void EventKeeper::unshelve_what_is_over() {
  const WallTime now = core_.clock().wall_now();
  if (std::erase_if(shelf_, [&](const auto& hidden) { return hidden.second.until <= now; }) == 0) return;
  storage_.post([this, now] {
    if (auto done = store_.forget_shelved(now); !done) messages_.error("events: {}", done.error().message);
  });
}

void EventKeeper::stop(std::move_only_function<void()> stopped) {
  disarm();
  stopped_ = std::move(stopped);
  hand_over();
}

}  // namespace iw::gateway
