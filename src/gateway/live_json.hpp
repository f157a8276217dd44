// The live values of a site as JSON, for scripts.
#pragma once

#include <string>

#include "bus/live_state.hpp"
#include "model/batch.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

// {"site": ..., "devices": [{"name", "state", "reason", "identity", "points": [{"path", "value", "unit",
// "quality", "age_s", ...}]}]}
std::string live_json(const model::SiteModel& site, const bus::LiveState& live, Instant now);

// One line for one sample: {"time": "2026-...Z", "path": ..., "value": ..., "unit": ..., "quality": ...}.
std::string sample_json(const model::SiteModel& site, const model::SampleBatch& batch, std::size_t i);

// "2026-01-01T12:00:00.250Z"
std::string format_time(WallTime time);

}  // namespace iw::gateway
