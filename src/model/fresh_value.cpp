#include "model/fresh_value.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace iw::model {
namespace {

// Details that say the number is not what the process is now, whatever the validity (IEC 61850-7-3 6.2:
// source substituted, test, operatorBlocked, oldData).
constexpr std::array not_the_process_now{
    Detail::substituted,      Detail::interpolated,       Detail::old_data, Detail::test,
    Detail::operator_blocked, Detail::estimator_replaced, Detail::forecast, Detail::historical,
};

bool from_the_process_now(Quality quality) {
  for (const Detail detail : not_the_process_now) {
    if (quality.has(detail)) return false;
  }
  return quality.good();
}

}  // namespace

Result<FreshValue> FreshValue::from(const Reading& reading, Instant now, Duration oldest) {
  if (!from_the_process_now(reading.quality))
    return fail(ErrorKind::denied, fmt::format("not for control: {}", to_string(reading.quality)));
  if (!std::isfinite(reading.value)) return fail(ErrorKind::denied, "not for control: not a number");
  if (reading.received > now || reading.received < now - oldest)
    return fail(ErrorKind::denied, "not for control: too old");
  return FreshValue(reading.value, reading.received);
}

}  // namespace iw::model
