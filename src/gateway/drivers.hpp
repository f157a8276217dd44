// The registry: which protocols the program speaks.
#pragma once

#include <span>
#include <string_view>

#include "driver/driver.hpp"

namespace iw::gateway {

struct LoadedConfig;

std::span<const driver::DriverKind> drivers();

// By the scheme of an address; none: no driver takes it.
const driver::DriverKind* driver_for(std::string_view url);

// The driver of this kind that read the configuration.
driver::Driver& driver_of(const LoadedConfig& config, const driver::DriverKind& kind);

}  // namespace iw::gateway
