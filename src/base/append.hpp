// Formatted text at the end of a string, as fmt::format_to writes it, which each file that uses it would
// compile as a whole.
#pragma once

#include <string>

#include <fmt/core.h>

namespace iw {

void append_formatted(std::string& out, fmt::string_view text, fmt::format_args args);

template <class... Args>
void append(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  append_formatted(out, text, fmt::make_format_args(args...));
}

}  // namespace iw
