// What stands where in the export of a whole site.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/files.hpp"

namespace iw::gateway {

constexpr const char* site_content = "site";  // of its manifest
constexpr std::string_view site_config_file = "interwatt.yaml";
constexpr std::string_view site_profiles_folder = "profiles";
constexpr std::string_view site_history_folder = "history";
constexpr std::string_view site_events_file = "events.jsonl";

// The YAML files of a folder of profiles, and of the folders in it: paths within it.
Result<std::vector<std::string>> files_below(const std::string& folder, io::Files& files);

}  // namespace iw::gateway
