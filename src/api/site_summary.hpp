// The site in numbers, and the state of a device: what pages and the live stream show alike.
#pragma once

#include "api/answers.hpp"
#include "gateway/gateway.hpp"

namespace iw::api {

// How many devices there are, and how many of them are online, offline, starting, disabled.
Json device_counts(const gateway::Gateway& gateway);

// How many alarms are active, of which severity, and how many nobody has acknowledged.
Json alarm_counts(const gateway::Gateway& gateway);

// Name, state, since when, why, what to do. `device`: in the site model; none: it has no place there.
Json device_state_json(const gateway::Gateway& gateway, const gateway::DeviceSection& section,
                       const model::SiteModel::Device* device);

}  // namespace iw::api
