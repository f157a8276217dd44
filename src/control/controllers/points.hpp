// Points as the configuration of controllers names them, and the findings that several kinds share.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "config/record.hpp"
#include "model/quantity.hpp"

namespace iw::control {

// A point, "roof/ActivePower".
config::Rule<std::string> point_path();
bool names_quantity(std::string_view path, std::initializer_list<model::Quantity> quantities);
// Another point of the same asset.
std::string beside(std::string_view path, std::string_view point);

// Where a key of the map stands; the map itself when it is left out.
config::Place place_of(const config::Value* map, std::string_view key);
// A list of what is moved: not empty, and not more than can be split.
void check_count(const config::Value* map, std::string_view key, std::size_t count,
                 config::Findings& findings);

}  // namespace iw::control
