// For cmake/precompiled.cmake: what most files do with JSON, so that the templates behind it are instantiated
// with the precompiled headers and not by every file. Nobody calls this.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "json/json.hpp"

namespace iw {

inline std::string common_uses_of_json(const std::string& text) {
  using Json = nlohmann::ordered_json;
  Json parsed = Json::parse(text, nullptr, false);
  Json made{{"a", text}, {"b", 1}, {"c", std::string_view(text)}, {"d", 1.5}, {"e", true}, {"f", nullptr}};
  made["g"] = parsed;
  made.push_back(std::move(parsed));
  for (const auto& [key, value] : made.items())
    made[key] = value;
  for (const Json& value : made)
    if (value.is_string()) return value.get<std::string>();
  const Json copy = made;
  return copy == made ? made.value("g", "") : made.dump(2);
}

}  // namespace iw
