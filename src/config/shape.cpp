#include "config/shape.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace iw::config {
namespace {

// Pieces of JSON, put together by hand: the room knows no JSON library and needs ten lines of one.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words)
    out += (out.empty() ? "" : ", ") + quoted(word);
  return "[" + out + "]";
}

using Members = std::vector<std::pair<std::string, std::string>>;  // key, JSON

std::string object(const Members& members, const std::string& indent) {
  if (members.empty()) return "{}";
  std::string out = "{\n";
  for (std::size_t i = 0; i < members.size(); ++i) {
    out += fmt::format("{}  {}: {}{}\n", indent, quoted(members[i].first), members[i].second,
                       i + 1 < members.size() ? "," : "");
  }
  return out + indent + "}";
}

std::string json(const Shape& shape, Members members, const std::string& indent);

std::string json_field(const Shape& field, const std::string& indent) {
  Members members;
  if (!field.help.empty()) members.emplace_back("description", quoted(field.help));
  if (!field.default_value.empty()) {
    const bool plain = field.kind == Shape::Kind::integer || field.kind == Shape::Kind::number ||
                       field.kind == Shape::Kind::boolean;
    members.emplace_back("default", plain ? field.default_value : quoted(field.default_value));
  }
  return json(field, std::move(members), indent);
}

std::string json(const Shape& shape, Members members, const std::string& indent) {
  const std::string inner = indent + "  ";
  const auto add = [&](std::string key, std::string value) {
    members.emplace_back(std::move(key), std::move(value));
  };
  switch (shape.kind) {
    case Shape::Kind::any: break;
    case Shape::Kind::text:
      add("type", R"(["string", "number", "boolean"])");
      break;  // 1.10 is a fine version
    case Shape::Kind::integer: add("type", quoted("integer")); break;
    case Shape::Kind::number: add("type", quoted("number")); break;
    case Shape::Kind::boolean: add("type", quoted("boolean")); break;
    case Shape::Kind::duration:
      add("type", quoted("string"));
      add("pattern", quoted(R"(^[0-9]+(\.[0-9]+)?(us|ms|s|min|h|d)$)"));
      break;
    case Shape::Kind::word: add("enum", quoted_list(shape.words)); break;
    case Shape::Kind::list:
      add("type", quoted("array"));
      add("items", json(shape.parts.front(), {}, inner));
      break;
    case Shape::Kind::map:
      add("type", quoted("object"));
      add("additionalProperties", json(shape.parts.front(), {}, inner));
      break;
    case Shape::Kind::record: {
      Members properties;
      std::vector<std::string> required;
      for (const Shape& field : shape.parts) {
        properties.emplace_back(field.name, json_field(field, inner + "  "));
        if (field.required) required.push_back(field.name);
      }
      add("type", quoted("object"));
      add("additionalProperties", "false");
      if (!required.empty()) add("required", quoted_list(required));
      add("properties", object(properties, inner));
      break;
    }
  }
  if (shape.kind == Shape::Kind::integer || shape.kind == Shape::Kind::number) {
    if (shape.minimum) add("minimum", fmt::format("{}", *shape.minimum));
    if (shape.maximum) add("maximum", fmt::format("{}", *shape.maximum));
  }
  return object(members, indent);
}

const Shape* nested_record(const Shape& shape) {
  if (shape.kind == Shape::Kind::record) return &shape;
  if (shape.kind == Shape::Kind::list || shape.kind == Shape::Kind::map)
    return nested_record(shape.parts.front());
  return nullptr;
}

std::string name_of(const Shape& field) {
  if (field.kind == Shape::Kind::list) return field.name + "[]";
  if (field.kind == Shape::Kind::map) return fmt::format("{}.<{}>", field.name, field.key);
  return field.name;
}

bool same_fields(const Shape& a, const Shape& b) {
  return std::ranges::equal(a.parts, b.parts, {}, &Shape::name, &Shape::name);
}

// The rows of a record; one that was already shown under another name is referred to.
struct Table {
  std::string text;
  std::vector<std::pair<const Shape*, std::string>> shown = {};

  void add(const Shape& record, const std::string& above) {
    for (const Shape& field : record.parts) {
      const std::string name = above + name_of(field);
      const Shape* inner = nested_record(field);
      const auto twin = std::ranges::find_if(
          shown, [&](const auto& other) { return inner != nullptr && same_fields(*inner, *other.first); });
      text += fmt::format("| `{}` | {}{} | {} | {} |\n", name, field.what,
                          twin == shown.end() ? "" : fmt::format(", as `{}`", twin->second),
                          field.required ? "required" : field.default_value, field.help);
      if (inner == nullptr || twin != shown.end()) continue;
      shown.emplace_back(inner, name);
      add(*inner, name + ".");
    }
  }
};

}  // namespace

std::string json_schema(const Shape& shape, std::string_view title) {
  return json(shape,
              {{"$schema", quoted("https://json-schema.org/draft/2020-12/schema")}, {"title", quoted(title)}},
              "") +
         "\n";
}

std::string markdown_table(const Shape& record) {
  Table table{.text = "| key | value | default | meaning |\n|---|---|---|---|\n"};
  table.add(record, "");
  return table.text;
}

}  // namespace iw::config
