// A column of integers as the differences between neighbours: runs of the same one, and groups of 64, which
// have the least difference and as many bits for each as the largest above it needs. Any integers survive:
// differences wrap.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace iw::historian {

void pack(std::span<const std::int64_t> numbers, std::vector<std::byte>& out);

// Fills `numbers`. Whatever the bytes say: in.ok() is false when they are too few or make no sense.
void unpack(Reader& in, std::span<std::int64_t> numbers);

}  // namespace iw::historian
