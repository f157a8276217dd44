#include "base/hex.hpp"

#include <optional>

#include "base/append.hpp"

namespace iw {
namespace {

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_separator(char c) { return std::string_view(" \t\r\n,:;-").find(c) != std::string_view::npos; }

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size() * 3);
  for (const std::byte b : bytes) {
    if (!text.empty()) text += ' ';
    append(text, "{:02X}", std::to_integer<unsigned>(b));
  }
  return text;
}

Result<std::vector<std::byte>> parse_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_separator(text[i])) {
      ++i;
      continue;
    }
    if (text[i] == '0' && i + 1 < text.size() && (text[i + 1] == 'x' || text[i + 1] == 'X')) {
      i += 2;
      continue;
    }
    const auto high = digit(text[i]);
    if (!high) {
      return fail(ErrorKind::malformed,
                  fmt::format("'{}' at position {} is no hexadecimal digit", text[i], i + 1),
                  "write bytes as two digits each, for example 01 03 00 00");
    }
    const auto low = i + 1 < text.size() ? digit(text[i + 1]) : std::nullopt;
    if (!low) {
      return fail(ErrorKind::malformed,
                  fmt::format("the digit '{}' at position {} stands alone", text[i], i + 1),
                  "write bytes as two digits each, for example 0A rather than A");
    }
    bytes.push_back(static_cast<std::byte>(*high << 4 | *low));
    i += 2;
  }
  return bytes;
}

}  // namespace iw
