// What devices gave, before it was normalised. Where that made another number of it, the number of the device
// stands in a series of its own beside that of the point, with the mRID that is derived from the point's and
// the path of the point with "#raw" behind it: few points have one. It goes with the day as all values do,
// and no roll-ups are made of it.
#pragma once

#include <string_view>

#include "historian/catalogue.hpp"
#include "historian/samples.hpp"

namespace iw::historian {

// The series beside that of a point.
SeriesInfo as_measured(const SeriesInfo& of_point);
bool is_as_measured(const SeriesInfo& series);
// Of either: the path of the point.
std::string_view path_of_point(const SeriesInfo& series);

// The quality says that the number is none of the device's: filtered, or put in its place.
bool is_made(model::Quality quality);

// What the device gave, in the order of time: what was normalised, with the numbers of the device where it
// has others. What the device never gave (a gap that was filled) is left out, and so is what must be
// something else than it gave and nobody knows what: normalised before such numbers were kept.
Samples as_measured(const Samples& normalized, const Samples& measured);

}  // namespace iw::historian
