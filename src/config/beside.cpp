#include "config/beside.hpp"

#include <fmt/format.h>

namespace iw::config {

std::string beside(std::string_view file, const std::string& path) {
  if (path.empty() || path.starts_with('/')) return path;
  const auto slash = file.rfind('/');
  return slash == std::string_view::npos ? path : fmt::format("{}/{}", file.substr(0, slash), path);
}

}  // namespace iw::config
