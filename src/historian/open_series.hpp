// OpenSeries: what of one series is recorded and not yet sealed. The last 64 samples lie open, the older ones
// are packed as blocks (block.hpp), so that 512 of them take some hundred bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "historian/block.hpp"
#include "historian/samples.hpp"

namespace iw::historian {

// What packing needs for a moment, shared by all series.
struct Packing {
  BlockEncoder encoder;
  Samples columns;
  std::vector<std::byte> block;
};

class OpenSeries {
 public:
  // Recordings come in the order of their numbers.
  void add(std::uint64_t sequence, std::int64_t time_ms, double value, model::Quality quality,
           Packing& packing) {
    if (count_++ == 0) first_sequence_ = sequence;
    tail_.push_back({.time_ms = time_ms, .value = value, .quality = quality});
    if (tail_.size() == chunk) pack_tail(packing);
  }

  // All of them, in the order in which they came.
  [[nodiscard]] Samples samples() const;

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // The recording that the oldest of them came with.
  [[nodiscard]] std::uint64_t first_sequence() const { return first_sequence_; }

  void clear();
  // Gives up the oldest packed samples; how many.
  std::size_t drop_oldest();

 private:
  static constexpr std::size_t chunk = 64;
  struct Sample {
    std::int64_t time_ms;
    double value;
    model::Quality quality;
  };

  void pack_tail(Packing& packing);

  std::vector<Sample> tail_;
  std::vector<std::byte> packed_;  // blocks of `chunk` samples, each behind its length (varint)
  std::size_t count_ = 0;
  std::uint64_t first_sequence_ = 0;
};

}  // namespace iw::historian
