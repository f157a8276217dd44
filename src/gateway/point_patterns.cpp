#include "gateway/point_patterns.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace iw::gateway {

bool wanted(const std::vector<std::string>& patterns, std::string_view path) {
  if (patterns.empty()) return true;
  const std::string whole(path);
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), whole.c_str(), FNM_CASEFOLD) == 0;
  });
}

}  // namespace iw::gateway
