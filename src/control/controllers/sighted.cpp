#include "control/controllers/sighted.hpp"

#include <algorithm>

#include "control/controllers/words.hpp"

namespace iw::control {

Sighted::Sighted(Declaration declaration, std::size_t needed, Duration hold_for)
    : declaration_(std::move(declaration)),
      needed_(needed),
      hold_for_(hold_for),
      holds_(std::max<Duration>(3 * declaration_.period, 1s)) {}

void Sighted::step(Inputs inputs, const Now& now, Decision& decision) {
  elapsed_s_ = last_step_ ? in_seconds(now.instant - *last_step_) : 0;
  last_step_ = now.instant;
  for (std::size_t i = 0; i < needed_; ++i) {
    if (!inputs[i]) return be_blind(i, inputs, now, decision);
  }
  decide(inputs, now, decision);
  last_seen_ = now.instant;
  last_wishes_ = decision.wishes;
}

void Sighted::be_blind(std::size_t input, Inputs inputs, const Now& now, Decision& decision) {
  lose_sight();
  const std::string why =
      fmt::format("{}: {}", declaration_.inputs[input].path, inputs[input].error().message);
  switch (declaration_.when_blind) {
    case WhenBlind::safe: return be_safe(why, inputs, now, decision);
    case WhenBlind::release: break;
    case WhenBlind::hold:
      if (!last_wishes_.empty() && now.instant - last_seen_ <= hold_for_) {
        decision.wishes = last_wishes_;
        return say(decision, "blind_holding", "blind ({}), keeps what it wished", why);
      }
      break;
  }
  last_wishes_.clear();
  say(decision, "blind", "blind ({}), wishes nothing", why);
}

}  // namespace iw::control
