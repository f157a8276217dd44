// SourceText: the text of a YAML file by line and column, and where its tokens end: what it takes to change a
// part of it and leave the rest as it is. yaml-cpp only says where a value begins.
//
// Offsets are bytes, lines and columns as Value has them (from 1). Lives no longer than the text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace iw::config {

class SourceText {
 public:
  explicit SourceText(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] int lines() const { return static_cast<int>(starts_.size()) - 1; }
  // Where a line begins; the end of the text for the line behind the last.
  [[nodiscard]] std::size_t start(int line) const;
  [[nodiscard]] std::size_t offset(int line, int column) const;
  [[nodiscard]] int line_at(std::size_t offset) const;
  // Without its end.
  [[nodiscard]] std::string_view line(int number) const;

  // Spaces that a line begins with.
  [[nodiscard]] std::size_t indent(int line) const;
  [[nodiscard]] bool is_blank(int line) const;
  [[nodiscard]] bool is_comment(int line) const;  // and nothing else

  // Behind the colon of the key that begins here, quoted or not.
  [[nodiscard]] std::size_t behind_colon(std::size_t key) const;
  // Past spaces and tabs, not past the end of the line.
  [[nodiscard]] std::size_t skip_spaces(std::size_t at) const;
  // Past spaces, ends of lines and comments: inside of brackets.
  [[nodiscard]] std::size_t skip_blank(std::size_t at) const;

  // Behind the [...] or {...} that begins here; the end of the text when it is not closed.
  [[nodiscard]] std::size_t flow_end(std::size_t open) const;
  // Behind the scalar that begins here, if it ends in its line. in_flow: it also ends at , ] }.
  [[nodiscard]] std::size_t scalar_end(std::size_t begin, bool in_flow) const;

 private:
  [[nodiscard]] char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\n'; }
  [[nodiscard]] std::size_t quoted_end(std::size_t open) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;  // and the end of the text
};

}  // namespace iw::config
