#include "config/nearest_duration.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/rule.hpp"

namespace iw::config {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> said_and_meant{{{"m", "min"},
                                                                                        {"M", "min"},
                                                                                        {"mins", "min"},
                                                                                        {"minute", "min"},
                                                                                        {"minutes", "min"},
                                                                                        {"sec", "s"},
                                                                                        {"secs", "s"},
                                                                                        {"second", "s"},
                                                                                        {"seconds", "s"},
                                                                                        {"S", "s"},
                                                                                        {"hr", "h"},
                                                                                        {"hrs", "h"},
                                                                                        {"hour", "h"},
                                                                                        {"hours", "h"},
                                                                                        {"H", "h"},
                                                                                        {"day", "d"},
                                                                                        {"days", "d"},
                                                                                        {"D", "d"},
                                                                                        {"msec", "ms"}}};

}  // namespace

std::optional<std::string> nearest_duration(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view unit = text.substr(digits);
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto* known = std::ranges::find(said_and_meant, unit, [](const auto& words) { return words.first; });
  const std::string meant =
      std::string(text.substr(0, digits)) + std::string(known != said_and_meant.end() ? known->second : unit);
  return meant != text && parse_duration(meant) ? std::optional(meant) : std::nullopt;
}

}  // namespace iw::config
