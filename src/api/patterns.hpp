// Which points somebody asks for: paths with wildcards, as on the command line: "roof/*", "*/ActivePower".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/http/target.hpp"

namespace iw::api {

class Patterns {
 public:
  Patterns() = default;  // all
  explicit Patterns(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
  // The parameters of that name; none: all.
  static Patterns of(const wire::http::Target& target, std::string_view parameter);

  [[nodiscard]] bool match(const std::string& path) const;  // in any case
  [[nodiscard]] bool all() const { return patterns_.empty(); }

 private:
  std::vector<std::string> patterns_;
};

}  // namespace iw::api
