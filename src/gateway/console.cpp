#include "gateway/console.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ranges>

#include <sys/ioctl.h>
#include <unistd.h>

namespace iw::gateway {
namespace {

void print(std::FILE* file, std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); }

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "\033[1m";
    case Style::dim: return "\033[2m";
    case Style::good: return "\033[32m";
    case Style::warn: return "\033[33m";
    case Style::bad: return "\033[31m";
  }
  return "";
}

std::string_view priority_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "<7>";
    case LogLevel::info: return "<6>";
    case LogLevel::warning: return "<4>";
    case LogLevel::error: return "<3>";
  }
  return "";
}

}  // namespace

Console::Console()
    : out_is_terminal_(isatty(STDOUT_FILENO) == 1),
      err_is_terminal_(isatty(STDERR_FILENO) == 1),
      colours_(out_is_terminal_ && std::getenv("NO_COLOR") == nullptr) {}

void Console::out(std::string_view line) {
  end_progress();
  print(stdout, line);
  print(stdout, "\n");
  std::fflush(stdout);
}

void Console::out(Bytes bytes) {
  end_progress();
  print(stdout, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::fflush(stdout);
}

std::size_t Console::width() const {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 100;
}

void Console::note(std::string_view line) {
  end_progress();
  print(stderr, line);
  print(stderr, "\n");
}

void Console::error(const Error& error) {
  note(fmt::format("error: {}", error.message));
  if (!error.remedy.empty()) note(fmt::format("  {}", error.remedy));
}

void Console::findings(config::Findings findings) {
  findings.sort();
  for (const config::Finding& finding : findings)
    note(config::to_string(finding));
}

void Console::progress(std::string_view line) {
  if (!err_is_terminal_) return;
  print(stderr, "\r\033[K");
  print(stderr, line);
  in_progress_ = true;
}

void Console::end_progress() {
  if (std::exchange(in_progress_, false)) print(stderr, "\r\033[K");
}

std::string Console::styled(Style style, std::string_view text) const {
  if (!colours_ || style == Style::plain) return std::string(text);
  return fmt::format("{}{}\033[0m", escape_of(style), text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0x1B) {
      while (i < text.size() && text[i] != 'm')
        ++i;
    } else if ((c & 0xC0U) != 0x80U) {
      ++width;
    }
  }
  return width;
}

std::string TextTable::to_string(const Console& console) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_)
    widths.push_back(display_width(column.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(widths[i] - display_width(cells[i]), ' ');
      const bool last = i + 1 == cells.size();
      if (columns_[i].align == Align::right) {
        text += pad + cells[i];
      } else {
        text += cells[i] + (last ? "" : pad);
      }
      if (!last) text += "  ";
    }
    return text;
  };
  std::vector<std::string> titles;
  for (const Column& column : columns_)
    titles.push_back(column.title);
  std::string text = console.styled(Style::dim, line(titles));
  for (const auto& row : rows_)
    text += "\n" + line(row);
  return text;
}

ConsoleLog::ConsoleLog() : journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}

void ConsoleLog::write(LogLevel level, std::string_view message) {
  // One write for a line: threads do not mix.
  const std::string line = journal_ ? fmt::format("{}{}\n", priority_of(level), message)
                                    : fmt::format("{:>7}  {}\n", iw::to_string(level), message);
  print(stderr, line);
}

}  // namespace iw::gateway
