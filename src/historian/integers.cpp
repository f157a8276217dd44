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

// So many numbers from `at` on follow the one before them by the same difference.
std::size_t run_at(std::span<const std::int64_t> numbers, std::size_t at) {
  const std::int64_t difference = minus(numbers[at], numbers[at - 1]);
  std::size_t end = at + 1;
  while (end < numbers.size() && minus(numbers[end], numbers[end - 1]) == difference)
    ++end;
  return end - at;
}

void pack_run(std::int64_t difference, std::size_t count, std::vector<std::byte>& out) {
  out.push_back(std::byte{0});
  put_varint(out, fold(difference));
  put_varint(out, count);
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

// The numbers of the next run or group, the first of `rest`; how many.
std::size_t unpack_some(Reader& in, std::int64_t previous, std::span<std::int64_t> rest) {
  const unsigned width = in.u8();
  const auto least = static_cast<std::uint64_t>(unfold(take_varint(in)));
  const std::uint64_t count = width == 0 ? take_varint(in) : std::min(group, rest.size());
  if (width > 64 || count == 0 || count > rest.size()) {
    in.bytes(in.remaining() + 1);  // no run or group of this column
    return 0;
  }
  const Bytes packed = in.bytes(bytes_of(count, width));
  Words words{};
  if (!packed.empty()) std::memcpy(words.data(), packed.data(), packed.size());
  for (std::size_t i = 0; i < count; ++i) {
    previous = plus(plus(previous, least), get_bits(words, i * width, width));
    rest[i] = previous;
  }
  return count;
}

}  // namespace

void pack(std::span<const std::int64_t> numbers, std::vector<std::byte>& out) {
  if (numbers.empty()) return;
  put_varint(out, fold(numbers.front()));
  std::array<std::int64_t, group> differences;
  for (std::size_t at = 1; at < numbers.size();) {
    const std::size_t run = run_at(numbers, at);
    const std::size_t count = std::min(group, numbers.size() - at);
    if (run >= count) {
      pack_run(minus(numbers[at], numbers[at - 1]), run, out);
      at += run;
      continue;
    }
    for (std::size_t i = 0; i < count; ++i)
      differences[i] = minus(numbers[at + i], numbers[at + i - 1]);
    pack_group(std::span(differences).first(count), out);
    at += count;
  }
}

void unpack(Reader& in, std::span<std::int64_t> numbers) {
  if (numbers.empty()) return;
  numbers.front() = unfold(take_varint(in));
  for (std::size_t at = 1; at < numbers.size() && in.ok();)
    at += unpack_some(in, numbers[at - 1], numbers.subspan(at));
}

}  // namespace iw::historian
