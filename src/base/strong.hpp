// Strong<T, Tag>: an id or address that can not be confused with another number.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace iw {

template <class T, class Tag>
class Strong {
 public:
  using Value = T;

  constexpr Strong() = default;
  constexpr explicit Strong(T value) : value_(value) {}

  [[nodiscard]] constexpr T value() const { return value_; }
  friend constexpr auto operator<=>(Strong, Strong) = default;

 private:
  T value_{};
};

}  // namespace iw

template <class T, class Tag>
struct std::hash<iw::Strong<T, Tag>> {
  std::size_t operator()(iw::Strong<T, Tag> id) const noexcept { return std::hash<T>{}(id.value()); }
};
