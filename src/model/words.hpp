// Words of the model are compared without case: people write "activepower" in a configuration.
#pragma once

#include <algorithm>
#include <string_view>

namespace iw::model {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace iw::model
