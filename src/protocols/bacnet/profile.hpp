// Profile: a kind of BACnet device as data: which of its objects are which points. A device says itself what
// it has, so that a profile holds rules, not addresses: an object by its number, or many by their names. What
// no rule is about is proposed from units and names (mapping.hpp), or left out. The format is described in
// profiles/README.md.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/finding.hpp"
#include "driver/profile.hpp"
#include "protocols/bacnet/mapping.hpp"

namespace iw::bacnet {

struct ObjectRule {
  // One of both: the object itself, or the names of objects with '*' for anything, letters in any case.
  std::optional<ObjectId> object = {};
  std::string match = {};
  std::optional<ObjectType> type = {};  // of a match
  // As "AirTemperature.supply"; of a match "AirTemperature.room-{}", where {} is what the first '*' stands
  // for.
  std::string name = {};
  std::string role = {};
  PropertyReference property = {};
  std::optional<std::string> unit = {};  // when the device says none, or a wrong one
  double scale = 1;                      // value = raw x scale + offset, in the unit
  double offset = 0;
  bool negate = false;  // for us + is into the equipment, for the device it is not
  std::optional<model::RateClass> rate = {};
  std::optional<bool> writable = {};  // none: as the object is
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::vector<std::pair<std::int64_t, std::string>> texts = {};  // instead of the object's own
  std::string label = {};

  friend bool operator==(const ObjectRule&, const ObjectRule&) = default;
};

struct ObjectRules {
  std::vector<ObjectRule> rules;
  bool propose_others = true;

  friend bool operator==(const ObjectRules&, const ObjectRules&) = default;
};

struct Profile : driver::Profile {
  ObjectRules rules;
};

// None when there are errors; warnings leave a profile.
std::optional<Profile> load_profile(std::string_view file, std::string_view text, config::Findings& findings);

// The objects of a device as the rules say. A rule whose quantity is not measured in the object's unit does
// not hold; the map's warnings say so.
ObjectMap points_by(const ObjectRules& rules, std::span<const ObjectFacts> objects);

// When the rules name all objects that are wanted: these. Else empty: the device's list has to be read.
std::vector<ObjectId> objects_of(const ObjectRules& rules);

std::string profile_json_schema();
std::string profile_documentation();  // the format as a Markdown table

}  // namespace iw::bacnet
