#include "api/device_rows.hpp"

#include <algorithm>
#include <array>

#include "base/nearest.hpp"

namespace iw::api {
namespace {

constexpr std::array<std::string_view, 5> keys{"name", "connect", "profile", "asset", "enabled"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The first of these that is in the first line: a comma may stand in a name, a tab does not.
char separator_of(std::string_view line) {
  for (const char one : {'\t', ';', ','}) {
    if (line.contains(one)) return one;
  }
  return ',';
}

// RFC 4180: a cell in quotes may have separators, and quotes doubled; not ends of lines.
Result<std::vector<std::string>> cells_of(std::string_view line, char separator) {
  std::vector<std::string> cells;
  for (std::size_t at = 0; at <= line.size();) {
    std::string cell;
    while (at < line.size() && line[at] == ' ')
      ++at;
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) return fail(ErrorKind::malformed, "a quote is not closed");
        if (line[at] != '"') {
          cell += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          cell += line[++at];
        } else {
          break;
        }
      }
      at = std::min(line.find(separator, at), line.size());
    } else {
      const auto end = std::min(line.find(separator, at), line.size());
      cell = trimmed(line.substr(at, end - at));
      at = end;
    }
    cells.push_back(std::move(cell));
    ++at;
  }
  return cells;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return result;
}

Error in_line(int line, Error error) {
  error.message = fmt::format("line {}: {}", line, error.message);
  return error;
}

// A first line that names the columns.
Result<std::vector<std::string>> columns_of(const std::vector<std::string>& cells, bool& is_header) {
  std::vector<std::string> columns;
  columns.reserve(cells.size());
  for (const std::string& cell : cells)
    columns.push_back(lower(cell));
  is_header = std::ranges::find(columns, "connect") != columns.end();
  if (!is_header) return std::vector<std::string>{"name", "connect", "profile"};
  for (const std::string& column : columns) {
    if (std::ranges::find(keys, column) == keys.end()) {
      return fail(ErrorKind::malformed,
                  fmt::format("there is no column '{}'{}", column, suggestion(column, keys)));
    }
  }
  return columns;
}

Result<DeviceRow> row_of(int line, const std::vector<std::string>& cells,
                         const std::vector<std::string>& columns) {
  if (cells.size() > columns.size()) {
    return fail(ErrorKind::malformed, fmt::format("{} cells for {} columns", cells.size(), columns.size()),
                "a cell with a separator in it goes in quotes");
  }
  DeviceRow row{.line = line};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (columns[i] == "name") {
      row.name = cells[i];
    } else if (columns[i] == "connect") {
      row.connect = cells[i];
    } else if (columns[i] == "profile") {
      row.profile = cells[i];
    } else if (!cells[i].empty()) {
      row.more.emplace_back(columns[i], cells[i]);
    }
  }
  return row;
}

}  // namespace

Result<std::vector<DeviceRow>> parse_rows(std::string_view text, const RowLimits& limits) {
  std::vector<DeviceRow> rows;
  std::vector<std::string> columns;
  char separator = ',';
  for (int line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(whole).empty()) continue;
    if (columns.empty()) separator = separator_of(whole);
    const auto cells = cells_of(whole.ends_with('\r') ? whole.substr(0, whole.size() - 1) : whole, separator);
    if (!cells) return fail(in_line(line, cells.error()));
    if (columns.empty()) {
      bool is_header = false;
      auto found = columns_of(*cells, is_header);
      if (!found) return fail(in_line(line, found.error()));
      columns = std::move(*found);
      if (is_header) continue;
    }
    auto row = row_of(line, *cells, columns);
    if (!row) return fail(in_line(line, row.error()));
    if (rows.size() == limits.rows)
      return fail(ErrorKind::malformed, fmt::format("more than {} rows", limits.rows), "paste them in parts");
    rows.push_back(std::move(*row));
  }
  if (rows.empty()) return fail(ErrorKind::malformed, "there is no row", "name, connect, profile");
  return rows;
}

}  // namespace iw::api
