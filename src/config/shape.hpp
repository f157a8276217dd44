// Shape: what a value of a file may be, as data. Rules (rule.hpp) and records (record.hpp) carry one, and the
// JSON Schema for editors and the tables of the documentation are written from it: there is no second
// description.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iw::config {

struct Shape {
  enum class Kind : std::uint8_t { any, text, integer, number, boolean, duration, word, list, map, record };

  Kind kind = Kind::any;
  std::string what = {};  // "a whole number from 1 to 247"
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::vector<std::string> words = {};  // of a word
  std::vector<Shape> parts = {};        // of a list or map: its item; of a record: its fields
  std::string key = {};                 // of a map: what its keys are

  // As a field of a record:
  std::string name = {};
  bool required = false;
  std::string default_value = {};  // as it would be written; empty: none
  std::string help = {};
};

// JSON Schema, draft 2020-12, indented by two, with a line feed at the end.
std::string json_schema(const Shape& shape, std::string_view title);

// A Markdown table of the fields of a record: key, value, default, meaning. Nested records follow as
// "key.inner".
std::string markdown_table(const Shape& record);

}  // namespace iw::config
