#include "importers/toml.hpp"

#include <algorithm>
#include <charconv>

namespace iw::importers {
namespace {

using config::Kind;
using config::Value;

constexpr int deepest = 32;

struct Wrong {
  int line;
  std::string message;
};

void append_utf8(std::string& out, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Value read() {
    Value root{.kind = Kind::map, .line = 1, .column = 1};
    Value* table = &root;
    for (skip_lines(); !at_end(); skip_lines()) {
      if (peek() == '[') {
        table = &header(root);
      } else {
        pair(*table, 0);
      }
      end_line();
    }
    return root;
  }

 private:
  [[noreturn]] void wrong(std::string message) const { throw Wrong{line_, std::move(message)}; }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  char take() {
    const char c = peek();
    if (c == '\n') ++line_;
    ++at_;
    return c;
  }

  bool skip(std::string_view what) {
    if (!starts(what)) return false;
    at_ += what.size();
    return true;
  }

  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t')
      ++at_;
  }

  void skip_comment() {
    if (peek() != '#') return;
    while (!at_end() && peek() != '\n')
      ++at_;
  }

  void skip_lines() {
    for (;;) {
      skip_blanks();
      skip_comment();
      if (peek() != '\n' && peek() != '\r') return;
      take();
    }
  }

  void end_line() {
    skip_blanks();
    skip_comment();
    skip("\r");
    if (!at_end() && take() != '\n') wrong("expected the end of the line");
  }

  // ---- keys and tables

  std::vector<std::string> key() {
    std::vector<std::string> parts;
    do {
      skip_blanks();
      if (peek() == '"' || peek() == '\'') {
        parts.push_back(string());
      } else {
        std::string part;
        const auto bare = [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                 c == '-';
        };
        while (bare(peek()))
          part += take();
        if (part.empty()) wrong("expected a key");
        parts.push_back(std::move(part));
      }
      skip_blanks();
    } while (skip("."));
    if (parts.size() > deepest) wrong("tables are nested too deep");
    return parts;
  }

  Value& named(Value& map, const std::string& name, Kind kind) {
    if (map.kind != Kind::map) wrong("'" + map.key + "' is no table");
    const auto found = std::ranges::find(map.children, name, &Value::key);
    if (found != map.children.end()) return *found;
    map.children.push_back(
        {.kind = kind, .key = name, .line = line_, .column = 1, .key_line = line_, .key_column = 1});
    return map.children.back();
  }

  // The table that a path goes through: of an array of tables the last.
  Value& through(Value& map, const std::string& name) {
    Value& found = named(map, name, Kind::map);
    if (found.kind != Kind::list) return found;
    if (found.children.empty()) wrong("'" + name + "' is no table");
    return found.children.back();
  }

  Value& header(Value& root) {
    const bool array = skip("[[");
    if (!array) skip("[");
    const std::vector<std::string> path = key();
    if (!skip(array ? "]]" : "]")) wrong("expected the end of the table's name");
    Value* table = &root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      table = &through(*table, path[i]);
    if (!array) return through(*table, path.back());
    Value& list = named(*table, path.back(), Kind::list);
    if (list.kind != Kind::list) wrong("'" + path.back() + "' is no array of tables");
    list.children.push_back({.kind = Kind::map, .line = line_, .column = 1});
    return list.children.back();
  }

  void pair(Value& table, int depth) {
    const int line = line_;
    const std::vector<std::string> path = key();
    if (!skip("=")) wrong("expected '=' after the key");
    skip_blanks();
    Value read = value(depth + 1);
    Value* map = &table;
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      map = &through(*map, path[i]);
    if (map->kind != Kind::map) wrong("'" + map->key + "' is no table");
    if (map->find(path.back()) != nullptr) wrong("the key '" + path.back() + "' stands here twice");
    read.key = path.back();
    read.key_line = line;
    read.key_column = 1;
    map->children.push_back(std::move(read));
  }

  // ---- values

  Value value(int depth) {
    if (depth > deepest) wrong("values are nested too deep");
    Value out{.kind = Kind::scalar, .line = line_, .column = 1};
    if (peek() == '"' || peek() == '\'') {
      out.quoted = true;
      out.text = string();
    } else if (skip("[")) {
      out.kind = Kind::list;
      array(out, depth);
    } else if (skip("{")) {
      out.kind = Kind::map;
      inline_table(out, depth);
    } else {
      while (!at_end() && std::string_view(",]}#\r\n").find(peek()) == std::string_view::npos)
        out.text += take();
      while (out.text.ends_with(' ') || out.text.ends_with('\t'))
        out.text.pop_back();
      if (out.text.empty()) wrong("expected a value");
      std::erase(out.text, '_');  // 1_000
    }
    return out;
  }

  void array(Value& list, int depth) {
    for (skip_lines(); !skip("]"); skip_lines()) {
      if (at_end()) wrong("the array has no end");
      list.children.push_back(value(depth + 1));
      skip_lines();
      if (!skip(",") && peek() != ']') wrong("expected ',' or ']' in the array");
    }
  }

  void inline_table(Value& map, int depth) {
    for (skip_blanks(); !skip("}"); skip_blanks()) {
      if (at_end()) wrong("the table has no end");
      pair(map, depth);
      skip_blanks();
      if (!skip(",") && peek() != '}') wrong("expected ',' or '}' in the table");
    }
  }

  std::string string() {
    const bool literal = peek() == '\'';
    const std::string_view three = literal ? "'''" : "\"\"\"";
    const bool long_one = skip(three);
    const std::string_view end = long_one ? three : three.substr(0, 1);
    if (!long_one) ++at_;
    if (long_one && (skip("\r\n") || skip("\n"))) ++line_;
    std::string out;
    while (!skip(end)) {
      if (at_end() || (peek() == '\n' && !long_one)) wrong("the string has no end");
      const char c = take();
      if (c == '\\' && !literal) {
        escape(out);
      } else {
        out += c;
      }
    }
    return out;
  }

  void escape(std::string& out) {
    const char c = take();
    switch (c) {
      case 'b': out += '\b'; return;
      case 't': out += '\t'; return;
      case 'n': out += '\n'; return;
      case 'f': out += '\f'; return;
      case 'r': out += '\r'; return;
      case '"':
      case '\\': out += c; return;
      case 'u': append_utf8(out, code_point(4)); return;
      case 'U': append_utf8(out, code_point(8)); return;
      case '\n':
      case '\r':
      case ' ':
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
          take();
        return;
      default: wrong("there is no such escape in a string");
    }
  }

  std::uint32_t code_point(std::size_t digits) {
    const std::string_view hex = text_.substr(at_, digits);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
    if (hex.size() != digits || error != std::errc{} || end != hex.data() + hex.size() || code > 0x10FFFF) {
      wrong("this is no character");
    }
    at_ += digits;
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

void link(Value& value, const Value* parent, const std::string* file) {
  value.parent = parent;
  value.file = file;
  for (Value& inner : value.children)
    link(inner, &value, file);
}

}  // namespace

std::unique_ptr<config::Value> parse_toml(const std::string& file, std::string_view text,
                                          config::Findings& findings) {
  try {
    auto root = std::make_unique<Value>(Reader(text).read());
    link(*root, nullptr, &file);
    return root;
  } catch (const Wrong& what) {
    findings.error({.file = file, .line = what.line}, fmt::format("this is no TOML: {}", what.message));
    return nullptr;
  }
}

}  // namespace iw::importers
