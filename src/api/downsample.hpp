// Fewer values for a chart that draw the same picture: of each stretch of a pixel's width the first, the
// least, the greatest and the last value, which are real samples at their real times (M4, Jugel et al. 2014),
// and the worst sample, so that bad quality does not vanish. Of roll-ups the stretches are joined.
#pragma once

#include <cstddef>
#include <vector>

#include "historian/layout.hpp"
#include "historian/rollup.hpp"
#include "historian/samples.hpp"

namespace iw::api {

// As they are when there are no more than four for a pixel.
historian::Samples for_pixels(const historian::Samples& samples, historian::Range range, std::size_t pixels);

// As they are when there are no more than pixels. Energy and counts are added up.
std::vector<historian::Rollup> for_pixels(const std::vector<historian::Rollup>& rollups,
                                          historian::Range range, std::size_t pixels);

}  // namespace iw::api
