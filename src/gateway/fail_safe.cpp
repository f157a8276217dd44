#include "gateway/fail_safe.hpp"

#include <utility>

namespace iw::gateway {
namespace {

constexpr Duration well_for = 5s;  // before what was lost counts as found

}  // namespace

FailSafe::Step FailSafe::look(std::string lost, bool settling, Instant now) {
  had_all_ = had_all_ || lost.empty();
  waiting_ = !lost.empty() && settling && !had_all_;
  if (waiting_) return Step::stay;
  if (!lost.empty()) {
    well_since_ = never;
    if (std::exchange(held_, true)) return Step::hold;
    lost_ = std::move(lost);
    return Step::enter;
  }
  if (!held_) return Step::stay;
  if (well_since_ == never) well_since_ = now;
  if (now < well_since_ + well_for) return Step::hold;
  held_ = false;
  lost_.clear();
  well_since_ = never;
  return Step::leave;
}

}  // namespace iw::gateway
