// Which points somebody wants, by path with wildcards: "roof/*", "*/ActivePower". Any case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iw::gateway {

// No patterns: all.
bool wanted(const std::vector<std::string>& patterns, std::string_view path);

}  // namespace iw::gateway
