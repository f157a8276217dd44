#include "gateway/plot.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr historian::Range hour{.from_ms = 0, .to_ms = 3'600'000};

historian::Samples ramp() {
  historian::Samples samples;
  for (int s = 0; s < 3600; ++s)
    samples.add(s * 1000, s, {});
  return samples;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("a ramp goes from the left below to the right above, with its scale and its times") {
  const auto lines = lines_of(plot(ramp(), hour, model::Unit::W, {.width = 40, .height = 4}));
  INFO(plot(ramp(), hour, model::Unit::W, {.width = 40, .height = 4}));
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("    3.60 kW "));
  CHECK(lines[0].ends_with("⠤⠖⠒⠋"));
  CHECK(lines[3].starts_with("        0 W ⣠"));
  CHECK(lines[4].contains("1970-01-01T00:00"));
  CHECK(lines[4].ends_with("1970-01-01T01:00"));
}

TEST_CASE("a gap stays a gap, and what is invalid is no value") {
  historian::Samples samples = ramp();
  for (std::size_t s = 1000; s < 2600; ++s)
    samples.quality[s] = model::Quality(model::Validity::invalid);
  const auto lines = lines_of(plot(samples, hour, model::Unit::W, {.width = 40, .height = 4}));
  CHECK(lines[1].substr(12).find_first_not_of(' ') > 15);
  for (auto& quality : samples.quality)
    quality = model::Quality(model::Validity::invalid);
  CHECK(plot(samples, hour, model::Unit::W, {}) == "no values\n");
}

TEST_CASE("a flat line is drawn, and samples outside are not") {
  historian::Samples samples;
  samples.add(0, 230, {});
  samples.add(3'600'000, 999, {});
  const auto lines = lines_of(plot(samples, hour, model::Unit::V, {.width = 40, .height = 3}));
  CHECK(lines[0].contains("230"));
  CHECK_FALSE(lines[0].contains("999"));
}
