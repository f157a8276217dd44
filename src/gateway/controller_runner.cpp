#include "gateway/controller_runner.hpp"

#include <algorithm>

#include "config/same.hpp"

namespace iw::gateway {

using control::ClaimId;
using control::Mode;
using control::Wish;

namespace {

// A clock that shows less was never set: it is behind the making of this program.
constexpr WallTime earliest_believed = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

constexpr Duration keep_every = 1min;

const Unexpected& unknown_point() {
  static const Unexpected error = fail(ErrorKind::not_found, "there is no such point");
  return error;
}

const Unexpected& no_value() {
  static const Unexpected error = fail(ErrorKind::not_found, "no value came yet");
  return error;
}

bool has(const model::SampleBatch& batch, const std::optional<model::PointId>& point) {
  return point && point->device == batch.device &&
         std::ranges::find(batch.index, point->index) != batch.index.end();
}

}  // namespace

// The claims of those before end when the new ones have made theirs: nothing between them comes into force.
void ControllerRunner::configure(std::span<const control::ControllerSection> sections, const TimeZone& zone,
                                 const ModeOf& mode_of) {
  keep_states(around_.core.now());
  std::vector<Seat> before = std::exchange(seats_, {});
  for (const Seat& seat : before)
    restored_.emplace_back(seat.one.name, state_of(seat));
  zone_ = &zone;
  for (const control::ControllerSection& section : sections) {
    const Mode mode = mode_of(section);
    const auto goes_on = std::ranges::find_if(before, [&](const Seat& seat) {
      return seat.one.mode == mode && config::same(*seat.section->place, *section.place);
    });
    if (goes_on == before.end()) {
      seats_.push_back(seat_of(section, mode));
      continue;
    }
    Seat& seat = seats_.emplace_back(std::move(*goes_on));
    before.erase(goes_on);
    seat.section = &section;
    find_points(seat);
  }
  restored_.clear();
  index_inputs();
  ++revision_;
  on_timer();
  for (Seat& seat : before)
    release_all(seat);
  decide();
}

ControllerRunner::Seat ControllerRunner::seat_of(const control::ControllerSection& section, Mode mode) {
  Seat seat{.section = &section, .one = control::make_controller(section)};
  seat.one.mode = mode;
  const std::size_t outputs = seat.one.controller->declaration().outputs.size();
  seat.held.resize(outputs);
  seat.refused.resize(outputs);
  for (const auto& [name, state] : restored_) {
    if (name != seat.one.name || state.empty()) continue;
    if (auto taken = seat.one.controller->restore(state); !taken)
      around_.log.warning("controller {} begins anew: {}", name, taken.error().message);
  }
  find_points(seat);
  return seat;
}

std::string ControllerRunner::state_of(const Seat& seat) {
  return seat.one.mode == Mode::act ? seat.one.controller->state() : seat.one.controller->seen();
}

// One that was off did not see what happened meanwhile, and what one that observed has done is imagined: it
// begins with what it would know after a restart.
bool ControllerRunner::set_mode(std::string_view name, Mode mode) {
  const auto seat = std::ranges::find(seats_, name, [](const Seat& each) { return each.one.name; });
  if (seat == seats_.end()) return false;
  if (seat->one.mode == mode) return true;
  ++revision_;
  if (mode != Mode::act) release_all(*seat);
  if (seat->one.mode == Mode::off || mode == Mode::act) {
    restored_.emplace_back(seat->one.name, state_of(*seat));
    *seat = seat_of(*seat->section, mode);
    restored_.clear();
  }
  seat->one.mode = mode;
  if (mode == Mode::off) seat->decision.clear();
  seat->next = Instant::min();
  on_timer();
  decide();
  return true;
}

void ControllerRunner::index_inputs() {
  inputs_by_path_.clear();
  inputs_by_device_.clear();
  for (std::size_t seat = 0; seat < seats_.size(); ++seat) {
    const auto& inputs = seats_[seat].one.controller->declaration().inputs;
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      const Place place{.seat = seat, .input = input};
      inputs_by_path_[inputs[input].path].push_back(place);
      if (const auto& point = seats_[seat].points[input]) inputs_by_device_[point->device].push_back(place);
    }
  }
}

