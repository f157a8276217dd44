// FixedRandom: chance that is none. Gives the numbers of a list, and over again from its start.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "io/random.hpp"

namespace iw::io::testing {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::vector<std::uint64_t> numbers = {0}) : numbers_(std::move(numbers)) {}

  std::uint64_t next() override { return numbers_[drawn_++ % numbers_.size()]; }

  [[nodiscard]] std::size_t drawn() const { return drawn_; }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t drawn_ = 0;
};

}  // namespace iw::io::testing
