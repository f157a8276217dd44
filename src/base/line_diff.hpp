// The difference of two texts by lines, as people know it from diff(1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace iw {

enum class LineFate : std::uint8_t { kept, removed, added };

struct DiffLine {
  LineFate fate = LineFate::kept;
  int before = 0;  // number of the line in each text, from 1; 0: it is not there
  int after = 0;
  std::string_view text;  // without its end; lives as long as the texts

  friend bool operator==(const DiffLine&, const DiffLine&) = default;
};

// The shortest way from one to the other (Myers, "An O(ND) Difference Algorithm", 1986), removed lines before
// added ones. Texts that have little in common are not searched to the end: then all between is replaced.
std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after);

// In the unified format, with three lines around each change; empty when there is none.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view name_before,
                         std::string_view name_after);

}  // namespace iw
