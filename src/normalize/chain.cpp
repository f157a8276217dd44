#include "normalize/chain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace iw::normalize {

using model::Detail;
using model::Quality;
using model::Validity;

namespace {

// A value that rests is no stuck value before it was read so often.
constexpr std::uint32_t stuck_samples = 60;

// IEC 61850-7-3 6.2.1: detail says why a value is questionable.
constexpr Quality questionable(Detail detail) { return Quality(Validity::questionable).with(detail); }

double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-9; }

void begin(model::SampleBatch& batch, const model::SampleBatch& like) {
  batch.clear();
  batch.device = like.device;
  batch.source_time = like.source_time;
  batch.received = like.received;
}

template <class State>
std::uint32_t add_slot(std::vector<State>& states) {
  states.emplace_back();
  return static_cast<std::uint32_t>(states.size() - 1);
}

}  // namespace

struct Chain::Sample {
  std::uint16_t index;
  double value;
  Quality quality;
  Instant received;
  WallTime time;
  Point& point;
  Rule& rule;
  double dt;  // s since the last that could be used; infinite before the first

  [[nodiscard]] bool usable() const { return quality.good() && !quality.has(Detail::old_data); }
  void mark(Quality why) { quality = merge(quality, why); }
};

Chain::Chain(std::span<const PointSettings> points) {
  points_.reserve(points.size());
  for (const auto& [quantity, settings] : points) {
    Rule rule{
        .settings = settings, .kind = kind(quantity), .low_pass = LowPass(seconds(settings.time_constant))};
    const auto same = std::ranges::find_if(
        rules_, [&](const Rule& r) { return r.kind == rule.kind && r.settings == settings; });
    Point point{.rule = static_cast<std::uint32_t>(same - rules_.begin())};
    if (same == rules_.end()) rules_.push_back(rule);
    if (rule.kind == Kind::counter) point.slot = add_slot(counters_);
    if (rule.kind == Kind::measured) {
      point.slot = add_slot(summarizers_);
      if (settings.outlier_sigmas > 0) point.outlier_slot = add_slot(outliers_);
      if (settings.stuck_after > Duration{}) point.stuck_slot = add_slot(rests_);
    }
    points_.push_back(point);
  }
}

CounterState* Chain::counter(std::uint16_t index) {
  if (index >= points_.size() || rules_[points_[index].rule].kind != Kind::counter) return nullptr;
  return &counters_[points_[index].slot];
}

const CounterState* Chain::counter(std::uint16_t index) const {
  if (index >= points_.size() || rules_[points_[index].rule].kind != Kind::counter) return nullptr;
  return &counters_[points_[index].slot];
}

// Here and below flattened: a sample stays in registers on its way through the steps.
[[gnu::flatten]] void Chain::apply(const model::SampleBatch& raw, Normalized& out) {
  begin(out.values, raw);
  begin(out.reports, raw);
  out.late.clear();
  out.summaries.clear();
  out.values.index = raw.index;
  out.values.value = raw.value;
  out.values.quality = raw.quality;

  const Quality clock = clock_.synchronized() ? Quality{} : Quality{}.with(Detail::clock_not_synchronized);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw.index[i] >= points_.size()) continue;  // not ours: as it came
    Point& point = points_[raw.index[i]];
    const bool first = point.used_at == Instant::min();
    Sample sample{.index = raw.index[i],
                  .value = raw.value[i],
                  .quality = merge(raw.quality[i], clock),
                  .received = raw.received,
                  .time = raw.source_time,
                  .point = point,
                  .rule = rules_[point.rule],
                  .dt = first ? unlimited : seconds(raw.received - point.used_at)};
    normalize(sample, out);
    out.values.value[i] = sample.value;
    out.values.quality[i] = sample.quality;
  }
}

[[gnu::flatten]] void Chain::normalize(Sample& sample, Normalized& out) {
  Point& point = sample.point;
  if (sample.received == point.seen) {  // again: nothing is new
    sample.value = point.value;
    sample.quality = point.quality;
    return;
  }
  if (sample.received < point.seen) {  // overtaken by a newer one: only the raw batch has it
    sample.value = std::numeric_limits<double>::quiet_NaN();
    sample.mark(Quality(Validity::invalid).with(Detail::old_data).with(Detail::historical));
    return;
  }
  point.seen = sample.received;

  sample.value *= sample.rule.settings.scale;
  check_range(sample);
  if (sample.rule.kind == Kind::counter) count_on(sample);
  if (sample.rule.kind == Kind::measured) {
    check_rate(sample);
    check_stuck(sample);
    reject_outlier(sample, out);
    summarize(sample, out);
    low_pass(sample);
  }
  fill_gap(sample, out);
  report_exception(sample, out);

  point.value = sample.value;
  point.quality = sample.quality;
  if (!sample.usable()) return;
  point.used = sample.value;
  point.used_at = sample.received;
}

void Chain::check_range(Sample& sample) const {
  const auto& [minimum, maximum] = std::pair(sample.rule.settings.minimum, sample.rule.settings.maximum);
  if (sample.value >= minimum && sample.value <= maximum) return;
  if (sample.quality.validity() == Validity::invalid) return;  // and no number
  sample.mark(std::isnan(sample.value) ? Quality(Validity::invalid).with(Detail::bad_reference)
                                       : questionable(Detail::out_of_range));
}

