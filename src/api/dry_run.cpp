#include "api/dry_run.hpp"

#include <algorithm>

namespace iw::api {
namespace {

// The values of one input as time goes on.
class Past {
 public:
  explicit Past(const historian::Samples& samples) : samples_(samples) {}

  // Time never goes back.
  Result<model::FreshValue> at(std::int64_t time_ms, Instant now, Duration longest_hold, Duration oldest) {
    while (next_ < samples_.size() && samples_.time_ms[next_] <= time_ms)
      ++next_;
    if (next_ == 0) return fail(ErrorKind::not_found, "the history has no value yet");
    const std::size_t last = next_ - 1;
    const Duration age = std::chrono::milliseconds(time_ms - samples_.time_ms[last]);
    const Instant received = age <= longest_hold ? now : now - age;
    return model::FreshValue::from(
        {.value = samples_.value[last], .quality = samples_.quality[last], .received = received}, now,
        oldest);
  }

 private:
  const historian::Samples& samples_;
  std::size_t next_ = 0;
};

Duration step_of(const control::Declaration& declaration, const DryRunSettings& settings) {
  const Duration span = std::chrono::milliseconds(settings.to_ms - settings.from_ms);
  const Duration shortest = span / static_cast<std::int64_t>(settings.most_steps);
  return std::max({declaration.period, shortest, Duration(1s)});
}

void note_wishes(const control::Decision& decision, std::int64_t time_ms, const DryRunSettings& settings,
                 DryRun& run) {
  for (std::size_t output = 0; output < run.outputs.size(); ++output) {
    const auto wish = std::ranges::find(decision.wishes, output, &control::Wish::output);
    const bool wishes = wish != decision.wishes.end();
    const DryRun::Wished now{.time_ms = time_ms,
                             .wishes = wishes,
                             .demand = wishes ? wish->demand : control::Demand{},
                             .value = wishes ? wish->value : 0};
    auto& told = run.outputs[output];
    const bool same = !told.empty() && told.back().wishes == now.wishes && told.back().demand == now.demand &&
                      told.back().value == now.value;
    if (!same && told.size() < settings.most_changes) told.push_back(now);
  }
}

}  // namespace

DryRun dry_run(control::Controller& controller, const std::vector<historian::Samples>& inputs,
               const TimeZone& zone, const DryRunSettings& settings) {
  const control::Declaration& declaration = controller.declaration();
  DryRun run{.step = step_of(declaration, settings), .outputs = {}, .reasons = {}};
  run.outputs.resize(declaration.outputs.size());
  std::vector<Past> pasts(inputs.begin(), inputs.end());
  std::vector<Result<model::FreshValue>> values;
  control::Decision decision;
  constexpr Instant begin{std::chrono::days(1)};
  for (Instant now = begin;; now += run.step) {
    const std::int64_t time_ms = settings.from_ms + (now - begin) / 1ms;
    if (time_ms > settings.to_ms) break;
    values.clear();
    for (std::size_t i = 0; i < pasts.size(); ++i)
      values.push_back(pasts[i].at(time_ms, now, settings.longest_hold, declaration.inputs[i].oldest));
    decision.clear();
    controller.step(values,
                    {.instant = now,
                     .wall = WallTime(std::chrono::milliseconds(time_ms)),
                     .zone = zone,
                     .longest_step = run.step},
                    decision);
    note_wishes(decision, time_ms, settings, run);
    const bool same = !run.reasons.empty() && run.reasons.back().code == decision.code;
    if (!same && run.reasons.size() < settings.most_changes)
      run.reasons.push_back(
          {.time_ms = time_ms, .code = std::string(decision.code), .words = decision.words});
  }
  return run;
}

}  // namespace iw::api
