#include "config/writing.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace iw::config {
namespace {

constexpr std::array<std::string_view, 9> reserved{"true", "false", "yes", "no", "on",
                                                   "off",  "null",  "y",   "n"};

constexpr char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_letter(char c) { return small(c) >= 'a' && small(c) <= 'z'; }
constexpr bool is_plain(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("_-./ ").contains(c);
}
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_reserved(std::string_view text) {
  return std::ranges::any_of(
      reserved, [&](std::string_view word) { return std::ranges::equal(word, text, {}, {}, small); });
}

}  // namespace

std::string scalar(std::string_view text) {
  if (!text.empty() && is_letter(text.front()) && text.back() != ' ' && std::ranges::all_of(text, is_plain) &&
      !is_reserved(text)) {
    return std::string(text);
  }
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (is_control(c)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, is_control, ' ');
  return out;
}

}  // namespace iw::config
