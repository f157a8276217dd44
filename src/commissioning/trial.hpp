// Trial: the staged test of a connection, before there is any configuration: route, port, session, identity,
// values. It ends at the first stage that fails, and says what to do about it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commissioning/identify.hpp"
#include "commissioning/link.hpp"
#include "commissioning/readings.hpp"

namespace iw::commissioning {

enum class StageState : std::uint8_t {
  passed,
  nothing,  // no failure, but nothing was learned: a device that does not say who it is
  failed,
};

struct Stage {
  std::string_view name;  // "route", "port", "tls", "session", "identity", "values"
  StageState state{};
  Duration took{};
  std::string detail;
  std::string remedy = {};
};

std::string_view to_string(StageState state);
double milliseconds(Duration duration);

struct Trial {
  std::vector<Stage> stages;
  Identification identification;
  const modbus::Profile* profile =
      nullptr;  // that the values were decoded with; none: SunSpec, or none at all
  std::optional<Readings> readings;

  [[nodiscard]] bool ok() const;
};

struct TrialSettings {
  const modbus::Catalogue& catalogue;
  const modbus::Profile* profile = nullptr;       // given by the user: used for the values
  bool sunspec = false;                           // asked for by the user: nothing else will do
  std::function<void(const Stage&)> on_stage;     // as it goes
  std::function<void(std::string_view)> on_wait;  // what is being done, while it is; may be empty
  std::function<bool()> stopped = {};             // nobody wants to know any more: no further stage begins
};

// The link is new: connecting is part of the test.
io::Task<Trial> run_trial(Link& link, TrialSettings settings);

}  // namespace iw::commissioning
