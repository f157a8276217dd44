// A plot for the terminal, in braille dots (two columns and four rows in each character): for each column of
// dots a stroke from the least to the greatest value in its time. Pure: samples in, text out.
#pragma once

#include <string>

#include "historian/layout.hpp"
#include "historian/samples.hpp"
#include "model/unit.hpp"

namespace iw::gateway {

struct PlotSize {
  std::size_t width = 80;   // characters, with the scale at the left
  std::size_t height = 12;  // lines, without the times below
};

// Samples that are invalid are left out: a gap stays a gap.
std::string plot(const historian::Samples& samples, historian::Range range, model::Unit unit, PlotSize size);

}  // namespace iw::gateway
