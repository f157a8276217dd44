#include "connectors/prometheus/write_request.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include <snappy.h>

#include "formats/point_metrics.hpp"

namespace iw::connectors::prometheus {
namespace {

// Fields of prometheus.WriteRequest, with their wire types.
constexpr char write_request_timeseries = 0x0A;
constexpr char time_series_labels = 0x0A;
constexpr char time_series_samples = 0x12;
constexpr char label_name = 0x0A;
constexpr char label_value = 0x12;
constexpr char sample_value = 0x09;      // double
constexpr char sample_timestamp = 0x10;  // int64, ms

void put_varint(std::uint64_t n, std::string& out) {
  for (; n >= 0x80; n >>= 7U)
    out += static_cast<char>(n | 0x80U);
  out += static_cast<char>(n);
}

void put_bytes(char field, std::string_view bytes, std::string& out) {
  out += field;
  put_varint(bytes.size(), out);
  out += bytes;
}

void put_double(char field, std::uint64_t bits, std::string& out) {
  out += field;
  for (unsigned i = 0; i < 64; i += 8)
    out += static_cast<char>(bits >> i);
}

std::string sample(std::uint64_t bits, std::int64_t time_ms) {
  std::string out;
  put_double(sample_value, bits, out);
  out += sample_timestamp;
  put_varint(static_cast<std::uint64_t>(time_ms), out);
  return out;
}

// Sorted by name, as remote write demands; empty ones are none.
std::string encoded(std::vector<formats::Label> labels) {
  std::ranges::sort(labels, {}, &formats::Label::name);
  std::string out;
  for (const formats::Label& label : labels) {
    if (label.value.empty()) continue;
    std::string pair;
    put_bytes(label_name, label.name, pair);
    put_bytes(label_value, label.value, pair);
    put_bytes(time_series_labels, pair, out);
  }
  return out;
}

}  // namespace

void WriteRequestEncoder::set_catalog(const formats::Catalog& catalog) {
  series_.clear();
  for (const formats::CatalogPoint& point : catalog.points) {
    if (point.cim_class == "StringMeasurement") continue;
    auto labels = formats::labels_of(catalog, point);
    labels.push_back({"__name__", formats::metric_of(point).sample()});
    series_[point.alias] = {.labels = encoded(std::move(labels)), .samples = {}};
  }
}

std::string WriteRequestEncoder::encode(const formats::Batch& batch) {
  used_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto found = series_.find(batch.alias[i]);
    if (found == series_.end()) continue;
    Series& series = found->second;
    if (series.samples.empty()) used_.push_back(&series);
    const std::uint64_t bits =
        formats::is_present(batch.quality[i]) ? std::bit_cast<std::uint64_t>(batch.value[i]) : stale_marker;
    put_bytes(time_series_samples, sample(bits, batch.time_ms[i]), series.samples);
  }
  std::string message;
  for (Series* series : used_) {
    message += write_request_timeseries;
    put_varint(series->labels.size() + series->samples.size(), message);
    message += series->labels;
    message += series->samples;
    series->samples.clear();
  }
  return message;
}

std::string packed(const std::string& message) {
  std::string out;
  snappy::Compress(message.data(), message.size(), &out);
  return out;
}

}  // namespace iw::connectors::prometheus
