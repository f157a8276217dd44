#include "connectors/influx/line_protocol.hpp"

#include <cmath>

#include <fmt/format.h>

#include "formats/point_metrics.hpp"

namespace iw::connectors::influx {
namespace {

// A backslash in front of what ends a name; a line feed ends a line and can not be said, nor can a backslash
// at the end.
std::string escaped(std::string_view name, std::string_view enders) {
  std::string out;
  for (char c : name) {
    if (c == '\n' || c == '\r') c = ' ';
    if (enders.contains(c)) out += '\\';
    out += c;
  }
  if (out.ends_with('\\')) out += ' ';
  return out;
}

std::string measurement(std::string_view name) { return escaped(name, ", "); }
std::string tag(std::string_view value) { return escaped(value, ",= "); }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

void LineProtocol::set_catalog(const formats::Catalog& catalog) {
  series_.clear();
  for (const formats::CatalogPoint& point : catalog.points) {
    std::string& series = series_[point.alias];
    series = measurement(point.quantity);
    for (const formats::Label& label : formats::labels_of(catalog, point))
      if (!label.value.empty()) series += fmt::format(",{}={}", label.name, tag(label.value));
  }
}

std::string LineProtocol::encode(const formats::Batch& batch) const {
  std::string lines;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto series = series_.find(batch.alias[i]);
    if (series == series_.end()) continue;
    lines += series->second;
    lines += ' ';
    if (formats::is_present(batch.quality[i]) && std::isfinite(batch.value[i]))
      lines += fmt::format("value={},", batch.value[i]);
    lines += fmt::format("quality={} {}\n", in_quotes(model::to_string(batch.quality[i])), batch.time_ms[i]);
  }
  for (const formats::TextValue& text : batch.texts) {
    const auto series = series_.find(text.alias);
    if (series == series_.end()) continue;
    lines += fmt::format("{} text={},quality={} {}\n", series->second, in_quotes(text.text),
                         in_quotes(model::to_string(text.quality)), text.time_ms);
  }
  return lines;
}

}  // namespace iw::connectors::influx
