// A column of values as integers: decimal numbers, as meters give them, become integers (230.1 is 2301 with
// one digit); floats of devices that send 32 bits keep those; all others keep 64 bits. Every bit comes back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace iw::historian {

class ValuesEncoder {
 public:
  // The form of the column; put() follows with the same values.
  std::uint8_t choose(std::span<const double> values);
  void put(std::span<const double> values, std::vector<std::byte>& out) const;

 private:
  std::vector<std::int64_t> integers_;
  std::vector<std::size_t> odd_;  // the values that are no decimal numbers
};

// in.ok() is false when the bytes are too few or make no sense.
void take_values(Reader& in, std::uint8_t form, std::span<double> values);

}  // namespace iw::historian
