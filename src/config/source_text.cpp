#include "config/source_text.hpp"

#include <algorithm>

namespace iw::config {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_end_of_line(char c) { return c == '\n' || c == '\r'; }
bool is_flow_indicator(char c) { return c == ',' || c == '[' || c == ']' || c == '{' || c == '}'; }

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text) {
  starts_.push_back(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
  if (starts_.back() < text.size() || starts_.size() == 1) starts_.push_back(text.size());
}

std::size_t SourceText::start(int line) const {
  const auto index = static_cast<std::size_t>(std::max(line, 1)) - 1;
  return index < starts_.size() ? starts_[index] : text_.size();
}

std::size_t SourceText::offset(int line, int column) const {
  return std::min(start(line) + static_cast<std::size_t>(std::max(column, 1)) - 1, text_.size());
}

int SourceText::line_at(std::size_t offset) const {
  const auto next = std::ranges::upper_bound(starts_.begin(), starts_.end() - 1, offset);
  return std::max(static_cast<int>(next - starts_.begin()), 1);
}

std::string_view SourceText::line(int number) const {
  std::string_view line = text_.substr(start(number), start(number + 1) - start(number));
  while (!line.empty() && is_end_of_line(line.back()))
    line.remove_suffix(1);
  return line;
}

std::size_t SourceText::indent(int number) const {
  const std::string_view text = line(number);
  return std::min(text.find_first_not_of(' '), text.size());
}

bool SourceText::is_blank(int number) const {
  return line(number).find_first_not_of(" \t") == std::string_view::npos;
}

bool SourceText::is_comment(int number) const {
  const std::string_view text = line(number);
  const auto first = text.find_first_not_of(" \t");
  return first != std::string_view::npos && text[first] == '#';
}

std::size_t SourceText::behind_colon(std::size_t key) const {
  std::size_t i = at(key) == '"' || at(key) == '\'' ? quoted_end(key) : key;
  while (i < text_.size() && !is_end_of_line(at(i))) {
    if (at(i) == ':' && (is_space(at(i + 1)) || is_end_of_line(at(i + 1)) || is_flow_indicator(at(i + 1)) ||
                         at(key) == '"' || at(key) == '\''))
      return i + 1;
    ++i;
  }
  return i;
}

std::size_t SourceText::skip_spaces(std::size_t i) const {
  while (i < text_.size() && is_space(at(i)))
    ++i;
  return i;
}

std::size_t SourceText::skip_blank(std::size_t i) const {
  while (i < text_.size()) {
    if (is_space(at(i)) || is_end_of_line(at(i))) {
      ++i;
    } else if (at(i) == '#' && i > 0 && (is_space(at(i - 1)) || is_end_of_line(at(i - 1)))) {
      i = std::min(text_.find('\n', i), text_.size());
    } else {
      break;
    }
  }
  return i;
}

std::size_t SourceText::quoted_end(std::size_t open) const {
  const char quote = at(open);
  for (std::size_t i = open + 1; i < text_.size(); ++i) {
    if (quote == '"' && at(i) == '\\') {
      ++i;
    } else if (at(i) == quote) {
      if (quote == '\'' && at(i + 1) == '\'') {
        ++i;  // YAML 1.2.2 7.3.2: '' is one
      } else {
        return i + 1;
      }
    }
  }
  return text_.size();
}

std::size_t SourceText::flow_end(std::size_t open) const {
  std::size_t depth = 0;
  bool token_may_begin = true;  // a quote elsewhere is a letter of a plain scalar
  for (std::size_t i = open; i < text_.size();) {
    const std::size_t behind_blank = skip_blank(i);
    if (behind_blank != i) {
      i = behind_blank;
      continue;
    }
    const char c = at(i);
    if (token_may_begin && (c == '"' || c == '\'')) {
      i = quoted_end(i);
      token_may_begin = false;
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && --depth == 0) return i + 1;
    token_may_begin = is_flow_indicator(c) || (c == ':' && !token_may_begin);
    ++i;
  }
  return text_.size();
}

std::size_t SourceText::scalar_end(std::size_t begin, bool in_flow) const {
  if (at(begin) == '"' || at(begin) == '\'') return quoted_end(begin);
  std::size_t i = begin;
  while (i < text_.size() && !is_end_of_line(at(i))) {
    if (at(i) == '#' && i > begin && is_space(at(i - 1))) break;
    if (in_flow && is_flow_indicator(at(i))) break;
    ++i;
  }
  while (i > begin && is_space(at(i - 1)))
    --i;
  return i;
}

}  // namespace iw::config
