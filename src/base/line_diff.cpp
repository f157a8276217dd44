#include "base/line_diff.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace iw {
namespace {

constexpr std::ptrdiff_t most_changes =
    2000;  // whose search takes some milliseconds, and memory for its square
constexpr std::size_t context = 3;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

class Diff {
 public:
  Diff(std::string_view before, std::string_view after) : a_(lines_of(before)), b_(lines_of(after)) {}

  std::vector<DiffLine> run() {
    std::size_t head = 0;
    while (head < a_.size() && head < b_.size() && a_[head] == b_[head])
      ++head;
    std::size_t tail = 0;
    while (tail < a_.size() - head && tail < b_.size() - head &&
           a_[a_.size() - 1 - tail] == b_[b_.size() - 1 - tail])
      ++tail;
    for (std::size_t i = 0; i < head; ++i)
      keep();
    middle(std::span(a_).subspan(head, a_.size() - head - tail),
           std::span(b_).subspan(head, b_.size() - head - tail));
    for (std::size_t i = 0; i < tail; ++i)
      keep();
    return std::move(lines_);
  }

 private:
  using Part = std::span<const std::string_view>;

  void keep() {
    lines_.push_back({.fate = LineFate::kept, .before = ++at_a_, .after = ++at_b_, .text = {}});
    lines_.back().text = a_[static_cast<std::size_t>(at_a_) - 1];
  }
  void remove() {
    lines_.push_back({.fate = LineFate::removed, .before = ++at_a_, .text = {}});
    lines_.back().text = a_[static_cast<std::size_t>(at_a_) - 1];
  }
  void add() {
    lines_.push_back({.fate = LineFate::added, .after = ++at_b_, .text = {}});
    lines_.back().text = b_[static_cast<std::size_t>(at_b_) - 1];
  }

  // reached[d][k + d]: how far in `a` the best way with d changes is on the diagonal k = x - y.
  void middle(Part a, Part b) {
    const auto n = static_cast<std::ptrdiff_t>(a.size());
    const auto m = static_cast<std::ptrdiff_t>(b.size());
    std::vector<std::vector<std::ptrdiff_t>> reached;
    for (std::ptrdiff_t d = 0; d <= std::min(n + m, most_changes); ++d) {
      std::vector<std::ptrdiff_t> row(static_cast<std::size_t>(2 * d + 1));
      for (std::ptrdiff_t k = -d; k <= d; k += 2) {
        std::ptrdiff_t x = d == 0 ? 0 : came_from(reached, d, k).x;
        while (x < n && x - k < m && x - k >= 0 &&
               a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
          ++x;
        row[static_cast<std::size_t>(k + d)] = x;
        if (x < n || x - k < m) continue;
        reached.push_back(std::move(row));
        return walk(reached, d, k);
      }
      reached.push_back(std::move(row));
    }
    for (std::ptrdiff_t i = 0; i < n; ++i)
      remove();
    for (std::ptrdiff_t i = 0; i < m; ++i)
      add();
  }

  struct Step {
    std::ptrdiff_t x = 0;  // where it begins on its diagonal
    bool down = false;     // a line was added; else one was removed
  };
  using Reached = std::vector<std::vector<std::ptrdiff_t>>;

  static Step came_from(const Reached& reached, std::ptrdiff_t d, std::ptrdiff_t k) {
    const auto& row = reached[static_cast<std::size_t>(d - 1)];
    const auto at = [&](std::ptrdiff_t diagonal) { return row[static_cast<std::size_t>(diagonal + d - 1)]; };
    const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
    return {.x = down ? at(k + 1) : at(k - 1) + 1, .down = down};
  }

  // Back from the end, then said from the start.
  void walk(const Reached& reached, std::ptrdiff_t d, std::ptrdiff_t k) {
    std::vector<LineFate> fates;
    std::ptrdiff_t x = reached[static_cast<std::size_t>(d)][static_cast<std::size_t>(k + d)];
    for (; d > 0; --d) {
      const Step step = came_from(reached, d, k);
      for (; x > step.x; --x)
        fates.push_back(LineFate::kept);
      fates.push_back(step.down ? LineFate::added : LineFate::removed);
      if (!step.down) --x;
      k += step.down ? 1 : -1;
    }
    for (; x > 0; --x)
      fates.push_back(LineFate::kept);
    std::ranges::reverse(fates);
    for (const LineFate fate : fates)
      fate == LineFate::kept ? keep() : fate == LineFate::removed ? remove() : add();
  }

  Lines a_;
  Lines b_;
  int at_a_ = 0;
  int at_b_ = 0;
  std::vector<DiffLine> lines_;
};

char mark(LineFate fate) {
  switch (fate) {
    case LineFate::kept: return ' ';
    case LineFate::removed: return '-';
    case LineFate::added: return '+';
  }
  return ' ';
}

// "@@ -3,7 +3,8 @@" and its lines.
std::string hunk(std::span<const DiffLine> lines) {
  int first_before = 0;
  int first_after = 0;
  int count_before = 0;
  int count_after = 0;
  std::string body;
  for (const DiffLine& line : lines) {
    if (line.before > 0 && count_before++ == 0) first_before = line.before;
    if (line.after > 0 && count_after++ == 0) first_after = line.after;
    body += fmt::format("{}{}\n", mark(line.fate), line.text);
  }
  return fmt::format("@@ -{},{} +{},{} @@\n{}", first_before, count_before, first_after, count_after, body);
}

}  // namespace

std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after) {
  return Diff(before, after).run();
}

std::string unified_diff(std::string_view before, std::string_view after, std::string_view name_before,
                         std::string_view name_after) {
  const std::vector<DiffLine> lines = diff_lines(before, after);
  const auto is_change = [](const DiffLine& line) { return line.fate != LineFate::kept; };
  std::string text;
  for (std::size_t i = 0; i < lines.size();) {
    const auto first = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(i), lines.end(), is_change);
    if (first == lines.end()) break;
    auto last = first;
    for (auto next = first;
         next != lines.end() && next - last <= static_cast<std::ptrdiff_t>(2 * context + 1); ++next) {
      if (is_change(*next)) last = next;
    }
    const auto begin = static_cast<std::size_t>(first - lines.begin());
    const auto from = std::max(i, begin - std::min(begin, context));
    const auto to = std::min(lines.size(), static_cast<std::size_t>(last - lines.begin()) + 1 + context);
    if (text.empty()) text = fmt::format("--- {}\n+++ {}\n", name_before, name_after);
    text += hunk(std::span(lines).subspan(from, to - from));
    i = to;
  }
  return text;
}

}  // namespace iw
