// Controller: local logic that reads measurements and wishes values for points: peak shaving, a limit at the
// grid connection, droop. Plain synchronous code for one thread: measurements and `now` in, a decision out;
// no IO, no clock of its own. What becomes of a wish (claim, arbiter, write) is not its business.
//
// A decision is complete: what it does not wish, it no longer wishes. Each wish expires by itself after
// `holds`, so that a controller that is no longer asked lets go of what it moved.
//
// Only FreshValue comes in. An input that is not fresh and good makes the controller blind; what it then does
// is declared, and its decision says so. Signs and units are those of the model (model/quantity.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/time_zone.hpp"
#include "model/fresh_value.hpp"

namespace iw::control {

// A point it reads, and how old its value may be.
struct Input {
  std::string path;  // "grid meter/ActivePower"
  Duration oldest = 5s;
};

// A point it wants to move.
struct Output {
  std::string path;
};

// Without an input that it needs.
enum class WhenBlind : std::uint8_t {
  hold,     // its last wishes stand for a declared while, then it releases them
  release,  // it wishes nothing: the next claim applies, or the declared default of the point
  safe,     // it wishes what is safe whatever the input would have said
};

struct Declaration {
  std::string_view kind;      // "peak_shaving"
  std::vector<Input> inputs;  // in the order in which step() takes them
  std::vector<Output> outputs;
  Duration period = 1s;  // between two steps
  bool at_once = false;  // a step with each new value of an input too: for control of frequency
  WhenBlind when_blind = WhenBlind::release;
};

enum class Demand : std::uint8_t {
  set,
  at_most,
  at_least,
  off,  // whatever off is for the point: 0 W, open; the value does not count
};

struct Wish {
  std::size_t output = 0;  // of Declaration::outputs
  Demand demand = Demand::set;
  double value = 0;     // in the canonical unit of the point
  Duration holds = 5s;  // from the step on
};

struct Decision {
  std::vector<Wish> wishes;
  std::string_view code;  // why, for programs: "limiting", "blind"; a static text
  std::string words;      // why, for people

  // Empty, for the next step; keeps its memory.
  void clear() {
    wishes.clear();
    code = {};
    words.clear();
  }
};

struct Now {
  Instant instant;
  WallTime wall;
  bool wall_trusted = true;  // synchronised; a controller that needs the wall clock is blind without
  const TimeZone& zone;      // of the site
  // A value stands for no longer than that. The steps of a dry run may be longer, and what it is given is of
  // all of them.
  Duration longest_step = 10s;
};

class Controller {
 public:
  Controller() = default;
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  virtual ~Controller() = default;

  // Does not change.
  [[nodiscard]] virtual const Declaration& declaration() const = 0;

  // One result for each declared input, in that order. The decision comes in cleared: a step that finds
  // everything fresh may then do without allocation.
  virtual void step(std::span<const Result<model::FreshValue>> inputs, const Now& now,
                    Decision& decision) = 0;

  // What must survive a restart, as a short line of text; empty: nothing. It may change with each step: worth
  // writing once a minute, and at the end.
  [[nodiscard]] virtual std::string state() const { return {}; }
  // The same without what it has done: of one that did not act, that was only imagined.
  [[nodiscard]] virtual std::string seen() const { return state(); }
  // Takes what state() gave. An error leaves the controller as new.
  virtual Result<void> restore(std::string_view /*state*/) { return {}; }
};

}  // namespace iw::control
