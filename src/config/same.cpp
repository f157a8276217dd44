#include "config/same.hpp"

#include <algorithm>

namespace iw::config {

bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.text != b.text || a.key != b.key) return false;
  if (a.kind != Kind::map) return std::ranges::equal(a.children, b.children, same);
  return a.children.size() == b.children.size() && std::ranges::all_of(a.children, [&](const Value& child) {
           const Value* other = b.find(child.key);
           return other != nullptr && same(child, *other);
         });
}

}  // namespace iw::config