void ControllerRunner::described(model::DeviceId device) {
  if (const auto bound = inputs_by_device_.find(device); bound != inputs_by_device_.end()) {
    for (const auto& [seat, input] : bound->second) {
      std::optional<model::PointId>& point = seats_[seat].points[input];
      if (point && point->device == device) point.reset();  // not what another device has by now
    }
    inputs_by_device_.erase(bound);
  }
  ++revision_;
  const model::SiteModel::Device* there = around_.site.device(device);
  if (there == nullptr) return;
  for (const model::SiteModel::PlacedPoint& placed : there->points) {
    const auto wanted = inputs_by_path_.find(placed.path);
    if (wanted == inputs_by_path_.end()) continue;
    for (const Place& place : wanted->second) {
      seats_[place.seat].points[place.input] = placed.id;
      inputs_by_device_[device].push_back(place);
    }
  }
}

void ControllerRunner::find_points(Seat& seat) const {
  seat.points.clear();
  for (const control::Input& input : seat.one.controller->declaration().inputs) {
    const auto found = around_.site.find(input.path);
    seat.points.push_back(found ? std::optional(*found) : std::nullopt);
  }
}

void ControllerRunner::take(const model::SampleBatch& clean) {
  if (const auto bound = inputs_by_device_.find(clean.device); bound != inputs_by_device_.end()) {
    const auto shows = [&](const Place& place) { return has(clean, seats_[place.seat].points[place.input]); };
    if (std::ranges::any_of(bound->second, shows)) ++revision_;
  }
  const auto is_new = [&](const std::optional<model::PointId>& point) { return has(clean, point); };
  bool stepped = false;
  for (Seat& seat : seats_) {
    if (seat.one.mode == Mode::off || !seat.one.controller->declaration().at_once ||
        std::ranges::none_of(seat.points, is_new))
      continue;
    step(seat);
    stepped = true;
  }
  if (stepped) decide();
}

void ControllerRunner::on_timer() {
  const Instant now = around_.core.now();
  for (Seat& seat : seats_) {
    if (seat.one.mode != Mode::off && seat.next <= now) step(seat);
  }
  decide();
  if (now >= keep_at_) keep_states(now);
  arm_next();
}

void ControllerRunner::arm_next() {
  Instant next = never;
  for (const Seat& seat : seats_)
    if (seat.one.mode != Mode::off) next = std::min(next, seat.next);
  if (next == never) return disarm();
  around_.core.arm(*this, next);
}

void ControllerRunner::step(Seat& seat) {
  const Instant now = around_.core.now();
  const WallTime wall = around_.core.clock().wall_now();
  seat.next = now + seat.one.controller->declaration().period;
  ++revision_;
  look(seat);
  const std::string_view before = seat.decision.code;
  seat.decision.clear();
  seat.one.controller->step(
      seat.inputs, {.instant = now, .wall = wall, .wall_trusted = wall >= earliest_believed, .zone = *zone_},
      seat.decision);
  if (seat.decision.code != before) {
    seat.since = wall;
    around_.log.info("controller {} ({}): {}", seat.one.name, seat.decision.code, seat.decision.words);
  }
  if (seat.one.mode == Mode::act && around_.claims.claim) claim(seat);
}

void ControllerRunner::look(Seat& seat) const {
  seat.inputs.clear();
  for (std::size_t i = 0; i < seat.points.size(); ++i)
    seat.inputs.push_back(fresh_value(seat, i));
}

Result<model::FreshValue> ControllerRunner::fresh_value(const Seat& seat, std::size_t input) const {
  const auto& point = seat.points[input];
  if (!point) return unknown_point();
  const auto value = around_.live.value(*point);
  if (!value) return no_value();
  return model::FreshValue::from(
      {.value = value->value, .quality = value->quality, .received = value->received}, around_.core.now(),
      seat.one.controller->declaration().inputs[input].oldest);
}

// What is not wished any more ends first, so that a controller never holds more than its decision says.
void ControllerRunner::claim(Seat& seat) {
  for (std::size_t output = 0; output < seat.held.size(); ++output) {
    const auto same = [&](const Wish& wish) { return wish.output == output; };
    if (std::ranges::none_of(seat.decision.wishes, same)) release(seat, output);
  }
  for (const Wish& wish : seat.decision.wishes) {
    const std::optional<Held>& held = seat.held[wish.output];
    const bool renewed =
        held && held->demand == wish.demand &&
        around_.claims.renew(path(seat, wish.output), held->id, wish.value, wish.holds, seat.decision.words);
    if (!renewed) claim_anew(seat, wish);
  }
}

