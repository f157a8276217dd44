// A path of a configuration, which is relative to the folder of its file.
#pragma once

#include <string>
#include <string_view>

namespace iw::config {

std::string beside(std::string_view file, const std::string& path);

}  // namespace iw::config
