// What a Line knows of one of its devices.
#pragma once

#include "protocols/bacnet/line.hpp"

namespace iw::bacnet {

struct Line::Device {
  // A subscription to the values of one object.
  struct Subscription {
    enum class State : std::uint8_t { none, asked, active, refused };
    State state = State::none;
    Instant due{};          // when it is to be asked for or renewed
    Instant ends = never;   // when the device will have forgotten it
    bool notified = false;  // since it was asked for: it works
  };

  LineDevice config;
  std::optional<Binding> binding;
  std::optional<PollPlan> plan;  // none until it said what it has
  polling::BackOff back_off{{.forgiven = 2, .first = 10s, .longest = 10min}};
  bus::DeviceState state = bus::DeviceState::starting;
  bool busy = false;  // a coroutine is finding it, or learning from it
  bool removed = false;
  bool duplicate = false;  // another device has the same instance: nothing is commanded
  std::size_t in_flight = 0;
  Instant due = never;  // in the queue of the line
  Instant searched = Instant::min();
  Instant answered = Instant::min();
  std::vector<Subscription> subscriptions;  // by point; empty: none are wanted
};

}  // namespace iw::bacnet
