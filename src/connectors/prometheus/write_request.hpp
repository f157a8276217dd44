// WriteRequest: batches as Prometheus remote write 1.0 takes them: a Protocol Buffers message, packed by
// Snappy. Metrics and labels are those of /metrics (formats/point_metrics.hpp).
//
// A value that is not of the present becomes a staleness marker, so that no query shows it as if it were.
// Texts have no place in it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/telemetry.hpp"

namespace iw::connectors::prometheus {

// The NaN that ends a series, in all its bits.
constexpr std::uint64_t stale_marker = 0x7FF0'0000'0000'0002;

class WriteRequestEncoder {
 public:
  // The catalogue of the batches that follow.
  void set_catalog(const formats::Catalog& catalog);

  // The message, not yet packed; empty when nothing of the batch has a place in it.
  std::string encode(const formats::Batch& batch);

 private:
  struct Series {
    std::string labels;   // encoded
    std::string samples;  // of the batch at hand, encoded
  };

  std::unordered_map<std::uint32_t, Series> series_;  // by alias
  std::vector<Series*> used_;                         // in the batch at hand
};

// As the block format of Snappy.
std::string packed(const std::string& message);

}  // namespace iw::connectors::prometheus
