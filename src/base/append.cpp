#include "base/append.hpp"

#include <iterator>

#include <fmt/format.h>

namespace iw {

void append_formatted(std::string& out, fmt::string_view text, fmt::format_args args) {
  fmt::vformat_to(std::back_inserter(out), text, args);
}

}  // namespace iw
