// The live values of a site as a table for a terminal: one row an asset, the same columns whatever the maker.
// Pure: the site, its values and the time in, text out.
#pragma once

#include <string>

#include "bus/live_state.hpp"
#include "gateway/console.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

// "4.98 kW", "-12.3 kW", "230.1 V", "87 %": three or four digits and the prefix that fits.
std::string format_value(double value, model::Unit unit);
// "0.4 s", "12 s", "3 min", "2 h".
std::string format_age(Duration age);

std::string live_table(const model::SiteModel& site, const bus::LiveState& live, Instant now,
                       const Console& console);

}  // namespace iw::gateway
