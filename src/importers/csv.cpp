#include "importers/csv.hpp"

#include <algorithm>

#include "model/words.hpp"

namespace iw::importers {
namespace {

class Reader {
 public:
  Reader(std::string_view file, std::string_view text, char separator, config::Findings& findings)
      : file_(file), text_(text), separator_(separator), findings_(findings) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  bool next(Record& record) {
    if (at_ >= text_.size()) return false;
    record = {.line = line_, .cells = {}};
    bool more = true;
    while (more) {
      record.cells.push_back(cell());
      more = at_ < text_.size() && text_[at_] == separator_;
      if (more) ++at_;
    }
    end_of_line();
    return true;
  }

 private:
  std::string cell() {
    std::string out;
    if (at_ < text_.size() && text_[at_] == '"') quoted(out);
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r')
      out += text_[at_++];
    return out;
  }

  void quoted(std::string& out) {
    const int first = line_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') {
          ++at_;
          return;
        }
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      out += text_[at_];
    }
    findings_.error({.file = file_, .line = first}, "a quoted cell has no end", "close it with \"");
  }

  void end_of_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  std::string file_;
  std::string_view text_;
  char separator_;
  config::Findings& findings_;
  std::size_t at_ = 0;
  int line_ = 1;
};

bool is_blank(const Record& record) {
  return std::ranges::all_of(record.cells, [](const std::string& cell) { return trim(cell).empty(); });
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view Row::get(std::string_view column) const {
  for (const auto& [name, cell] : cells) {
    if (model::same_word(trim(name), column)) return trim(cell);
  }
  return {};
}

bool Row::has(std::string_view column) const {
  return std::ranges::any_of(cells,
                             [&](const auto& cell) { return model::same_word(trim(cell.first), column); });
}

std::vector<Record> parse_records(std::string_view file, std::string_view text, char separator,
                                  config::Findings& findings) {
  Reader reader(file, text, separator, findings);
  std::vector<Record> records;
  for (Record record; reader.next(record);)
    if (!is_blank(record)) records.push_back(std::move(record));
  return records;
}

std::vector<Row> parse_csv(std::string_view file, std::string_view text, config::Findings& findings) {
  Reader reader(file, text, ',', findings);
  Record header;
  while (reader.next(header) && is_blank(header)) {
  }
  std::vector<Row> rows;
  for (Record record; reader.next(record);) {
    if (is_blank(record)) continue;
    Row row{.file = std::string(file), .line = record.line, .cells = {}};
    for (std::size_t i = 0; i < std::min(header.cells.size(), record.cells.size()); ++i) {
      row.cells.emplace_back(header.cells[i], std::move(record.cells[i]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace iw::importers
