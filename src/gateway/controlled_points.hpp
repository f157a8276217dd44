// What control names must be there: the points that controllers read and move, and those under control:. Said
// with line and column as far as it is known before the devices answer: one with a profile has the points of
// its profile; one that describes itself may have any point of its assets.
#pragma once

#include "config/finding.hpp"
#include "gateway/site_config.hpp"

namespace iw::gateway {

// A point that can not be there is an error where it would be moved, and a warning elsewhere: a controller
// that only observes does no harm. Of a configuration without a mistake in its sections.
void check_controlled_points(const SiteConfig& site, config::Findings& findings);

}  // namespace iw::gateway
