#include "base/line_diff.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace iw;

namespace {

// What is left of a diff when only one side is looked at.
std::string side(const std::vector<DiffLine>& lines, LineFate without) {
  std::string text;
  for (const DiffLine& line : lines) {
    if (line.fate == without) continue;
    text += line.text;
    text += '\n';
  }
  return text;
}

std::size_t changes(const std::vector<DiffLine>& lines) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [](const DiffLine& line) { return line.fate != LineFate::kept; }));
}

}  // namespace

TEST_CASE("a changed line is one removed and one added, with what is around it") {
  CHECK(unified_diff("a\nb\nc\nd\ne\n", "a\nb\nC\nd\ne\n", "version 1", "version 2") ==
        "--- version 1\n+++ version 2\n@@ -1,5 +1,5 @@\n a\n b\n-c\n+C\n d\n e\n");
}

TEST_CASE("changes far from each other are told apart, near ones together") {
  const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n";
  const std::string far = "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
  CHECK(unified_diff(before, far, "a", "b") ==
        "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -11,4 +11,3 @@\n 11\n 12\n 13\n-14\n");
  const std::string near = "one\n2\n3\n4\n5\n6\n7\neight\n9\n10\n11\n12\n13\n14\n";
  const std::string together = unified_diff(before, near, "a", "b");
  CHECK(together.find("@@ -1,11 +1,11 @@") != std::string::npos);
  CHECK(together.find("@@", together.find("@@ -1,11 +1,11 @@") + 17) == std::string::npos);
}

TEST_CASE("equal texts have no difference, and the ends of lines are none") {
  CHECK(unified_diff("a\nb\n", "a\r\nb", "x", "y").empty());
  CHECK(unified_diff("", "", "x", "y").empty());
  CHECK(unified_diff("", "a\n", "x", "y") == "--- x\n+++ y\n@@ -0,0 +1,1 @@\n+a\n");
}

TEST_CASE("the way is the shortest, and both texts are in it") {
  const std::string before = "a\nb\nc\na\nb\nb\na\n";
  const std::string after = "c\nb\na\nb\na\nc\n";
  const auto lines = diff_lines(before, after);
  CHECK(changes(lines) == 5);  // the example of the paper
  CHECK(side(lines, LineFate::added) == before);
  CHECK(side(lines, LineFate::removed) == after);
}

TEST_CASE("texts with nothing in common are replaced without a long search") {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += std::to_string(i) + " before\n";
    after += std::to_string(i) + " after\n";
  }
  const auto lines = diff_lines(before, after);
  CHECK(side(lines, LineFate::added) == before);
  CHECK(side(lines, LineFate::removed) == after);
}
