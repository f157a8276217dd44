// Comma-separated values as the commands print them (RFC 4180): one record a line.
#pragma once

#include <string>
#include <string_view>

namespace iw::gateway {

// What must be quoted is, with its quotes doubled (RFC 4180 2).
std::string csv_field(std::string_view text);

}  // namespace iw::gateway
