// CSV as spreadsheets and Python write it (RFC 4180): quoted cells, doubled quotes, line feeds inside quotes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/finding.hpp"

namespace iw::importers {

// A row of a table with its cells by the name of their column.
struct Row {
  std::string file;
  int line = 0;  // where it begins
  std::vector<std::pair<std::string, std::string>> cells;

  // The cell without blanks around it; the column in any case. Empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view column) const;
  [[nodiscard]] bool has(std::string_view column) const;
};

// A line of a file as it is, blank ones left out; for files whose header is no header.
struct Record {
  int line = 0;  // where it begins
  std::vector<std::string> cells;
};
std::vector<Record> parse_records(std::string_view file, std::string_view text, char separator,
                                  config::Findings& findings);

// The rows under the header; blank ones are skipped.
std::vector<Row> parse_csv(std::string_view file, std::string_view text, config::Findings& findings);

std::string_view trim(std::string_view text);

}  // namespace iw::importers
