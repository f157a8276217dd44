// The fail-safe of a ControlDesk: points that have lost what they need.

#include <utility>

#include "gateway/control_desk.hpp"
#include "model/fresh_value.hpp"

namespace iw::gateway {
namespace {

using control::ClaimId;
using control::Level;

constexpr Duration look_every = 500ms;
constexpr Duration safe_life = 1h;  // of the claim that holds a point safe; renewed all the time
constexpr std::string_view fail_safe_owner = "fail-safe";

}  // namespace

std::string ControlDesk::lost_need(const ControlPoint& point, Instant at) const {
  for (const auto& [path, oldest] : point.needs) {
    const std::optional<model::PointId>& id = needed_.at(path);
    const auto live = id ? around_.live.value(*id) : std::nullopt;
    if (!live) return fmt::format("{} has no value", path);
    const auto fresh = model::FreshValue::from(
        {.value = live->value, .quality = live->quality, .received = live->received}, at, oldest);
    if (!fresh) return fmt::format("{} is {}", path, fresh.error().message);
  }
  return {};
}

// A point without what it needs is held safe by a claim of the highest level. After a start the values take a
// while to come: the point is left as it is meanwhile.
void ControlDesk::watch_needs(Instant at) {
  needs_at_ = never;
  for (std::size_t point = 0; point < by_point_.size(); ++point) {
    ControlledPoint& bound = *by_point_[point];
    if (stopped_ != nullptr || (bound.how.needs.empty() && !bound.fail_safe.held())) continue;
    needs_at_ = at + look_every;
    const std::string& path = book_.points()[point].path;
    const bool was_waiting = bound.fail_safe.waiting();
    const bool was_held = bound.fail_safe.held();
    switch (bound.fail_safe.look(lost_need(bound.how, at), at < settled_at_, at)) {
      case FailSafe::Step::stay: break;
      case FailSafe::Step::enter:
        hold_safe(point);
        record_mode(path, "fail-safe", bound.fail_safe.lost());
        around_.log.warning("{}: fail-safe, {}", path, bound.fail_safe.lost());
        break;
      case FailSafe::Step::hold:
        if (!book_.renew(point, bound.safe, bound.how.safe_value(), bound.fail_safe.lost(), at,
                         at + safe_life))
          hold_safe(point);
        break;
      case FailSafe::Step::leave:
        release_for_controller(std::exchange(bound.safe, ClaimId()));
        record_mode(path, "normal", "all that it needs is back");
        around_.log.info("{}: all that it needs is back", path);
        break;
    }
    if (bound.fail_safe.waiting() != was_waiting) look_at_[point] = Instant::min();
    if (bound.fail_safe.held() != was_held) ++revision_;
    if (bound.fail_safe.waiting()) continue;
    if (auto change = bound.alarms.fail_safe(bound.fail_safe.lost(), bound.how.safe_value()))
      tell(path, bound, std::move(*change));
  }
}

void ControlDesk::hold_safe(std::size_t point) {
  ControlledPoint& bound = *by_point_[point];
  auto held = claim_for_controller({.path = book_.points()[point].path,
                                    .owner = std::string(fail_safe_owner),
                                    .level = Level::protection,
                                    .demand = control::Demand::set,
                                    .value = bound.how.safe_value(),
                                    .life = safe_life,
                                    .reason = bound.fail_safe.lost()});
  if (!held)
    return around_.log.error("{}: not held safe: {}", book_.points()[point].path, held.error().message);
  bound.safe = *held;
}

void ControlDesk::record_mode(const std::string& path, std::string mode, std::string why) {
  records_.audit.push_back(
      entry(std::string(fail_safe_owner), "mode", path, std::move(mode), std::move(why)));
}

}  // namespace iw::gateway
