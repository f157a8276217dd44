#include "api/patterns.hpp"

#include "gateway/point_patterns.hpp"

namespace iw::api {

Patterns Patterns::of(const wire::http::Target& target, std::string_view parameter) {
  std::vector<std::string> found;
  for (const auto& [name, value] : target.query) {
    if (name == parameter) found.push_back(value);
  }
  return Patterns(std::move(found));
}

bool Patterns::match(const std::string& path) const { return gateway::wanted(patterns_, path); }

}  // namespace iw::api
