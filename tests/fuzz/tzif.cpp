// Any bytes are refused as time zone data, or give a zone whose offsets are those of this earth, at all
// times.
#include "base/tzif.hpp"

#include <chrono>

#include "fuzzing.hpp"

using namespace iw;
using iw::fuzzing::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  const auto zone = decode_tzif(input);
  if (!zone) return 0;
  for (int year = 1900; year < 2200; year += 3) {
    for (unsigned month = 1; month <= 12; ++month) {
      const WallTime at = std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / 28);
      require(abs((*zone)->offset(at)) <= std::chrono::hours(26), "an offset of little more than a day");
    }
  }
  return 0;
}
