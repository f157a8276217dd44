// Parameters of a request's query, read with clear refusals.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/http/target.hpp"

namespace iw::api {

using wire::http::Target;

// Of a whole number; `otherwise` when it is not there.
Result<std::uint64_t> number_of(const Target& target, std::string_view name, std::uint64_t lo,
                                std::uint64_t hi, std::uint64_t otherwise);
// "true" or "false"; none when it is not there.
Result<std::optional<bool>> flag_of(const Target& target, std::string_view name);
// A time as the command line takes it: 2026-11-24T10:15Z, today, 2h (ago); none when it is not there.
Result<std::optional<WallTime>> time_of(const Target& target, std::string_view name, WallTime now);
std::string text_of(const Target& target, std::string_view name);
// Refuses a parameter that nobody knows: a misspelt filter must not show everything.
Result<void> only(const Target& target, std::initializer_list<std::string_view> known);

}  // namespace iw::api
