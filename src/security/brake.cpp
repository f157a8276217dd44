#include "security/brake.hpp"

#include <algorithm>

namespace iw::security {

Duration Brake::wait(const std::string& who, Instant now) const {
  const auto found = tries_.find(who);
  if (found == tries_.end() || now >= found->second.free_at) return Duration::zero();
  return found->second.free_at - now;
}

void Brake::failed(const std::string& who, Instant now) {
  make_room(now);
  Tries& tries = tries_[who];
  ++tries.failures;
  tries.last = now;
  tries.free_at = now;
  if (tries.failures < settings_.free) return;
  const unsigned doublings = std::min(tries.failures - settings_.free, 20U);
  tries.free_at = now + std::min(settings_.first * (1 << doublings), settings_.longest);
}

void Brake::make_room(Instant now) {
  std::erase_if(tries_, [&](const auto& one) {
    return now >= one.second.free_at && now >= one.second.last + settings_.longest;
  });
  if (tries_.size() < settings_.most) return;
  tries_.erase(std::ranges::min_element(tries_, {}, [](const auto& one) { return one.second.last; }));
}

}  // namespace iw::security