// The longer ago the last good value is, the further the next may be: a real change is believed in time.
void Chain::check_rate(Sample& sample) const {
  if (!sample.usable()) return;
  const Settings& settings = sample.rule.settings;
  const double most = settings.max_rate * sample.dt + settings.resolution;
  if (std::abs(sample.value - sample.point.measured) > most) sample.mark(questionable(Detail::inconsistent));
}

// Zero is a state of rest and not stuck: no sun, no load, no voltage.
void Chain::check_stuck(Sample& sample) {
  const Duration limit = sample.rule.settings.stuck_after;
  if (limit == Duration{} || !sample.usable()) return;
  Rest& rest = rests_[sample.point.stuck_slot];
  if (sample.value != rest.value || rest.samples == 0)
    rest = {.value = sample.value, .since = sample.received};
  ++rest.samples;
  if (sample.value != 0 && rest.samples > stuck_samples && sample.received - rest.since >= limit)
    sample.mark(questionable(Detail::old_data));
}

void Chain::count_on(Sample& sample) {
  CounterState& state = counters_[sample.point.slot];
  if (sample.usable()) {
    const Settings& settings = sample.rule.settings;
    const CounterSettings of_counter{
        .modulus = settings.modulus, .max_rate = settings.max_rate, .resolution = settings.resolution};
    if (count(state, of_counter, sample.value, sample.time) == Counted::doubted)
      sample.mark(questionable(Detail::inconsistent));
  }
  if (sample.quality.validity() != Validity::invalid) sample.value = state.extended();
}

void Chain::reject_outlier(Sample& sample, Normalized& out) {
  const Settings& settings = sample.rule.settings;
  if (settings.outlier_sigmas == 0 || !sample.usable()) return;
  Hampel& hampel = outliers_[sample.point.outlier_slot];
  switch (hampel.judge({.time = sample.time, .value = sample.value}, settings.outlier_sigmas,
                       settings.outlier_floor)) {
    case Hampel::Verdict::accepted: return;
    case Hampel::Verdict::rejected:
      sample.value = hampel.median();
      sample.mark(questionable(Detail::inaccurate).with(Detail::substituted));
      return;
    case Hampel::Verdict::level_changed:
      for (const Hampel::Sample& real : hampel.rejected()) {
        summarizers_[sample.point.slot].add(sample.index, real.time, real.value, out.summaries);
        out.late.push_back({.index = sample.index, .time = real.time, .value = real.value, .quality = {}});
      }
  }
}

void Chain::summarize(Sample& sample, Normalized& out) {
  if (sample.usable())
    summarizers_[sample.point.slot].add(sample.index, sample.time, sample.value, out.summaries);
}

void Chain::low_pass(Sample& sample) {
  if (!sample.usable()) return;
  Point& point = sample.point;
  point.measured = sample.value;
  if (!sample.rule.low_pass.enabled()) return;
  sample.value = sample.rule.low_pass.filter(point.used, sample.value, sample.dt);
  sample.quality = sample.quality.with(Detail::filtered);
}

// Comes after the low-pass, so that what was only guessed never becomes part of a fresh value.
void Chain::fill_gap(Sample& sample, Normalized& out) const {
  const Point& point = sample.point;
  const Settings& settings = sample.rule.settings;
  if (settings.period == Duration{} || !sample.usable() || point.used_at == Instant::min()) return;
  const Duration gap = sample.received - point.used_at;
  if (gap < settings.period * 3 / 2 || gap > settings.gap_limit) return;
  const auto parts = (gap + settings.period / 2) / settings.period;
  if (parts - 1 > settings.gap_samples) return;
  const double step = (sample.value - point.used) / static_cast<double>(parts);
  for (std::int64_t i = 1; i < parts; ++i) {
    out.late.push_back({.index = sample.index,
                        .time = sample.time - gap + gap * i / parts,
                        .value = point.used + step * static_cast<double>(i),
                        .quality = questionable(Detail::interpolated).with(Detail::substituted)});
  }
}

void Chain::report_exception(Sample& sample, Normalized& out) const {
  Point& point = sample.point;
  const Settings& settings = sample.rule.settings;
  const double deadband =
      std::max(settings.deadband, settings.deadband_percent * 0.01 * std::abs(point.reported));
  const bool exception = std::abs(sample.value - point.reported) > deadband ||
                         sample.quality != point.reported_quality || point.reported_at == Instant::min();
  const bool overdue = !exception && settings.heartbeat != Duration{} &&
                       sample.received - point.reported_at >= settings.heartbeat;
  if (!exception && !overdue) return;
  point.reported = sample.value;
  point.reported_quality = sample.quality;
  point.reported_at = sample.received;
  out.reports.add(sample.index, sample.value, sample.quality);
}

void Chain::advance(WallTime time, std::vector<Summary>& over) {
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (rules_[points_[i].rule].kind == Kind::measured)
      summarizers_[points_[i].slot].advance(static_cast<std::uint16_t>(i), time, over);
  }
}

}  // namespace iw::normalize
