// DryRun: what a controller would have wished, step by step, over values of the past: observing before it
// acts, without waiting. Pure.
//
// The past is what it was: a wish moves nothing, so that what was measured never answers to it. A value of
// the history holds until the next one, but no longer than `longest_hold`, as in charts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.hpp"
#include "control/controller.hpp"
#include "historian/samples.hpp"

namespace iw::api {

struct DryRunSettings {
  std::int64_t from_ms = 0;  // UTC since 1970
  std::int64_t to_ms = 0;
  Duration longest_hold = 15min;
  std::size_t most_steps = 5000;     // a longer time takes longer steps
  std::size_t most_changes = 5'000;  // of each output and of the reason; the first ones are told
};

struct DryRun {
  Duration step{};
  // When what is wished of an output became another.
  struct Wished {
    std::int64_t time_ms = 0;
    bool wishes = false;  // false: nothing any more
    control::Demand demand{};
    double value = 0;
  };
  std::vector<std::vector<Wished>> outputs;  // as declared
  // When the reason became another: its code; the words are those of that moment.
  struct Reason {
    std::int64_t time_ms = 0;
    std::string code;
    std::string words;
  };
  std::vector<Reason> reasons;
};

// A new controller; `inputs` in the order of its declaration, empty where the history has none.
DryRun dry_run(control::Controller& controller, const std::vector<historian::Samples>& inputs,
               const TimeZone& zone, const DryRunSettings& settings);

}  // namespace iw::api
