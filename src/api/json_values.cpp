#include "api/json_values.hpp"

#include "json/json.hpp"

namespace iw::api {
namespace {

using config::Kind;
using config::Value;
using Json = nlohmann::ordered_json;

// A plain scalar that JSON reads in the same way is that.
Json scalar(const Value& value) {
  if (value.quoted) return value.text;
  Json read = Json::parse(value.text, nullptr, false);
  const bool same = (read.is_number() || read.is_boolean()) && read.dump() == value.text;
  return same ? read : Json(value.text);
}

}  // namespace

Json json_of(const Value& value) {
  switch (value.kind) {
    case Kind::null: return nullptr;
    case Kind::scalar: return scalar(value);
    case Kind::list: {
      Json list = Json::array();
      for (const Value& child : value.children)
        list.push_back(json_of(child));
      return list;
    }
    case Kind::map: break;
  }
  Json map = Json::object();
  for (const Value& child : value.children)
    map[child.key] = json_of(child);
  return map;
}

Value value_of(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return {.kind = Kind::scalar, .text = json.get<std::string>(), .quoted = true};
  if (!json.is_structured()) return {.kind = Kind::scalar, .text = json.dump()};
  Value value{.kind = json.is_array() ? Kind::list : Kind::map};
  for (const auto& [key, child] : json.items()) {
    value.children.push_back(value_of(child));
    if (json.is_object()) value.children.back().key = key;
  }
  return value;
}

}  // namespace iw::api
