#include "model/point_path.hpp"

#include <doctest/doctest.h>

using namespace iw::model;

TEST_CASE("a path of a point is its asset and its canonical name") {
  CHECK(parse_point_path("roof inverter/activepower").value() == "roof inverter/ActivePower");
  CHECK(parse_point_path("a/b/voltage.ln.a").value() == "a/b/Voltage.LN.A");
  for (const char* wrong : {"ActivePower", "/ActivePower", "roof/", "roof/nonsense"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_point_path(wrong).has_value());
  }
}
