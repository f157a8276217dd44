#include "gateway/control_alarms.hpp"

#include <utility>

namespace iw::gateway {
namespace {

using events::Kind;
using model::WriteState;

constexpr Duration amiss_for = 5s;  // before it is an alarm: devices take a moment

bool is_amiss(WriteState state) {
  return state == WriteState::not_followed || state == WriteState::refused || state == WriteState::unknown;
}

std::string words_of(const control::Actuator::Status& status, double wanted) {
  std::string text = fmt::format("told {:.10g}: {}", wanted, model::to_string(status.state));
  if (status.shown) text += fmt::format(", it shows {:.10g}", *status.shown);
  if (status.error) text += ": " + status.error->message;
  return text;
}

}  // namespace

std::optional<ControlAlarms::Change> ControlAlarms::fail_safe(const std::string& lost, double value) {
  const bool held = !lost.empty();
  if (std::exchange(safe_, held) == held) return std::nullopt;
  if (!held) return Change{.kind = Kind::fail_safe, .cause = {}};
  return Change{
      .kind = Kind::fail_safe,
      .cause = events::Cause{.message = fmt::format("held at {:.10g}: {}", value, lost), .value = value}};
}

std::optional<ControlAlarms::Change> ControlAlarms::follow(const control::Actuator::Status& status,
                                                           double wanted, bool reachable, Instant now) {
  amiss_now_ = is_amiss(status.state);
  if (!reachable || (model::is_final(status.state) && !amiss_now_)) {
    amiss_since_ = never;
    if (std::exchange(amiss_, false) == false) return std::nullopt;
    return Change{.kind = Kind::not_followed, .cause = {}};
  }
  if (!amiss_now_) return std::nullopt;
  if (amiss_since_ == never) amiss_since_ = now;
  if (now < amiss_since_ + amiss_for || std::exchange(amiss_, true) == true) return std::nullopt;
  return Change{.kind = Kind::not_followed,
                .cause = events::Cause{.message = words_of(status, wanted),
                                       .remedy = status.error ? status.error->remedy : "",
                                       .value = status.shown,
                                       .limit = wanted}};
}

Instant ControlAlarms::wake() const {
  return amiss_now_ && amiss_since_ != never && amiss_ != true ? amiss_since_ + amiss_for : never;
}

}  // namespace iw::gateway
