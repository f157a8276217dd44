// Texts and objects as JSON has them, for lines that are written by the thousand; what is built from parts
// goes by way of nlohmann-json.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/append.hpp"

namespace iw {

// With its quotes (RFC 8259 7). What is no UTF-8 becomes U+FFFD, so that whatever a device or a person wrote
// makes a line that can be read.
std::string json_text(std::string_view text);

// An object, written member by member at the end of a text that outlives it. Names are plain.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }

  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, double value);  // null when it is not finite
  JsonObject& number(std::string_view name, std::integral auto value) {
    begin(name);
    append(out_, "{}", value);
    return *this;
  }
  JsonObject& flag(std::string_view name, bool value);
  JsonObject& json(std::string_view name, std::string_view value);  // as it is
  void close() { out_ += '}'; }

 private:
  void begin(std::string_view name);

  std::string& out_;
  bool first_ = true;
};

}  // namespace iw
