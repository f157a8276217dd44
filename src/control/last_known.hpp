// LastKnown: where the device stands with one point, as far as anybody can know: what it has confirmed, as
// long as it holds that; else what was seen of it last, in the register or, where it may have fallen back
// meanwhile, by its measurement; else what it falls back to. Pure, for one thread.
//
// A register tells what the device was told, not that it obeys: beside a measurement of the same round of
// polls, and of later ones, it is news only when it changes.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace iw::control {

class LastKnown {
 public:
  // When it does, if it is not written before.
  struct FallsBack {
    Instant earliest = never;
    Instant latest = never;
  };

  // It was away, or has come back: what it holds now, nobody knows. `falls_back_at`: for what others had told
  // it before; never: it does not.
  void forget(Instant falls_back_at);
  // It has confirmed a value, or shown another right after it was written.
  void told(double value, Instant written_at, FallsBack falls_back);
  // What was written got no answer, so it may have reached the device or not; if it has, it falls back by
  // then.
  void unanswered(Instant latest) { falls_back_.latest = latest; }
  // As its register gave it at that time.
  void shown(double value, Instant at);
  // What it truly does, of a point that is a setpoint of that.
  void measured(double value, Instant at) { measured_ = Seen{value, at}; }

  // Whether the register was seen.
  [[nodiscard]] bool seen() const { return seen_.has_value(); }
  // Of a device that does not fall back.
  [[nodiscard]] std::optional<double> of_register() const;
  // Of one that does, to `to`; none: nobody knows to what.
  [[nodiscard]] std::optional<double> value(std::optional<double> to, Instant now) const;

 private:
  struct Seen {
    double value = 0;
    Instant at;
    Instant since = {};  // of a register: the value is news of then
    bool told = false;   // it is what was written
  };

  std::optional<Seen> seen_;      // of the register
  std::optional<Seen> measured_;  // of what it moves
  FallsBack falls_back_;
};

// Both come out of the same registers by the same way, so that equal means equal but for the last bits.
bool same(double a, double b);

}  // namespace iw::control
