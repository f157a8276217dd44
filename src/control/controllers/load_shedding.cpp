#include "control/controllers/load_shedding.hpp"

#include <algorithm>
#include <charconv>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

const Record<LoadParameters>& load_record() {
  using L = LoadParameters;
  static const auto record =
      Record<L>()
          .required("point", &L::point, point_path(), "what switches it")
          .required("power_w", &L::power_w, number(0), "what it takes")
          .optional("minimum_off", &L::minimum_off, duration(0s, 24h), "it stays off so long")
          .optional("minimum_on", &L::minimum_on, duration(0s, 24h), "and on so long before it goes again")
          .place(&L::place);
  return record;
}

Declaration declare(const LoadSheddingParameters& parameters) {
  Declaration out{.kind = "load_shedding",
                  .inputs = {{.path = parameters.measured, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .when_blind = WhenBlind::hold};
  for (const LoadParameters& load : parameters.loads)
    out.outputs.push_back({.path = load.point});
  return out;
}

}  // namespace

const Record<LoadSheddingParameters>& load_shedding_record() {
  using L = LoadSheddingParameters;
  static const auto record =
      Record<L>()
          .required("measured", &L::measured, point_path(), "power, usually at the grid connection")
          .required("above_w", &L::above_w, number(), "loads go while it is above")
          .required("loads", &L::loads, list_of<LoadParameters>(load_record()),
                    "the first is the first to go")
          .optional("margin_w", &L::margin_w, number(0), "kept free when a load comes back")
          .optional("shed_delay", &L::shed_delay, duration(0s, 1h), "above for so long, the next load goes")
          .optional("restore_delay", &L::restore_delay, duration(0s, 1h),
                    "room for so long, the last one comes back")
          .optional("oldest", &L::oldest, duration(100ms, 10min), "a value that is older is not seen")
          .optional("hold_for", &L::hold_for, duration(0s, 24h),
                    "blind, loads stay off so long, then they come back")
          .optional("period", &L::period, duration(50ms, 1min), "between two decisions")
          .place(&L::place);
  return record;
}

void check(const LoadSheddingParameters& parameters, Findings& findings) {
  check_count(parameters.place, "loads", parameters.loads.size(), findings);
  if (!names_quantity(parameters.measured, {model::Quantity::ActivePower}))
    findings.error(place_of(parameters.place, "measured"), "expected an ActivePower");
}

LoadShedding::LoadShedding(LoadSheddingParameters parameters)
    : Sighted(declare(parameters), 1, parameters.hold_for),
      parameters_(std::move(parameters)),
      loads_(parameters_.loads.size()) {}

std::string LoadShedding::state() const {
  std::vector<std::size_t> off;
  for (std::size_t i = 0; i < loads_.size(); ++i)
    if (loads_[i].off) off.push_back(i);
  return off.empty() ? "" : fmt::format("off={}", fmt::join(off, ","));
}

Result<void> LoadShedding::restore(std::string_view state) {
  constexpr std::string_view key = "off=";
  std::vector<Load> loads(loads_.size());
  std::string_view rest = state.starts_with(key) ? state.substr(key.size()) : "";
  bool understood = !rest.empty();
  while (!rest.empty() && understood) {
    const std::string_view word = rest.substr(0, rest.find(','));
    std::size_t load = loads.size();
    const auto read = std::from_chars(word.data(), word.data() + word.size(), load);
    understood = read.ptr == word.data() + word.size() && load < loads.size();
    if (understood) loads[load].off = true;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  if (!understood) return fail(ErrorKind::malformed, fmt::format("'{}' does not name its loads", state));
  loads_ = std::move(loads);
  return {};
}

void LoadShedding::lose_sight() {
  above_since_.reset();
  room_since_.reset();
}

void LoadShedding::decide(Inputs inputs, const Now& now, Decision& decision) {
  const double measured = inputs[0]->value();
  for (Load& load : loads_)
    if (load.off && !load.since) load.since = now.instant;  // before a restart: for how long, nobody knows
  if (lasted(above_since_, measured > parameters_.above_w, now.instant, parameters_.shed_delay))
    shed_next(now.instant);
  const auto last_off = std::ranges::find(loads_.rbegin(), loads_.rend(), true, &Load::off);
  const bool room =
      last_off != loads_.rend() &&
      measured + parameters_.loads[static_cast<std::size_t>(loads_.rend() - last_off) - 1].power_w <=
          parameters_.above_w - parameters_.margin_w;
  if (lasted(room_since_, room, now.instant, parameters_.restore_delay)) restore_last(measured, now.instant);

  std::size_t off = 0;
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    if (!loads_[i].off) continue;
    wish(decision, i, Demand::off, 0);
    ++off;
  }
  if (off > 0) {
    return say(decision, "shedding", "{} of {} allowed: {} of {} loads are off", Power(measured),
               Power(parameters_.above_w), off, loads_.size());
  }
  say(decision, "all_on", "{} of {} allowed: all loads may run", Power(measured), Power(parameters_.above_w));
}

bool LoadShedding::lasted(std::optional<Instant>& since, bool holds, Instant now, Duration delay) {
  if (!holds) {
    since.reset();
    return false;
  }
  if (!since) since = now;
  if (now - *since < delay) return false;
  since = now;
  return true;
}

// The first in the list that is on, and has been for its minimum.
void LoadShedding::shed_next(Instant now) {
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    Load& load = loads_[i];
    if (load.off || (load.since && now - *load.since < parameters_.loads[i].minimum_on)) continue;
    load = {.off = true, .since = now};
    return;
  }
}

// The last in the list that is off, has been for its minimum, and has room.
void LoadShedding::restore_last(double measured, Instant now) {
  for (std::size_t i = loads_.size(); i-- > 0;) {
    Load& load = loads_[i];
    const LoadParameters& p = parameters_.loads[i];
    if (!load.off || now - *load.since < p.minimum_off) continue;
    if (measured + p.power_w > parameters_.above_w - parameters_.margin_w) continue;
    load = {.off = false, .since = now};
    return;
  }
}

}  // namespace iw::control
