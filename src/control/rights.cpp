#include "control/rights.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace iw::control {

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last one passed
  std::size_t taken = 0;                      // where it began to take
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char c) { return c == '*'; });
}

Result<void> may_claim(std::span<const Right> rights, std::string_view owner, Level level,
                       std::string_view path) {
  bool known = false;
  bool point = false;
  for (const Right& right : rights) {
    if (!matches(right.owner, owner)) continue;
    known = true;
    const auto fits = [&](const std::string& pattern) { return matches(pattern, path); };
    if (!std::ranges::any_of(right.points, fits)) continue;
    if (level <= right.highest) return {};
    point = true;
  }
  const std::string remedy =
      fmt::format("grant it under control: rights:, for example {{owner: {}, level: {}, points: [\"{}\"]}}",
                  owner, to_string(level), path);
  if (!known)
    return fail(ErrorKind::denied, fmt::format("{} has no right to control anything", owner), remedy);
  if (!point)
    return fail(ErrorKind::denied, fmt::format("{} has no right to control {}", owner, path), remedy);
  return fail(ErrorKind::denied,
              fmt::format("{} has no right to control {} at the level {}", owner, path, to_string(level)),
              remedy);
}

}  // namespace iw::control
