// Texts as they are written into a YAML file.
#pragma once

#include <string>
#include <string_view>

namespace iw::config {

// Plain where nothing but a text could be meant, else in quotes.
std::string scalar(std::string_view text);

// For a comment: control characters become blanks.
std::string one_line(std::string_view text);

}  // namespace iw::config
