#include "gateway/plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gateway/live_json.hpp"
#include "gateway/live_table.hpp"

namespace iw::gateway {
namespace {

constexpr std::size_t scale_width = 11;
constexpr std::size_t dots_across = 2;  // of a character
constexpr std::size_t dots_down = 4;

struct Stroke {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();

  [[nodiscard]] bool empty() const { return least > greatest; }
  void add(double value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
};

std::vector<Stroke> strokes(const historian::Samples& samples, historian::Range range, std::size_t columns) {
  std::vector<Stroke> strokes(columns);
  const double step = static_cast<double>(range.to_ms - range.from_ms) / static_cast<double>(columns);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples.quality[i].validity() == model::Validity::invalid || !std::isfinite(samples.value[i]))
      continue;
    if (samples.time_ms[i] < range.from_ms || samples.time_ms[i] >= range.to_ms) continue;
    const auto column =
        static_cast<std::size_t>(static_cast<double>(samples.time_ms[i] - range.from_ms) / step);
    strokes[std::min(column, columns - 1)].add(samples.value[i]);
  }
  return strokes;
}

// Unicode 15, Braille Patterns: dots 1-3 and 7 down the left side, 4-6 and 8 down the right.
constexpr unsigned dot[dots_across][dots_down] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};

std::string braille(unsigned dots) {
  if (dots == 0) return " ";
  const unsigned code = 0x2800 + dots;
  return {static_cast<char>(0xE0U | code >> 12U), static_cast<char>(0x80U | (code >> 6U & 0x3FU)),
          static_cast<char>(0x80U | (code & 0x3FU))};
}

class Canvas {
 public:
  Canvas(std::size_t width, std::size_t height) : width_(width), cells_(width * height) {}

  void draw(std::size_t x, std::size_t top, std::size_t bottom) {
    for (std::size_t y = top; y <= bottom; ++y)
      cells_[y / dots_down * width_ + x / dots_across] |= dot[x % dots_across][y % dots_down];
  }
  [[nodiscard]] std::string line(std::size_t row) const {
    std::string text;
    for (std::size_t x = 0; x < width_; ++x)
      text += braille(cells_[row * width_ + x]);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

 private:
  std::size_t width_;
  std::vector<unsigned> cells_;
};

std::string scale_at(std::size_t row, std::size_t height, const Stroke& all, model::Unit unit) {
  if (row == 0) return format_value(all.greatest, unit);
  if (row + 1 == height) return format_value(all.least, unit);
  return row == height / 2 ? format_value((all.least + all.greatest) / 2, unit) : "";
}

std::string time_line(historian::Range range, std::size_t width) {
  const auto at = [](std::int64_t ms) {
    return format_time(WallTime(std::chrono::milliseconds(ms))).substr(0, 16);
  };
  const std::string from = at(range.from_ms);
  const std::string to = at(range.to_ms);
  const std::size_t between = width > from.size() + to.size() ? width - from.size() - to.size() : 1;
  return std::string(scale_width + 1, ' ') + from + std::string(between, ' ') + to;
}

}  // namespace

std::string plot(const historian::Samples& samples, historian::Range range, model::Unit unit, PlotSize size) {
  const std::size_t width = std::max<std::size_t>(size.width, scale_width + 20) - scale_width - 1;
  const std::size_t height = std::max<std::size_t>(size.height, 3);
  const std::vector<Stroke> columns = strokes(samples, range, width * dots_across);
  Stroke all;
  for (const Stroke& stroke : columns) {
    if (stroke.empty()) continue;
    all.add(stroke.least);
    all.add(stroke.greatest);
  }
  if (all.empty()) return "no values\n";

  Canvas canvas(width, height);
  const auto bottom = static_cast<double>(height * dots_down - 1);
  const double extent = all.greatest > all.least ? all.greatest - all.least : 1;
  const auto row_of = [&](double value) {
    return static_cast<std::size_t>(std::lround((all.greatest - value) / extent * bottom));
  };
  for (std::size_t x = 0; x < columns.size(); ++x) {
    if (!columns[x].empty()) canvas.draw(x, row_of(columns[x].greatest), row_of(columns[x].least));
  }
  std::string text;
  for (std::size_t row = 0; row < height; ++row)
    text += fmt::format("{:>{}} {}\n", scale_at(row, height, all, unit), scale_width, canvas.line(row));
  return text + time_line(range, width) + "\n";
}

}  // namespace iw::gateway
