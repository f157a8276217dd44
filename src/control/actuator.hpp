// Actuator: brings one point to where the arbiter wants it, and knows how far it is: a state machine without
// IO, for one thread. aim() says where to; next() gives what is to be written now; answered() takes what
// became of it, and shown() what the polls say the device holds.
//
// One write at a time. What the device did not follow, or what nobody knows the fate of, is written again,
// ever more rarely, for a set-point may be written twice; where it may not (`once`), each claim is written at
// most once, whatever became of it. What the device forgets by itself, or is to forget when it is not told
// again, is written again at half of that time.
//
// A ramp goes on from where the device is (LastKnown). An order that was not carried out has moved nothing.
#pragma once

#include <limits>
#include <optional>

#include "base/result.hpp"
#include "base/time.hpp"
#include "control/claim.hpp"
#include "control/last_known.hpp"
#include "model/command.hpp"

namespace iw::control {

class Actuator {
 public:
  // What the device does when it is not written again.
  struct FallsBack {
    Duration after{};
    bool told = false;              // only when an order says so
    std::optional<double> to = {};  // none: nobody knows

    friend bool operator==(const FallsBack&, const FallsBack&) = default;
  };
  struct Settings {
    double ramp = std::numeric_limits<double>::infinity();  // units a second
    Duration every = 1s;                                    // least time between two writes
    std::optional<Duration> refresh = {};  // half of the time after which the device falls back by itself
    bool once = false;
    std::optional<FallsBack> falls_back = {};

    friend bool operator==(const Settings&, const Settings&) = default;
  };
  struct Aim {
    double value = 0;
    ClaimId claim = {};      // 0: the fallback
    Instant expiry = never;  // of the claim
    bool at_once = false;    // without the ramp: protection, off
    Duration revert{};       // the device is told to fall back when it is not told again; 0: to hold it
    // What is allowed at once: no ramp keeps the point outside.
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();

    friend bool operator==(const Aim&, const Aim&) = default;
  };
  struct Order {
    double value = 0;
    Instant expiry;  // too late to be written
    Duration revert{};
  };
  struct Status {
    model::WriteState state = model::WriteState::requested;
    std::optional<double> written = {};  // by the last order
    std::optional<double> shown = {};    // by the device
    std::optional<Error> error = {};
    Instant since = {};  // in this state
  };

  explicit Actuator(Settings settings) : settings_(settings) {}

  void set(Settings settings) { settings_ = settings; }
  void aim(const Aim& aim, Instant now);
  // Whether that is still wanted is not known: nothing is written until aim() is called again.
  void wait_for_aim() { waits_for_aim_ = true; }
  // Of a claim that was written before others were, or before a restart: with `once` it is not written again.
  void remember_written(ClaimId claim) { attempted_ = claim; }
  // Whether the device can be written at all; what it holds after it was away, nobody knows.
  void set_reachable(bool reachable, Instant now);

  [[nodiscard]] std::optional<Order> next(Instant now);
  void answered(const model::WriteResult& result, Instant now);
  // A good value of the point, as the device gave it at that time.
  void shown(double value, Instant at);
  // Likewise what it truly does, of a point that is a setpoint of that.
  void measured(double value, Instant at) { last_known_.measured(value, at); }

  // Of what is not written itself: how far that is which is written for it.
  void stand_for(const Status& status) { status_ = status; }

  // When next() may have something, if nothing else happens; never while a write is under way.
  [[nodiscard]] Instant wake() const;
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] const std::optional<Aim>& aim() const { return aim_; }
  [[nodiscard]] bool in_flight() const { return in_flight_; }

 private:
  [[nodiscard]] std::optional<double> where(Instant now) const;
  [[nodiscard]] double step(Instant now) const;
  [[nodiscard]] LastKnown::FallsBack falls_back(Instant answered_at) const;
  [[nodiscard]] std::optional<Duration> refresh() const;
  void enter(model::WriteState state, Instant now);
  void again(Instant now);

  Settings settings_;
  std::optional<Aim> aim_;
  Status status_;
  ClaimId attempted_;
  LastKnown last_known_;
  Instant written_at_ = Instant::min();
  Instant answered_at_ = Instant::min();
  Duration written_revert_{};
  Instant due_ = never;
  Instant seen_by_ = Instant::min();  // after that a ramp begins anywhere
  unsigned failures_ = 0;
  bool reachable_ = false;
  bool in_flight_ = false;
  bool waits_for_aim_ = false;
};

}  // namespace iw::control
