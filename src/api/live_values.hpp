// A point and its live value as JSON: what several resources show.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/answers.hpp"
#include "bus/live_state.hpp"
#include "model/site_model.hpp"

namespace iw::api {

// What it is: path, identity, unit, range, where it comes from.
Json point_json(const model::SiteModel& site, const model::SiteModel::Device& device,
                const model::SiteModel::PlacedPoint& placed);

// What it says: value or text, quality, time, age. A point that was never heard of has a null value.
Json value_json(const model::SiteModel::PlacedPoint& placed, const bus::LiveState& live, Instant now);

}  // namespace iw::api
