#include "api/openapi.hpp"

#include <charconv>
#include <stdexcept>

#include "api/answers.hpp"
#include "config/document.hpp"
#include "json/json.hpp"

namespace iw::api {

std::string_view openapi_yaml();  // made of openapi.yaml

namespace {

// Plain scalars as the core schema of YAML 1.2 reads them (10.3.2), as far as the document has them.
Json scalar(const config::Value& value) {
  const std::string& text = value.text;
  if (value.quoted) return text;
  if (text == "true" || text == "false") return text == "true";
  if (text.empty() || text == "null") return nullptr;
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end ? Json(number) : Json(text);
}

Json to_json(const config::Value& value) {
  switch (value.kind) {
    case config::Kind::null: return nullptr;
    case config::Kind::scalar: return scalar(value);
    case config::Kind::list: {
      Json list = Json::array();
      for (const config::Value& child : value.children)
        list.push_back(to_json(child));
      return list;
    }
    case config::Kind::map: {
      Json map = Json::object();
      for (const config::Value& child : value.children)
        map[child.key] = to_json(child);
      return map;
    }
  }
  return nullptr;
}

}  // namespace

std::string openapi_json() {
  config::Findings findings;
  const auto document = config::Document::parse("openapi.yaml", openapi_yaml(), findings);
  if (!document) throw std::logic_error(config::to_string(findings));
  return to_json(document->root()).dump();
}

}  // namespace iw::api
