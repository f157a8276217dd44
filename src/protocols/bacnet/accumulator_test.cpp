#include "protocols/bacnet/accumulator.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

std::optional<double> scale(std::string_view hex) { return decode_scale(parse_hex(hex).value()); }
std::optional<Prescale> prescale(std::string_view hex) { return decode_prescale(parse_hex(hex).value()); }

}  // namespace

TEST_CASE("a scale is a factor or a power of ten") {
  CHECK(scale("0C 3F 00 00 00") == 0.5);
  CHECK(scale("19 02") == 100);
  CHECK(scale("19 FD").value() == doctest::Approx(0.001));
}

TEST_CASE("with what is no scale nothing is counted: not zero, not infinite, not more than one") {
  for (const auto* wrong : {"", "0C 00 00 00 00", "0C 7F 80 00 00", "0C 7F C0 00 00", "44 3F 80 00 00",
                            "19 02 19 02", "19", "0C 3F 00", "1A 7F FF"}) {
    CAPTURE(wrong);
    CHECK_FALSE(scale(wrong).has_value());
  }
}

TEST_CASE("a prescale is counts for pulses") {
  const auto one = prescale("09 02 19 0A");
  CHECK(one == Prescale{.multiplier = 2, .modulo_divide = 10});
  CHECK(to_string(*one) == "2 for 10 pulses");
  for (const auto* wrong :
       {"", "09 02", "19 0A", "09 02 19 00", "09 02 19 0A 09 02", "21 02 21 0A", "09 02 19"}) {
    CAPTURE(wrong);
    CHECK_FALSE(prescale(wrong).has_value());
  }
}
