#include "transfer/csv.hpp"

namespace iw::transfer {
namespace {

// The line feed that ends the record: quotes are balanced before it.
std::size_t end_of_record(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\n' && !quoted) return i;
  }
  return std::string_view::npos;
}

// A field that begins at `at`, which moves behind it.
std::string field_at(std::string_view record, std::size_t& at) {
  std::string field;
  bool quoted = false;
  for (; at < record.size(); ++at) {
    const char c = record[at];
    if (c == '"') {
      const bool doubled = quoted && at + 1 < record.size() && record[at + 1] == '"';
      if (doubled) {
        field += '"';
        ++at;
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      break;
    } else {
      field += c;
    }
  }
  return field;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + '"';
}

bool take_record(std::string_view& text, std::vector<std::string>& fields) {
  const std::size_t end = end_of_record(text);
  if (end == std::string_view::npos) return false;
  std::string_view record = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  fields.clear();
  for (std::size_t at = 0; at <= record.size(); ++at)
    fields.push_back(field_at(record, at));
  return true;
}

Result<void> each_record(InputFile& file,
                         const std::function<Result<void>(const std::vector<std::string>&)>& take) {
  std::vector<std::string> fields;
  for (;;) {
    const auto more = file.more();
    if (!more) return fail(more.error());
    std::string_view rest = file.rest();
    const std::size_t before = rest.size();
    while (take_record(rest, fields))
      if (auto done = take(fields); !done) return fail(std::move(done).error().in(file.path()));
    file.take(before - rest.size());
    if (*more) continue;
    if (rest.empty()) return {};
    return fail(ErrorKind::malformed, fmt::format("{}: its last line is cut", file.path()));
  }
}

}  // namespace iw::transfer
