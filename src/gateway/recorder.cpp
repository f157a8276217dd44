#include "gateway/recorder.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

#include "historian/as_measured.hpp"

namespace iw::gateway {
namespace {

constexpr Duration hand_over_every = 250ms;
constexpr Duration tick_every = 100ms;
constexpr Duration report_every = 1s;
constexpr Duration counter_notes_every = 1min;
// Some minutes of a large site, 24 bytes each.
constexpr std::size_t most_waiting = 2'000'000;

std::int64_t ms_of(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// Bit for bit: one that is no number is the same as itself. What is filtered may be the same by chance.
bool is_other(double raw, double clean, model::Quality quality) {
  return std::bit_cast<std::uint64_t>(raw) != std::bit_cast<std::uint64_t>(clean) ||
         historian::is_made(quality);
}

}  // namespace

// A note may be a minute old: what was recorded since is in the history.
void catch_up(normalize::CounterState& state, historian::Historian& historian, historian::SeriesId series) {
  const historian::Range since{.from_ms = ms_of(state.last_time),
                               .to_ms = std::numeric_limits<std::int64_t>::max()};
  const auto samples = historian.raw(series, since);
  if (!samples) return;
  for (std::size_t i = 0; i < samples->size(); ++i) {
    if (samples->quality[i].good())
      normalize::catch_up(state, samples->value[i], WallTime(std::chrono::milliseconds(samples->time_ms[i])));
  }
}

// The storage executor's side.
class Recorder::Store final : private io::Timer {
 public:
  using Report = std::function<void(const historian::Status&)>;

  Store(io::Executor& executor, historian::Historian historian, Log& log, Report report)
      : executor_(executor), historian_(std::move(historian)), log_(log), report_(std::move(report)) {}

  [[nodiscard]] historian::Historian& historian() { return historian_; }

  void start() { on_timer(); }

  void stop() {
    disarm();
    historian_.sync();
    report_(historian_.status());
  }

  void describe(model::DeviceId device, std::vector<historian::SeriesInfo> points) {
    auto ids = historian_.series(points);
    if (!ids) return log_.error("no history of a device: {}", ids.error().message);
    if (series_.size() <= device.value()) series_.resize(device.value() + std::size_t{1});
    for (const historian::SeriesId id : *ids)
      measured_.erase(id);  // its path may be another one now
    series_[device.value()] = std::move(*ids);
  }

  void record(const Gathered& gathered) {
    recording_.clear();
    add(gathered.clean, [this](model::PointId point) { return series_of(point); });
    make_measured_series(gathered.measured);
    add(gathered.measured, [this](model::PointId point) { return measured_series_of(point); });
    for (const auto& [point, counter] : gathered.counters) {
      if (const auto series = series_of(point)) recording_.notes.add(*series, normalize::to_bytes(counter));
    }
    if (recording_.size() > 0 || !recording_.notes.empty()) historian_.record(recording_, executor_.now());
  }

 private:
  void on_timer() override {
    historian_.tick(executor_.clock().wall_now(), executor_.now());
    if (executor_.now() >= next_report_) {
      next_report_ = executor_.now() + report_every;
      const historian::Status status = historian_.status();
      say_trouble(status.trouble);
      report_(status);
    }
    executor_.arm(*this, executor_.now() + tick_every);
  }

  // Once when it begins, and once when it ends.
  void say_trouble(const std::optional<Error>& trouble) {
    if (trouble && !troubled_) log_.error("history: {}; {}", trouble->message, trouble->remedy);
    if (!trouble && troubled_) log_.info("history: the disk is well again");
    troubled_ = trouble.has_value();
  }

  template <class SeriesOf>
  void add(const Columns& columns, SeriesOf series_of) {
    const historian::Samples& samples = columns.samples;
    for (std::size_t i = 0; i < columns.point.size(); ++i) {
      if (const auto series = series_of(columns.point[i]))
        recording_.add(*series, samples.time_ms[i], samples.value[i], samples.quality[i]);
    }
  }

  [[nodiscard]] std::optional<historian::SeriesId> series_of(model::PointId point) const {
    if (point.device.value() >= series_.size()) return std::nullopt;
    const auto& of_device = series_[point.device.value()];
    return point.index < of_device.size() ? std::optional(of_device[point.index]) : std::nullopt;
  }

  [[nodiscard]] std::optional<historian::SeriesId> measured_series_of(model::PointId point) const {
    const auto of_point = series_of(point);
    if (!of_point) return std::nullopt;
    const auto known = measured_.find(*of_point);
    return known == measured_.end() ? std::nullopt : std::optional(known->second);
  }

  // Made when they are needed first: most points never need one.
  void make_measured_series(const Columns& measured) {
    std::set<historian::SeriesId> missing;
    for (const model::PointId point : measured.point) {
      const auto of_point = series_of(point);
      if (of_point && !measured_.contains(*of_point)) missing.insert(*of_point);
    }
    if (missing.empty()) return;
    std::vector<historian::SeriesInfo> infos;
    for (const historian::SeriesId of_point : missing)
      infos.push_back(historian::as_measured(historian_.series()[of_point.value()]));
    const auto ids = historian_.series(infos);
    if (!ids) return;  // the disk is ill: the next time
    for (auto made = ids->begin(); const historian::SeriesId of_point : missing)
      measured_.emplace(of_point, *made++);
  }

