#include "control/controllers/registry.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

constexpr std::array modes{Word<Mode>{"off", Mode::off}, Word<Mode>{"observe", Mode::observe},
                           Word<Mode>{"act", Mode::act}};
constexpr std::array level_words{Word<Level>{"optimisation", Level::optimisation},
                                 Word<Level>{"contract", Level::contract}, Word<Level>{"grid", Level::grid},
                                 Word<Level>{"operator", Level::people},
                                 Word<Level>{"protection", Level::protection}};

// The kind whose parameters are in a member of the section; what is made takes `more` after them.
template <auto Member, class Made, auto... more>
constexpr ControllerKind kind(std::string_view name, Level level) {
  return {.name = name,
          .level = level,
          .given = [](const ControllerSection& section) { return (section.*Member).has_value(); },
          .check = [](const ControllerSection& section,
                      Findings& findings) { control::check(*(section.*Member), findings); },
          .make = [](const ControllerSection& section) -> std::unique_ptr<Controller> {
            return std::make_unique<Made>(*(section.*Member), more...);
          }};
}

using S = ControllerSection;
constexpr std::array kinds{
    kind<&S::export_limit, GridLimit, GridDirection::to_grid>("export_limit", Level::contract),
    kind<&S::import_limit, GridLimit, GridDirection::from_grid>("import_limit", Level::contract),
    kind<&S::peak_shaving, PeakShaving>("peak_shaving", Level::contract),
    kind<&S::self_consumption, SelfConsumption>("self_consumption", Level::optimisation),
    kind<&S::schedule, Schedule>("schedule", Level::optimisation),
    kind<&S::soc_reserve, SocReserve>("soc_reserve", Level::contract),
    kind<&S::demand_response, DemandResponse>("demand_response", Level::grid),
    kind<&S::dispatch, Dispatch>("dispatch", Level::grid),
    kind<&S::frequency_response, FrequencyResponse>("frequency_response", Level::grid),
    kind<&S::reactive_power, ReactivePower>("reactive_power", Level::grid),
    kind<&S::load_shedding, LoadShedding>("load_shedding", Level::contract),
    kind<&S::rule, Rule>("rule", Level::optimisation),
};

const ControllerKind* kind_of(const ControllerSection& section) {
  const auto found =
      std::ranges::find_if(kinds, [&](const ControllerKind& kind) { return kind.given(section); });
  return found != kinds.end() ? &*found : nullptr;
}

}  // namespace

std::string_view to_string(Mode mode) { return modes[static_cast<std::size_t>(mode)].first; }

Result<Mode> parse_mode(std::string_view word) {
  for (const auto& [known, mode] : modes)
    if (known == word) return mode;
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no mode", word), "off, observe or act");
}

const Record<ControllerSection>& controller_record() {
  static const auto record =
      Record<S>()
          .required("name", &S::name, text(), "unique; the owner of what it claims")
          .optional("mode", &S::mode, one_of(modes), "observe: it decides, and nothing is moved")
          .optional("level", &S::level, one_of(level_words),
                    "whose word goes first; docs/controllers.md has the usual ones")
          .optional("export_limit", &S::export_limit, grid_limit_record(),
                    "export at the grid connection stays within a limit")
          .optional("import_limit", &S::import_limit, grid_limit_record(),
                    "import at the grid connection stays within a limit")
          .optional("peak_shaving", &S::peak_shaving, peak_shaving_record(),
                    "the average of a billed interval stays below a peak")
          .optional("self_consumption", &S::self_consumption, self_consumption_record(),
                    "batteries keep the grid connection at a target")
          .optional("schedule", &S::schedule, schedule_record(), "wishes by day of the week and time of day")
          .optional("soc_reserve", &S::soc_reserve, soc_reserve_record(), "batteries keep a reserve")
          .optional("demand_response", &S::demand_response, demand_response_record(),
                    "a level that is ordered lowers loads")
          .optional("dispatch", &S::dispatch, dispatch_record(),
                    "batteries follow a setpoint that is ordered")
          .optional("frequency_response", &S::frequency_response, frequency_response_record(),
                    "batteries answer the frequency, by droop")
          .optional("reactive_power", &S::reactive_power, reactive_power_record(),
                    "fixed, by power factor, or Volt-VAr")
          .optional("load_shedding", &S::load_shedding, load_shedding_record(),
                    "loads go in the order of their rank")
          .optional("rule", &S::rule, rule_record(), "conditions, and what is wished when they hold")
          .place(&S::place);
  return record;
}

void check(std::span<const ControllerSection> sections, Findings& findings) {
  std::set<std::string_view> names;
  for (const ControllerSection& section : sections) {
    if (!names.insert(section.name).second) {
      findings.error(place_of(section.place, "name"),
                     fmt::format("the name '{}' is there twice", section.name));
    }
    const auto given =
        std::ranges::count_if(kinds, [&](const ControllerKind& kind) { return kind.given(section); });
    if (given == 1) {
      kind_of(section)->check(section, findings);
      continue;
    }
    std::vector<std::string_view> known;
    known.reserve(kinds.size());
    for (const ControllerKind& kind : kinds)
      known.push_back(kind.name);
    findings.error(section.place->place(), fmt::format("'{}' is of {} kinds", section.name, given),
                   fmt::format("give exactly one of {}", fmt::join(known, ", ")));
  }
}

std::span<const ControllerKind> controller_kinds() { return kinds; }

ConfiguredController make_controller(const ControllerSection& section) {
  const ControllerKind& kind = *kind_of(section);
  return {.name = section.name,
          .mode = section.mode,
          .level = section.level.value_or(kind.level),
          .controller = kind.make(section)};
}

}  // namespace iw::control
