#include "control/controllers/points.hpp"

#include <algorithm>

#include "control/split.hpp"
#include "model/point.hpp"
#include "model/point_path.hpp"

namespace iw::control {

config::Rule<std::string> point_path() {
  return config::parsed<std::string>("a point", &model::parse_point_path);
}

bool names_quantity(std::string_view path, std::initializer_list<model::Quantity> quantities) {
  const auto name = model::parse_point_name(path.substr(path.rfind('/') + 1));
  return name.has_value() && std::ranges::find(quantities, name->quantity) != quantities.end();
}

std::string beside(std::string_view path, std::string_view point) {
  return fmt::format("{}{}", path.substr(0, path.rfind('/') + 1), point);
}

config::Place place_of(const config::Value* map, std::string_view key) {
  const config::Value* value = map->find(key);
  return value != nullptr ? value->place() : map->place();
}

void check_count(const config::Value* map, std::string_view key, std::size_t count,
                 config::Findings& findings) {
  if (count == 0)
    findings.error(place_of(map, key), fmt::format("{} is empty: there is nothing to move", key));
  if (count > most_parts) findings.error(place_of(map, key), fmt::format("more than {} of them", most_parts));
}

}  // namespace iw::control
