#include "config/emit.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace iw::config {
namespace {

constexpr std::size_t step = 2;

// Words that are no texts in some version of YAML (1.1 reads "no" and "on" as booleans).
bool is_special_word(std::string_view text) {
  constexpr std::array words{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  const auto same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); };
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return std::ranges::equal(word, text, same); });
}

bool is_plain_letter(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      static_cast<unsigned char>(c) >= 0x80;
  return letter || std::string_view("_-./:@+?=&%()*$~ ").contains(c);
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  const char first = text.front();
  const bool begins_well =
      (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9') ||
      first == '/' || first == '_' || static_cast<unsigned char>(first) >= 0x80 ||
      (text.size() > 1 && (first == '-' || first == '.') && text[1] >= '0' && text[1] <= '9');
  return begins_well && std::ranges::all_of(text, is_plain_letter) && !text.contains(": ");
}

bool is_number(std::string_view text) {
  const auto digit = [](char c) {
    return (c >= '0' && c <= '9') || std::string_view("+-.eE_xabcdefABCDEFo").contains(c);
  };
  return !text.empty() && text.find_first_of("0123456789") != std::string_view::npos &&
         std::ranges::all_of(text, digit);
}

std::string quoted(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': shown += "\\\""; break;
      case '\\': shown += "\\\\"; break;
      case '\n': shown += "\\n"; break;
      case '\r': shown += "\\r"; break;
      case '\t': shown += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          shown += c;
        }
    }
  }
  return shown + '"';
}

Value text_value(const std::string& text) { return {.kind = Kind::scalar, .text = text, .quoted = true}; }

bool is_block(const Value& value) {
  return (value.kind == Kind::list || value.kind == Kind::map) && !value.children.empty();
}

void emit(const Value& value, std::size_t indent, std::string& out) {
  for (const Value& child : value.children) {
    out.append(indent, ' ');
    if (value.kind == Kind::list) {
      out += "- ";
      if (child.kind == Kind::map && is_block(child)) {
        const std::string inner = to_block_yaml(child, indent + step);
        out += std::string_view(inner).substr(indent + step);
        continue;
      }
    } else {
      out += scalar_to_yaml(text_value(child.key)) + ":";
    }
    const bool flat = !is_block(child) || value.kind == Kind::list;
    if (flat) {
      if (value.kind == Kind::map && child.kind != Kind::null) out += ' ';
      out += child.kind == Kind::scalar ? scalar_to_yaml(child)
             : child.kind == Kind::null ? ""
                                        : to_flow_yaml(child);
      out += '\n';
    } else {
      out += '\n';
      emit(child, indent + step, out);
    }
  }
}

}  // namespace

// A text that looks like something else has to be quoted; what is no text must not be.
std::string scalar_to_yaml(const Value& scalar, bool in_flow) {
  if (scalar.kind == Kind::null) return in_flow ? "null" : "";
  // yaml-cpp ends a plain scalar of a flow at any '?'.
  if (!is_plain(scalar.text) || (in_flow && scalar.text.contains('?'))) return quoted(scalar.text);
  const bool looks_like_other = is_special_word(scalar.text) || is_number(scalar.text);
  return scalar.quoted && looks_like_other ? quoted(scalar.text) : scalar.text;
}

std::string to_flow_yaml(const Value& value) {
  if (value.kind == Kind::null || value.kind == Kind::scalar) return scalar_to_yaml(value, true);
  std::string text = value.kind == Kind::list ? "[" : "{";
  for (const Value& child : value.children) {
    if (&child != value.children.data()) text += ", ";
    if (value.kind == Kind::map) text += scalar_to_yaml(text_value(child.key), true) + ": ";
    text += to_flow_yaml(child);
  }
  return text + (value.kind == Kind::list ? "]" : "}");
}

std::string to_block_yaml(const Value& value, std::size_t indent) {
  std::string out;
  if (is_block(value)) {
    emit(value, indent, out);
  } else {
    out = std::string(indent, ' ') + to_flow_yaml(value) + '\n';
  }
  return out;
}

}  // namespace iw::config
