// Parts of a configuration as JSON, and back: numbers and booleans are plain scalars, texts are texts.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/document.hpp"

namespace iw::api {

nlohmann::ordered_json json_of(const config::Value& value);
config::Value value_of(const nlohmann::ordered_json& json);

}  // namespace iw::api
