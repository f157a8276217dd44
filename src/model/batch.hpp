// SampleBatch: what one answer of a device gave, as columns. It is the unit that travels from a driver to the
// bus.
//
// The columns have the same length. value[i] is the number of point index[i] in the canonical unit
// (quantity.hpp); where quality is invalid the number means nothing (NaN). Texts are rare and stand beside
// the columns. A batch keeps its storage when it is cleared or swapped: steady state allocates nothing.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "model/ids.hpp"
#include "model/quality.hpp"

namespace iw::model {

struct TextSample {
  std::uint16_t index = 0;
  std::string text;
  Quality quality;
};

struct SampleBatch {
  DeviceId device;
  WallTime source_time;  // when the values were true: the middle of the request, or the device's own stamp
  Instant received;      // when the answer was there
  std::vector<std::uint16_t> index;
  std::vector<double> value;
  std::vector<Quality> quality;
  std::vector<TextSample> texts;

  [[nodiscard]] std::size_t size() const { return index.size(); }
  [[nodiscard]] bool empty() const { return index.empty() && texts.empty(); }

  void add(std::uint16_t point, double v, Quality q) {
    index.push_back(point);
    value.push_back(v);
    quality.push_back(q);
  }
  // Room for n more samples, to be filled in by the caller: where they begin.
  std::size_t grow(std::size_t n) {
    const std::size_t begin = size();
    index.resize(begin + n);
    value.resize(begin + n);
    quality.resize(begin + n);
    return begin;
  }
  // Swaps the columns too: no element is touched.
  friend void swap(SampleBatch& a, SampleBatch& b) noexcept {
    std::swap(a.device, b.device);
    std::swap(a.source_time, b.source_time);
    std::swap(a.received, b.received);
    a.index.swap(b.index);
    a.value.swap(b.value);
    a.quality.swap(b.quality);
    a.texts.swap(b.texts);
  }
  void clear() {
    index.clear();
    value.clear();
    quality.clear();
    texts.clear();
  }
};

}  // namespace iw::model
