#include "formats/exposition.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <ranges>

#include <fmt/format.h>

namespace iw::formats {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(text, at))
    parts.push_back(trimmed(std::string_view(part.begin(), part.end())));
  return parts;
}

double weight_of(const std::vector<std::string_view>& parameters) {
  for (const std::string_view parameter : parameters) {
    if (!parameter.starts_with("q=")) continue;
    double q = 0;
    std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
    return q;
  }
  return 1;
}

// The best weight that the header gives to a media type; none when it is not named.
std::optional<double> weight(std::string_view accept, std::string_view type) {
  std::optional<double> best;
  for (const std::string_view range : split(accept, ',')) {
    const auto parts = split(range, ';');
    if (parts.front() == type) best = std::max(best.value_or(0), weight_of(parts));
  }
  return best;
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string_view suffix_of(MetricType type) {
  switch (type) {
    case MetricType::gauge: return "";
    case MetricType::counter: return "_total";
    case MetricType::info: return "_info";
    case MetricType::histogram: return "";
  }
  return "";
}

// The text format knows no info: there it is a gauge.
std::string_view name_of(MetricType type, ExpositionFormat format) {
  switch (type) {
    case MetricType::gauge: return "gauge";
    case MetricType::counter: return "counter";
    case MetricType::info: return format == ExpositionFormat::text ? "gauge" : "info";
    case MetricType::histogram: return "histogram";
  }
  return "";
}

}  // namespace

ExpositionFormat exposition_format(std::string_view accept) {
  const double open_metrics = weight(accept, "application/openmetrics-text").value_or(0);
  const double text = weight(accept, "text/plain").value_or(0);
  return open_metrics > 0 && open_metrics >= text ? ExpositionFormat::open_metrics : ExpositionFormat::text;
}

std::string_view content_type(ExpositionFormat format) {
  return format == ExpositionFormat::text ? "text/plain; version=0.0.4; charset=utf-8"
                                          : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

void Exposition::family(std::string_view name, MetricType type, std::string_view unit,
                        std::string_view help) {
  sample_name_ = fmt::format("{}{}", name, suffix_of(type));
  // The text format calls a family as its samples are called.
  const bool open_metrics = format_ == ExpositionFormat::open_metrics;
  const std::string_view family_name = open_metrics ? name : std::string_view(sample_name_);
  text_ += fmt::format("# HELP {} {}\n", family_name, escaped(help, open_metrics));
  text_ += fmt::format("# TYPE {} {}\n", family_name, name_of(type, format_));
  if (open_metrics && !unit.empty()) text_ += fmt::format("# UNIT {} {}\n", family_name, unit);
}

void Exposition::sample(const std::vector<Label>& labels, double value) { put(sample_name_, labels, value); }

void Exposition::histogram(std::vector<Label> labels, std::span<const double> bounds,
                           std::span<const std::uint64_t> counts, double sum) {
  const std::string name = sample_name_;
  std::uint64_t count = 0;
  labels.push_back({"le", ""});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    // OpenMetrics writes its bounds as floats: 1.0, +Inf.
    const std::string bound = i < bounds.size() ? number(bounds[i]) : "+Inf";
    labels.back().value = bound.find_first_of(".eI") == std::string::npos ? bound + ".0" : bound;
    put(name + "_bucket", labels, static_cast<double>(count));
  }
  labels.pop_back();
  put(name + "_sum", labels, sum);
  put(name + "_count", labels, static_cast<double>(count));
}

void Exposition::put(std::string_view name, const std::vector<Label>& labels, double value) {
  text_ += name;
  char before = '{';
  for (const Label& label : labels) {
    if (label.value.empty()) continue;
    text_ += fmt::format("{}{}=\"{}\"", before, label.name, escaped(label.value, true));
    before = ',';
  }
  text_ += before == ',' ? "} " : " ";
  text_ += number(value);
  text_ += '\n';
}

std::string Exposition::finish() && {
  if (format_ == ExpositionFormat::open_metrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace iw::formats
