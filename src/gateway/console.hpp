// Console: what the commands print on. Results go to the standard output, everything else (progress,
// findings, log lines) to the standard error, so that --json can be piped. Colours only on a terminal, and
// not with NO_COLOR.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "config/finding.hpp"

namespace iw::gateway {

enum class Style : std::uint8_t { plain, bold, dim, good, warn, bad };

class Console {
 public:
  Console();

  // Results. out() adds the line feed.
  void out(std::string_view line);
  void out(Bytes bytes);  // as they are
  [[nodiscard]] bool is_terminal() const { return out_is_terminal_; }
  [[nodiscard]] std::size_t width() const;  // of the terminal, in columns; 100 when it is none

  // For people.
  void note(std::string_view line);
  void error(const Error& error);
  void findings(config::Findings findings);  // sorted by place
  // A line that replaces itself, while there is a terminal to look at: "scanning  37 of 247".
  void progress(std::string_view line);
  void end_progress();

  // The text in a style, when the standard output shows it.
  [[nodiscard]] std::string styled(Style style, std::string_view text) const;

 private:
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool colours_;
  bool in_progress_ = false;
};

// Columns as wide as their widest cell; the header dim. Cells may be styled.
class TextTable {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::string to_string(const Console& console) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// How many columns a text takes on a terminal: styles take none, a UTF-8 character one.
std::size_t display_width(std::string_view text);

// Log lines on the standard error: "2026-01-01T12:00:00Z warning line 3: ...". With a journal behind it
// (JOURNAL_STREAM) the priority as systemd understands it, and no time.
class ConsoleLog final : public Log {
 public:
  ConsoleLog();

 protected:
  void write(LogLevel level, std::string_view message) override;

 private:
  bool journal_;
};

}  // namespace iw::gateway
