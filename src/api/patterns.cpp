#include "api/patterns.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace iw::api {

Patterns Patterns::of(const wire::http::Target& target, std::string_view parameter) {
  std::vector<std::string> found;
  for (const auto& [name, value] : target.query) {
    if (name == parameter) found.push_back(value);
  }
  return Patterns(std::move(found));
}

bool Patterns::match(const std::string& path) const {
  return all() || std::ranges::any_of(patterns_, [&](const std::string& pattern) {
           return fnmatch(pattern.c_str(), path.c_str(), FNM_CASEFOLD) == 0;
         });
}

}  // namespace iw::api
