#include "protocols/bacnet/server/commandable.hpp"

#include <algorithm>
#include <cmath>

namespace iw::bacnet::server {

std::optional<BacnetError> Commandable::judge(const Value& value) const {
  if (std::holds_alternative<Null>(value)) return std::nullopt;
  if (value.index() != relinquish_default_.index())
    return BacnetError{ErrorClass::property, ErrorCode::invalid_data_type};
  const double wanted = number(value).value_or(std::nan(""));
  const bool fits =
      std::isfinite(wanted) && wanted >= minimum_.value_or(wanted) && wanted <= maximum_.value_or(wanted);
  if (!fits) return BacnetError{ErrorClass::property, ErrorCode::value_out_of_range};
  return std::nullopt;
}

std::optional<std::uint8_t> Commandable::current() const {
  const auto first = std::ranges::find_if(slots_, [](const auto& slot) { return slot.has_value(); });
  if (first == slots_.end()) return std::nullopt;
  return static_cast<std::uint8_t>(first - slots_.begin() + 1);
}

const Value& Commandable::present() const {
  const auto priority = current();
  return priority ? *slot(*priority) : relinquish_default_;
}

}  // namespace iw::bacnet::server
