#include "historian/columns.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "historian/varint.hpp"

namespace iw::historian {

void put_double(double v, std::vector<std::byte>& out) {
  const auto bits = std::bit_cast<std::uint64_t>(v);
  for (unsigned shift = 0; shift < 64; shift += 8)
    out.push_back(static_cast<std::byte>(bits >> shift));
}

double take_double(Reader& in) {
  const std::uint64_t low = in.u32le();
  return std::bit_cast<double>(std::uint64_t{in.u32le()} << 32U | low);
}

static_assert(std::endian::native == std::endian::little, "doubles are stored as they lie in memory");

void put_doubles(std::span<const double> values, std::vector<std::byte>& out) {
  const Bytes bytes = std::as_bytes(values);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void take_doubles(Reader& in, std::span<double> values) {
  const Bytes bytes = in.bytes(values.size_bytes());
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
}

void put_quality(std::span<const model::Quality> quality, std::vector<std::byte>& out) {
  if (std::ranges::all_of(quality, [](model::Quality q) { return q == model::Quality{}; }))
    return put_varint(out, 0);
  put_varint(out, quality.size());
  while (!quality.empty()) {
    const auto end = std::ranges::find_if(quality, [&](model::Quality q) { return q != quality.front(); });
    const auto count = static_cast<std::size_t>(end - quality.begin());
    put_varint(out, count);
    put_varint(out, quality.front().bits());
    quality = quality.subspan(count);
  }
}

void take_quality(Reader& in, std::span<model::Quality> quality) {
  std::ranges::fill(quality, model::Quality{});
  const std::uint64_t told = take_varint(in);
  if (told == 0) return;
  if (told != quality.size()) in.bytes(in.remaining() + 1);
  while (!quality.empty() && in.ok()) {
    const std::uint64_t count = take_varint(in);
    const std::uint64_t bits = take_varint(in);
    if (count == 0 || count > quality.size() || bits > 0xFFFF'FFFF) {
      in.bytes(in.remaining() + 1);  // no runs of this column
      return;
    }
    std::ranges::fill(quality.first(count), model::Quality::from_bits(static_cast<std::uint32_t>(bits)));
    quality = quality.subspan(count);
  }
}

}  // namespace iw::historian
