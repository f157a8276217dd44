#include "api/body.hpp"

#include <algorithm>

#include "base/nearest.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

bool is_json(const io::http::Call& call) {
  const std::string_view type = call.request.headers.find("Content-Type").value_or("");
  return wire::http::same_name(type.substr(0, type.find(';')), "application/json");
}

Unexpected wrong_field(std::string_view name, std::string_view expected) {
  return fail(ErrorKind::invalid_argument, fmt::format("{}: expected {}", name, expected));
}

}  // namespace

std::optional<Response> read_body(const io::http::Call& call, std::initializer_list<std::string_view> fields,
                                  Json& object) {
  // A form of another site's page can not send this type without asking first.
  if (!is_json(call)) return problem(Status::unsupported_media_type, "the body is not application/json");
  object = Json::parse(call.request.body, nullptr, false);
  if (!object.is_object()) return problem(Status::bad_request, "the body is no JSON object");
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(fields, name) == fields.end()) {
      return problem(Status::bad_request, fmt::format("there is no field '{}'{}", name,
                                                      suggestion(name, {fields.begin(), fields.end()})));
    }
  }
  return std::nullopt;
}

Result<std::string> text_field(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return wrong_field(name, "a text");
  return found->get<std::string>();
}

Result<std::string> text_field(const Json& object, std::string_view name, std::string otherwise) {
  return object.contains(name) ? text_field(object, name) : Result<std::string>(std::move(otherwise));
}

Result<std::int64_t> number_field(const Json& object, std::string_view name, std::int64_t lo, std::int64_t hi,
                                  std::int64_t otherwise) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  const bool right = found->is_number_integer() && *found >= lo && *found <= hi;
  if (!right) return wrong_field(name, fmt::format("a whole number from {} to {}", lo, hi));
  return found->get<std::int64_t>();
}

}  // namespace iw::api
