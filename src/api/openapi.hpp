// The description of the API (OpenAPI 3.1): written in openapi.yaml, served as JSON.
#pragma once

#include <string>

namespace iw::api {

std::string openapi_json();

}  // namespace iw::api
