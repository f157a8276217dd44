// Rows of devices as people paste them from a spreadsheet: separated by tabs, semicolons or commas, with a
// header line or without (then name, connect, profile).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace iw::api {

struct DeviceRow {
  int line = 0;  // of the text, from 1
  std::string name;
  std::string connect;
  std::string profile;
  std::vector<std::pair<std::string, std::string>> more = {};  // other keys of a device
};

struct RowLimits {
  std::size_t rows = 500;
};

// Empty lines are passed over. An error says in which line.
Result<std::vector<DeviceRow>> parse_rows(std::string_view text, const RowLimits& limits = {});

}  // namespace iw::api
