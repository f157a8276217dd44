// Samples: values of a series as columns of the same length. Notes: bytes that whoever makes the samples
// wants back after a restart. Recording: what came at one time from many series.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "model/quality.hpp"

namespace iw::historian {

// A point's number in the catalogue of the historian: it stays the same for as long as the history is kept.
using SeriesId = Strong<std::uint32_t, struct SeriesIdTag>;

struct Samples {
  std::vector<std::int64_t> time_ms;  // UTC since 1970
  std::vector<double> value;          // in the canonical unit of the quantity
  std::vector<model::Quality> quality;

  [[nodiscard]] std::size_t size() const { return time_ms.size(); }
  [[nodiscard]] bool empty() const { return time_ms.empty(); }
  void add(std::int64_t time, double v, model::Quality q) {
    time_ms.push_back(time);
    value.push_back(v);
    quality.push_back(q);
  }
  void resize(std::size_t n) {
    time_ms.resize(n);
    value.resize(n);
    quality.resize(n);
  }
  void reserve(std::size_t n) {
    time_ms.reserve(n);
    value.reserve(n);
    quality.reserve(n);
  }
  void clear() { resize(0); }
};

// One note a series: a newer one takes the place of the older.
class Notes {
 public:
  void add(SeriesId id, Bytes bytes) {
    series_.push_back(id);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    end_.push_back(bytes_.size());
  }
  [[nodiscard]] std::size_t size() const { return series_.size(); }
  [[nodiscard]] bool empty() const { return series_.empty(); }
  [[nodiscard]] SeriesId series(std::size_t i) const { return series_[i]; }
  [[nodiscard]] Bytes bytes(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : end_[i - 1];
    return Bytes(bytes_).subspan(begin, end_[i] - begin);
  }
  void clear() {
    series_.clear();
    end_.clear();
    bytes_.clear();
  }

 private:
  std::vector<SeriesId> series_;
  std::vector<std::size_t> end_;  // of each in bytes_
  std::vector<std::byte> bytes_;
};

struct Recording {
  std::vector<SeriesId> series;  // of each sample
  Samples samples;
  Notes notes = {};

  [[nodiscard]] std::size_t size() const { return series.size(); }
  void add(SeriesId id, std::int64_t time, double v, model::Quality q) {
    series.push_back(id);
    samples.add(time, v, q);
  }
  void clear() {
    series.clear();
    samples.clear();
    notes.clear();
  }
};

}  // namespace iw::historian
