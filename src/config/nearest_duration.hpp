// What somebody meant who writes "1m" or "10sec": for error messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iw::config {

// As parse_duration() takes it, "1min"; none when nothing like a duration is there.
std::optional<std::string> nearest_duration(std::string_view text);

}  // namespace iw::config
