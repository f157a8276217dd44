// Whether two values say the same, wherever they stand; the order of a map means nothing.
#pragma once

#include "config/document.hpp"

namespace iw::config {

bool same(const Value& a, const Value& b);

}  // namespace iw::config
