#include "control/claim.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace iw::control {
namespace {

constexpr std::array level_names{std::string_view("optimisation"), std::string_view("contract"),
                                 std::string_view("grid"), std::string_view("operator"),
                                 std::string_view("protection")};
constexpr std::array demand_names{std::string_view("set"), std::string_view("at_most"),
                                  std::string_view("at_least"), std::string_view("off")};

template <class E, std::size_t N>
Result<E> parse(std::string_view what, std::string_view word, const std::array<std::string_view, N>& names) {
  const auto* found = std::ranges::find(names, word);
  if (found == names.end()) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no {}", word, what),
                fmt::format("one of {}", fmt::join(names, ", ")));
  }
  return static_cast<E>(found - names.begin());
}

}  // namespace

std::string_view to_string(Level level) { return level_names[static_cast<std::size_t>(level)]; }
Result<Level> parse_level(std::string_view word) { return parse<Level>("level", word, level_names); }
std::string_view to_string(Demand demand) { return demand_names[static_cast<std::size_t>(demand)]; }
Result<Demand> parse_demand(std::string_view word) { return parse<Demand>("demand", word, demand_names); }

std::string describe(Demand demand, double value) {
  switch (demand) {
    case Demand::set: return fmt::format("set {:.10g}", value);
    case Demand::at_most: return fmt::format("at most {:.10g}", value);
    case Demand::at_least: return fmt::format("at least {:.10g}", value);
    case Demand::off: return "off";
  }
  return "off";
}

}  // namespace iw::control
