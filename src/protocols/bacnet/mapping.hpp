// From what a device says about one of its objects to the point that it is in the model: quantity and phase
// by unit, type and name, unit converted once, texts of states.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/bacnet/accumulator.hpp"
#include "protocols/bacnet/object_map.hpp"

namespace iw::bacnet {

// What discovery reads of an object. Empty where the object does not have it.
struct ObjectFacts {
  ObjectId id;
  std::string name = {};
  std::string description = {};
  std::optional<std::uint32_t> units = {};
  bool commandable = false;  // it has a priority array
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::vector<std::string> state_texts = {};  // inactive, active; or state 1, 2, ...
  std::optional<double> scale = {};           // of an accumulator
  std::optional<Prescale> prescale = {};
};

// Whether objects of this type have a value that becomes a point.
bool is_measurable(ObjectType type);

// A name as the part of a point: "AHU1/SA-T" is "ahu1-sa-t"; empty when nothing of it can be.
std::string component_of(std::string_view name);
// "ai7", "msv1".
std::string short_name(ObjectId id);

// None for types without a value.
std::optional<ObjectPoint> propose(const ObjectFacts& facts);

// All of them, with names made unique.
ObjectMap propose(std::span<const ObjectFacts> objects);
// Puts the point into the map; when its name is taken it is followed by that of the object.
void add_point(ObjectMap& map, ObjectPoint point);

}  // namespace iw::bacnet
