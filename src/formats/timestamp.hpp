// Times as xsd:dateTime in UTC with milliseconds: "2026-01-01T12:00:00.250Z".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iw::formats {

// Beyond the years 1 and 9999, their first and last millisecond.
std::string to_timestamp(std::int64_t ms);
// Exactly that form, or one without fraction.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

}  // namespace iw::formats
