// Objects as the clauses of their types want them: every required property there, with what we know of the
// rest. The owner sets Present_Value and Status_Flags from then on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/bacnet/server/served_object.hpp"

namespace iw::bacnet::server {

// What stands before the particulars of a type.
struct ObjectHead {
  std::uint32_t instance = 0;
  std::string name;
  std::string description = {};
};

// BACnetEngineeringUnits.
using UnitsCode = std::uint32_t;

struct AnalogTraits {
  UnitsCode units = 95;  // no-units
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  float cov_increment = 0;
  // Of an output or a value that can be commanded.
  std::optional<float> relinquish_default = {};
};

// Input, output or value. An output can always be commanded; an input never.
Object analog_object(ObjectType type, const ObjectHead& head, const AnalogTraits& traits);

struct BinaryTraits {
  std::string inactive_text = "inactive";
  std::string active_text = "active";
  std::optional<bool> relinquish_default = {};
};
Object binary_object(ObjectType type, const ObjectHead& head, const BinaryTraits& traits);

struct MultiStateTraits {
  std::vector<std::string> states;  // the first is state 1
  std::optional<std::uint32_t> relinquish_default = {};
};
Object multi_state_object(ObjectType type, const ObjectHead& head, const MultiStateTraits& traits);

struct AccumulatorTraits {
  UnitsCode units = 95;
  std::int32_t scale = 0;  // power of ten
  std::uint64_t maximum = 999'999'999'999;
};
Object accumulator_object(const ObjectHead& head, const AccumulatorTraits& traits);

Object text_object(const ObjectHead& head);  // CharacterString Value

// What clause 12 requires of an object of this type, beside what every object has.
std::span<const PropertyId> required_properties(ObjectType type);
bool is_required(ObjectType type, PropertyId property);

}  // namespace iw::bacnet::server
