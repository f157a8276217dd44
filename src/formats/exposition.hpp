// Exposition: metrics as Prometheus scrapes them, in its text format 0.0.4 or in OpenMetrics 1.0.
//
//   Exposition out(exposition_format(accept));
//   out.family("process_cpu_seconds", MetricType::counter, "seconds", "User and system CPU time.");
//   out.sample({}, 12.5);
//   return std::move(out).finish();
//
// A counter is named without "_total", an info without "_info"; a unit is the end of the name. A family is
// begun once. Label names and family names are ours; label values may be any UTF-8.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iw::formats {

enum class ExpositionFormat : std::uint8_t { text, open_metrics };

// What an Accept header (RFC 9110 12.5.1) likes better; text when it does not say.
ExpositionFormat exposition_format(std::string_view accept);
std::string_view content_type(ExpositionFormat format);

enum class MetricType : std::uint8_t { gauge, counter, info, histogram };

struct Label {
  std::string_view name;
  std::string value;
};

class Exposition {
 public:
  explicit Exposition(ExpositionFormat format) : format_(format) {}

  void family(std::string_view name, MetricType type, std::string_view unit, std::string_view help);
  // Of the family begun last. Labels with an empty value are left out: that is the same.
  void sample(const std::vector<Label>& labels, double value);

  // `counts`: how often a value was within each bound and above the one before; one more than bounds, for
  // what was beyond all of them.
  void histogram(std::vector<Label> labels, std::span<const double> bounds,
                 std::span<const std::uint64_t> counts, double sum);

  std::string finish() &&;

 private:
  void put(std::string_view name, const std::vector<Label>& labels, double value);

  ExpositionFormat format_;
  std::string sample_name_;
  std::string text_;
};

}  // namespace iw::formats