  io::Executor& executor_;
  historian::Historian historian_;
  Log& log_;
  Report report_;
  std::vector<std::vector<historian::SeriesId>> series_;                   // by device and index
  std::unordered_map<historian::SeriesId, historian::SeriesId> measured_;  // by the series of the point
  historian::Recording recording_;
  Instant next_report_ = Instant::min();
  bool troubled_ = false;
};

Recorder::Recorder(Executors executors, historian::Historian historian, Log& log)
    : core_(executors.core),
      storage_(executors.storage),
      store_(std::make_unique<Store>(
          storage_, std::move(historian), log,
          [this](const historian::Status& status) { core_.post([this, status] { status_ = status; }); })) {
  storage_.post([this] { store_->start(); });
  core_.arm(*this, core_.now() + hand_over_every);
}

Recorder::~Recorder() = default;

void Recorder::restore_counters(Normalizer& normalizer) const {
  historian::Historian& historian = store_->historian();
  const auto& series = historian.series();
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto note = historian.note(historian::SeriesId(static_cast<std::uint32_t>(i)));
    if (!note) continue;
    auto state = normalize::counter_state(*note);
    if (!state) continue;
    catch_up(*state, historian, historian::SeriesId(static_cast<std::uint32_t>(i)));
    normalizer.restore(series[i].mrid, *state);
  }
}

void Recorder::describe(const model::SiteModel::Device& device) {
  hand_over();  // what was gathered belongs to the points as they were
  std::vector<historian::SeriesInfo> points;
  points.reserve(device.points.size());
  for (const model::SiteModel::PlacedPoint& placed : device.points)
    points.push_back({.mrid = placed.mrid, .path = placed.path, .name = placed.point.name});
  std::erase_if(noted_, [&](const auto& noted) { return noted.first.device == device.id; });
  storage_.post([this, id = device.id, points = std::move(points)]() mutable {
    store_->describe(id, std::move(points));
  });
}

void Recorder::record(const model::SampleBatch& raw, const normalize::Normalized& clean,
                      const Normalizer& normalizer) {
  const model::SampleBatch& values = clean.values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const model::PointId point{values.device, values.index[i]};
    add(gathered_.clean, point, values.source_time, values.value[i], values.quality[i]);
    if (is_other(raw.value[i], values.value[i], values.quality[i]))
      add(gathered_.measured, point, values.source_time, raw.value[i], raw.quality[i]);
    note_counter(point, normalizer);
  }
  for (const normalize::LateSample& late : clean.late)
    add(gathered_.clean, {values.device, late.index}, late.time, late.value, late.quality);
}

void Recorder::record_past(const bus::PastValues& past, const Normalizer& normalizer) {
  for (std::size_t i = 0; i < past.time.size(); ++i) {
    const double value = normalizer.past(past.point, past.value[i]);
    add(gathered_.clean, past.point, past.time[i], value, past.quality[i]);
    if (is_other(past.value[i], value, past.quality[i]))
      add(gathered_.measured, past.point, past.time[i], past.value[i], past.quality[i]);
  }
}

void Recorder::add(Columns& to, model::PointId point, WallTime time, double value, model::Quality quality) {
  if (waiting_.load(std::memory_order_relaxed) + gathered_.size() >= most_waiting) {
    ++dropped_;
    return;
  }
  to.point.push_back(point);
  to.samples.add(ms_of(time), value, quality);
}

void Recorder::note_counter(model::PointId point, const Normalizer& normalizer) {
  const normalize::CounterState* counter = normalizer.counter(point);
  if (counter == nullptr) return;
  Noted& noted = noted_[point];
  if (noted.at != Instant::min() && noted.base == counter->base &&
      core_.now() < noted.at + counter_notes_every)
    return;
  noted = {.base = counter->base, .at = core_.now()};
  gathered_.counters.emplace_back(point, *counter);
}

void Recorder::on_timer() {
  hand_over();
  core_.arm(*this, core_.now() + hand_over_every);
}

void Recorder::hand_over() {
  if (gathered_.size() == 0 && gathered_.counters.empty()) return;
  const std::size_t size = gathered_.size();
  waiting_.fetch_add(size, std::memory_order_relaxed);
  storage_.post([this, size, gathered = std::exchange(gathered_, {})] {
    store_->record(gathered);
    waiting_.fetch_sub(size, std::memory_order_relaxed);
  });
}

void Recorder::excerpt(historian::Excerpt::Wanted wanted,
                       std::move_only_function<void(historian::Excerpt)> done) const {
  storage_.post([this, wanted = std::move(wanted), done = std::move(done)]() mutable {
    core_.post([done = std::move(done), excerpt = store_->historian().excerpt(wanted)]() mutable {
      done(std::move(excerpt));
    });
  });
}

void Recorder::stop(std::move_only_function<void()> stopped) {
  disarm();
  hand_over();
  storage_.post([this, stopped = std::move(stopped)]() mutable {
    store_->stop();
    core_.post(std::move(stopped));
  });
}

}  // namespace iw::gateway
