// Bytes as people write them: "01 03 00 00 00 0A".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iw {

std::string to_hex(Bytes bytes);

// Takes blanks, commas, colons, "0x" and a missing separator; refuses anything else and an odd digit.
Result<std::vector<std::byte>> parse_hex(std::string_view text);

}  // namespace iw
