// The body of a request: a JSON object with the fields that are known, no others.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/answers.hpp"
#include "io/http/router.hpp"

namespace iw::api {

// A refusal (400, 415), or none and the object.
std::optional<Response> read_body(const io::http::Call& call, std::initializer_list<std::string_view> fields,
                                  Json& object);

// Of a field that must be there, or may be missing: then `otherwise`.
Result<std::string> text_field(const Json& object, std::string_view name);
Result<std::string> text_field(const Json& object, std::string_view name, std::string otherwise);
Result<std::int64_t> number_field(const Json& object, std::string_view name, std::int64_t lo, std::int64_t hi,
                                  std::int64_t otherwise);

}  // namespace iw::api
