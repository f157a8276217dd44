// What is said of a line that can not be polled as often as the configuration wants.
#pragma once

#include "config/finding.hpp"
#include "driver/budget.hpp"
#include "gateway/site_config.hpp"

namespace iw::gateway {

// At the place where the interval of the costliest reads is written. Nothing when all is well.
void report(const driver::LineBudget& budget, const LoadedConfig& config, config::Severity severity,
            config::Findings& findings);

}  // namespace iw::gateway
