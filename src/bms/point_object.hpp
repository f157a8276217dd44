// How a point of the site is shown as a BACnet object: its type, its traits, its value, how far it can be
// trusted; and what a command to the object means for the point. Pure.
#pragma once

#include <optional>

#include "control/arbiter.hpp"
#include "formats/telemetry.hpp"
#include "model/quality.hpp"
#include "protocols/bacnet/server/objects.hpp"

namespace iw::bms {

// By the CIM class of the quantity: measurements are inputs, counters accumulators; what can be commanded
// (`rules`) is an output, what could only be read is a value. States with texts are multi-state, on and off
// binary.
bacnet::ObjectType type_of(const formats::CatalogPoint& point, bool commandable);

// Named as its path. Not good until the first value.
bacnet::server::Object object_of(const formats::CatalogPoint& point, bacnet::ObjectId id,
                                 const std::optional<control::Rules>& rules);

// Present_Value of a number of the point; none: what the object can not show.
std::optional<bacnet::Value> shown(const formats::CatalogPoint& point, bacnet::ObjectType type, double value);
// The number of the point that a commanded Present_Value means; none: a state that the point does not know.
std::optional<double> meant(const formats::CatalogPoint& point, bacnet::ObjectType type,
                            const bacnet::Value& value);

// Reliability (BACnetReliability) of a value of this quality.
std::uint32_t reliability_of(model::Quality quality);

constexpr std::uint32_t no_fault_detected = 0;
constexpr std::uint32_t unreliable_other = 7;
constexpr std::uint32_t communication_failure = 12;

}  // namespace iw::bms
