// The columns that blocks and the head log store alike: doubles by their bits, qualities in runs.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "model/quality.hpp"

namespace iw::historian {

void put_double(double v, std::vector<std::byte>& out);
double take_double(Reader& in);
void put_doubles(std::span<const double> values, std::vector<std::byte>& out);
void take_doubles(Reader& in, std::span<double> values);

// One byte when all are good.
void put_quality(std::span<const model::Quality> quality, std::vector<std::byte>& out);
// in.ok() is false when the runs do not make up the column.
void take_quality(Reader& in, std::span<model::Quality> quality);

}  // namespace iw::historian