// The new claim first, then the old one ends: nothing between them comes into force.
void ControllerRunner::claim_anew(Seat& seat, const Wish& wish) {
  const std::optional<Held> old = std::exchange(seat.held[wish.output], std::nullopt);
  auto claimed = around_.claims.claim({.path = path(seat, wish.output),
                                       .owner = seat.one.name,
                                       .level = seat.one.level,
                                       .demand = wish.demand,
                                       .value = wish.value,
                                       .life = wish.holds,
                                       .reason = seat.decision.words});
  if (old) around_.claims.release(old->id);
  std::string& refused = seat.refused[wish.output];
  if (claimed) {
    seat.held[wish.output] = {.id = *claimed, .demand = wish.demand};
    refused.clear();
  } else if (refused != claimed.error().message) {
    refused = claimed.error().message;
    around_.log.warning("controller {} can not move {}: {}; {}", seat.one.name, path(seat, wish.output),
                        refused, claimed.error().remedy);
  }
}

void ControllerRunner::release(Seat& seat, std::size_t output) {
  if (const auto held = std::exchange(seat.held[output], std::nullopt)) around_.claims.release(held->id);
}

void ControllerRunner::release_all(Seat& seat) {
  for (std::size_t output = 0; output < seat.held.size(); ++output) {
    release(seat, output);
    seat.refused[output].clear();
  }
}

void ControllerRunner::decide() {
  if (around_.claims.decide) around_.claims.decide();
}

void ControllerRunner::stop() {
  keep_states(around_.core.now());
  for (Seat& seat : seats_)
    release_all(seat);
  decide();
  seats_.clear();
  ++revision_;
  index_inputs();
  disarm();
}

void ControllerRunner::keep_states(Instant now) {
  if (!around_.keep || seats_.empty()) return;
  keep_at_ = now + keep_every;
  std::string text;
  for (const Seat& seat : seats_) {
    if (const std::string state = state_of(seat); !state.empty())
      text += fmt::format("{}\t{}\n", seat.one.name, state);
  }
  around_.keep(std::move(text));
}

void ControllerRunner::restore(std::string_view states) {
  while (!states.empty()) {
    const std::string_view line = states.substr(0, states.find('\n'));
    states.remove_prefix(std::min(states.size(), line.size() + 1));
    if (const auto tab = line.find('\t'); tab != std::string_view::npos) {
      restored_.emplace_back(line.substr(0, tab), line.substr(tab + 1));
    } else {
      around_.log.warning("'{}' is no state of a controller", line);
    }
  }
}

const std::string& ControllerRunner::path(const Seat& seat, std::size_t output) const {
  return seat.one.controller->declaration().outputs[output].path;
}

std::vector<ControllerRunner::InputView> ControllerRunner::inputs_of(const Seat& seat) const {
  const auto& inputs = seat.one.controller->declaration().inputs;
  std::vector<InputView> all;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto value = seat.points[i] ? around_.live.value(*seat.points[i]) : std::nullopt;
    const auto fresh = fresh_value(seat, i);
    all.push_back({.input = inputs[i], .value = value, .trouble = fresh ? "" : fresh.error().message});
  }
  return all;
}

std::vector<ControllerRunner::View> ControllerRunner::view() const {
  std::vector<View> all;
  for (const Seat& seat : seats_) {
    const control::Declaration& declaration = seat.one.controller->declaration();
    View view{.name = seat.one.name,
              .kind = declaration.kind,
              .mode = seat.one.mode,
              .configured = seat.section->mode,
              .level = seat.one.level,
              .declaration = declaration,
              .decision = seat.decision,
              .since = seat.since,
              .inputs = inputs_of(seat)};
    for (std::size_t output = 0; output < declaration.outputs.size(); ++output) {
      const std::optional<Held>& held = seat.held[output];
      view.outputs.push_back({.path = declaration.outputs[output].path,
                              .claim = held ? held->id : ClaimId(),
                              .refused = seat.refused[output]});
    }
    all.push_back(std::move(view));
  }
  return all;
}

}  // namespace iw::gateway
