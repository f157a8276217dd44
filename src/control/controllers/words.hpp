// How controllers write the reason of a decision: into the decision's own text, without allocation once it
// has grown.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/append.hpp"
#include "control/controller.hpp"

namespace iw::control {

template <class... Args>
void say(Decision& decision, std::string_view code, fmt::format_string<Args...> words, Args&&... args) {
  decision.code = code;
  decision.words.clear();
  append(decision.words, words, std::forward<Args>(args)...);
}

// "850 W", "12.3 kW".
struct Power {
  double value = 0;
  std::string_view unit = "W";
};

}  // namespace iw::control

template <>
struct fmt::formatter<iw::control::Power> {
  static constexpr auto parse(format_parse_context& context) { return context.begin(); }
  fmt::format_context::iterator format(const iw::control::Power& power, format_context& context) const;
};
