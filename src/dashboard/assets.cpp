#include "dashboard/assets.hpp"

#include <algorithm>

namespace iw::dashboard {

const Asset* find(std::string_view path) {
  const auto all = assets();
  const auto found = std::ranges::find(all, path, &Asset::path);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace iw::dashboard
