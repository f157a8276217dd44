#include "gateway/commands/patterns.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace iw::gateway {

bool matches(const std::vector<std::string>& patterns, std::string_view path) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return fnmatch(pattern.c_str(), std::string(path).c_str(), FNM_CASEFOLD) == 0;
         });
}

}  // namespace iw::gateway
