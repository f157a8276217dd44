// A text as JSON has it, with its quotes (RFC 8259 7). What is no UTF-8 becomes U+FFFD, so that whatever a
// device or a person wrote makes a line that can be read. For lines that are written by the thousand; what is
// built from parts goes by way of nlohmann-json.
#pragma once

#include <string>
#include <string_view>

namespace iw {

std::string json_text(std::string_view text);

}  // namespace iw
