// What the fuzz targets share: the entry point, and a check that ends the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace iw::fuzzing {

// The invariant, in words, is printed when it does not hold.
inline void require(bool holds, const char* invariant) {
  if (holds) return;
  (void)std::fprintf(stderr, "broken: %s\n", invariant);
  std::abort();
}

// The bytes in memory of their own, so that a sanitizer sees a read past their end.
inline std::vector<std::byte> copied(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace iw::fuzzing
