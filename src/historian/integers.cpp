#include "historian/integers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "historian/varint.hpp"

namespace iw::historian {
namespace {

static_assert(std::endian::native == std::endian::little, "packed words are stored as they lie in memory");

constexpr std::size_t group = 64;

// a - b, and back, without overflow.
constexpr std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr std::int64_t plus(std::int64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + b);
}

constexpr std::size_t bytes_of(std::size_t count, unsigned width) { return (count * width + 7) / 8; }

// Room for a full group and for reading one word past its last number.
using Words = std::array<std::uint64_t, group + 2>;

void put_bits(Words& words, std::size_t at, unsigned width, std::uint64_t v) {
  if (width == 0) return;
  const std::size_t word = at / 64;
  const unsigned shift = at % 64;
  words[word] |= v << shift;
  if (shift + width > 64) words[word + 1] |= v >> (64 - shift);
}

std::uint64_t get_bits(const Words& words, std::size_t at, unsigned width) {
  if (width == 0) return 0;
  const std::size_t word = at / 64;
  const unsigned shift = at % 64;
  std::uint64_t v = words[word] >> shift;
  if (shift + width > 64) v |= words[word + 1] << (64 - shift);
  return width == 64 ? v : v & ((std::uint64_t{1} << width) - 1);
}

void pack_group(std::span<const std::int64_t> differences, std::vector<std::byte>& out) {
  const auto [least, largest] = std::ranges::minmax(differences);
  const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(minus(largest, least))));
  out.push_back(static_cast<std::byte>(width));
  put_varint(out, fold(least));
  Words words{};
  for (std::size_t i = 0; i < differences.size(); ++i)
    put_bits(words, i * width, width, static_cast<std::uint64_t>(minus(differences[i], least)));
  const auto packed = std::as_bytes(std::span(words)).first(bytes_of(differences.size(), width));
  out.insert(out.end(), packed.begin(), packed.end());
}

void unpack_group(Reader& in, std::int64_t previous, std::span<std::int64_t> numbers) {
  const unsigned width = in.u8();
  const std::int64_t least = unfold(take_varint(in));
  const Bytes packed = in.bytes(width <= 64 ? bytes_of(numbers.size(), width) : in.remaining() + 1);
  Words words{};
  if (!packed.empty()) std::memcpy(words.data(), packed.data(), packed.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint64_t above = in.ok() ? get_bits(words, i * width, width) : 0;
    previous = plus(plus(previous, static_cast<std::uint64_t>(least)), above);
    numbers[i] = previous;
  }
}

}  // namespace

void pack(std::span<const std::int64_t> numbers, std::vector<std::byte>& out) {
  if (numbers.empty()) return;
  put_varint(out, fold(numbers.front()));
  std::array<std::int64_t, group> differences;
  for (std::size_t at = 1; at < numbers.size(); at += group) {
    const std::size_t count = std::min(group, numbers.size() - at);
    for (std::size_t i = 0; i < count; ++i)
      differences[i] = minus(numbers[at + i], numbers[at + i - 1]);
    pack_group(std::span(differences).first(count), out);
  }
}

void unpack(Reader& in, std::span<std::int64_t> numbers) {
  if (numbers.empty()) return;
  numbers.front() = unfold(take_varint(in));
  for (std::size_t at = 1; at < numbers.size() && in.ok(); at += group) {
    unpack_group(in, numbers[at - 1], numbers.subspan(at, std::min(group, numbers.size() - at)));
  }
}

}  // namespace iw::historian
