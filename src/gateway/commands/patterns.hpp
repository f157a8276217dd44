// Paths as people choose them, with wildcards in any case: 'roof/*', '*/ActivePower'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iw::gateway {

// Whether one of them fits; without any, all paths do.
bool matches(const std::vector<std::string>& patterns, std::string_view path);

}  // namespace iw::gateway
