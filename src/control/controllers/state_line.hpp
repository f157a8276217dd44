// The state of a controller as one line of text: "peak_w=12000 month=24318". Numbers come back as they were.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace iw::control {

using StateField = std::pair<std::string_view, double*>;

std::string write_state(std::span<const StateField> fields);
// All fields, in that order, finite; on an error nothing is changed.
Result<void> read_state(std::string_view text, std::span<const StateField> fields);

}  // namespace iw::control
