// FailSafe: of one point, whether it is to be held at its fail-safe value because something that it needs is
// lost. It is left when all has been well for a while. Pure, for one thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace iw::gateway {

class FailSafe {
 public:
  enum class Step : std::uint8_t {
    stay,   // nothing to do
    enter,  // from now on it is to be held
    hold,   // further on
    leave,  // no longer
  };
  // `lost`: what it needs and has not, in words; empty: it has all. `settling`: after a start, when what it
  // needs may still come and the point is left as it is; what was there since, and is not any more, is lost.
  Step look(std::string lost, bool settling, Instant now);

  [[nodiscard]] bool held() const { return held_; }
  // Whether it is to be held is not known yet.
  [[nodiscard]] bool waiting() const { return waiting_; }
  [[nodiscard]] const std::string& lost() const { return lost_; }  // while it is held

 private:
  bool held_ = false;
  bool had_all_ = false;  // since the start
  bool waiting_ = false;
  std::string lost_;
  Instant well_since_ = never;
};

}  // namespace iw::gateway
