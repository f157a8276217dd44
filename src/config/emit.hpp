// Values as YAML: for what a program puts into a file that people read. Scalars are plain where that reads
// back as the same, else in double quotes.
#pragma once

#include <string>

#include "config/document.hpp"

namespace iw::config {

// in_flow: inside of brackets or braces, where fewer letters are plain.
std::string scalar_to_yaml(const Value& scalar, bool in_flow = false);
// "{name: pv, connect: modbus://192.0.2.10}"
std::string to_flow_yaml(const Value& value);
// One entry or item a line, each ended, the first one too indented by `indent`. Of a scalar: one line.
std::string to_block_yaml(const Value& value, std::size_t indent = 0);

}  // namespace iw::config
