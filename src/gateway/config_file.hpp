// Reading a configuration for a command: findings go to the console.
#pragma once

#include <memory>
#include <string>

#include "gateway/console.hpp"
#include "gateway/site_config.hpp"

namespace iw::gateway {

// None when the file can not be read or has errors, which were printed.
std::unique_ptr<LoadedConfig> read_config(const std::string& path, io::Files& files, Console& console);

}  // namespace iw::gateway
