// Values, qualities and times as text that says exactly what they are, and back. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/quality.hpp"

namespace iw::transfer {

// The shortest decimal number that is read as the same double; "inf", "-inf", "nan"; a NaN with other bits
// than usual as "nan:7ff8000000000001".
std::string exact_text(double value);
Result<double> parse_exact(std::string_view text);

// "good", "invalid: failure, no connection" (model/quality.hpp); bits without a name as "0x8000000".
std::string quality_text(model::Quality quality);
Result<model::Quality> parse_quality_text(std::string_view text);

// "2026-11-24T10:15:30.250Z" (formats/timestamp.hpp): ms UTC since 1970.
std::string time_text(std::int64_t time_ms);
Result<std::int64_t> parse_time_text(std::string_view text);

}  // namespace iw::transfer
