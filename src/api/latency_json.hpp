// How long answers took, of a line and of each of its devices.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/answers.hpp"
#include "driver/line.hpp"
#include "gateway/gateway.hpp"

namespace iw::api {

double milliseconds(Duration duration);

// {"all": ..., "devices": [{"device", "count", "sum_ms", "buckets": [{"le_ms", "count"}]}]}: each bucket has
// what is within its bound and above the one before; the last is beyond all, its bound null.
Json latency_json(const gateway::Gateway& gateway, const driver::LineStatus& status);

}  // namespace iw::api
