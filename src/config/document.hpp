// Document: a YAML file as a tree of values that know where they stand, so that whoever reads a value can say
// what is wrong with it by line, column and key. Aliases are resolved (as copies, which keep the place of
// their anchor); a file may not grow without bounds by them.
//
// Values live as long as their Document; moving the Document does not move them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/finding.hpp"

namespace iw::config {

enum class Kind : std::uint8_t { null, scalar, list, map };

struct Value {
  Kind kind = Kind::null;
  std::string text = {};             // of a scalar, as written
  bool quoted = false;               // of a scalar: "12" is a text, 12 a number
  std::vector<Value> children = {};  // of a list or map, in the order of the file

  std::string key = {};  // in the map above
  int line = 0;
  int column = 0;
  int key_line = 0;
  int key_column = 0;
  const Value* parent = nullptr;
  const std::string* file = nullptr;

  // The child of a map; none when it is not there.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] std::string path() const;  // "devices[3].unit"
  [[nodiscard]] Place place() const;       // of the value
  [[nodiscard]] Place key_place() const;   // of its key; of the value when it has none
};

// How an error message shows the value: "'abc'", "a list".
std::string show(const Value& value);

struct DocumentLimits {
  std::size_t bytes = std::size_t{4} << 20U;
  std::size_t values = 200'000;
  std::size_t depth = 32;
};

class Document {
 public:
  // None when the text is no YAML, has a key twice or breaks a limit: then the findings say where.
  static std::optional<Document> parse(std::string_view file, std::string_view text, Findings& findings,
                                       const DocumentLimits& limits = {});

  [[nodiscard]] const Value& root() const { return *root_; }
  [[nodiscard]] const std::string& file() const { return *file_; }

 private:
  Document() = default;

  std::unique_ptr<const std::string> file_;
  std::unique_ptr<const Value> root_;
};

}  // namespace iw::config
