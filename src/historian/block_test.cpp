#include "historian/block.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "historian/integers.hpp"
#include "io/world/seeded_random.hpp"

namespace iw::historian {
namespace {

using io::world::SeededRandom;
using model::Detail;
using model::Quality;
using model::Validity;

std::vector<std::byte> encoded(const Samples& samples) {
  std::vector<std::byte> out;
  BlockEncoder().encode(samples, out);
  return out;
}

// As many bytes as the block took; every bit of every sample came back.
std::size_t check_round_trip(const Samples& samples) {
  const std::vector<std::byte> block = encoded(samples);
  const auto decoded = decode_block(block);
  REQUIRE(decoded);
  REQUIRE(decoded->size() == samples.size());
  CHECK(decoded->time_ms == samples.time_ms);
  CHECK(decoded->quality == samples.quality);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    REQUIRE(std::bit_cast<std::uint64_t>(decoded->value[i]) ==
            std::bit_cast<std::uint64_t>(samples.value[i]));
  }
  return block.size();
}

double bytes_per_sample(const Samples& samples) {
  return static_cast<double>(check_round_trip(samples)) / static_cast<double>(samples.size());
}

Samples every_second(std::size_t count, auto value) {
  Samples samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.add(1'750'000'000'000 + static_cast<std::int64_t>(i) * 1000, value(i), {});
  return samples;
}

TEST_CASE("an empty block and a block of one sample") {
  check_round_trip({});
  Samples one;
  one.add(-1, -0.0, Quality(Validity::invalid).with(Detail::failure));
  check_round_trip(one);
}

TEST_CASE("decimal values cost a few bits") {
  SeededRandom random(1, "block");
  const auto step = [&] { return static_cast<int>(random.below(5)) - 2; };
  int tenths = 2301;
  CHECK(bytes_per_sample(every_second(512, [&](std::size_t) { return (tenths += step()) / 10.0; })) < 0.6);
  CHECK(bytes_per_sample(every_second(512, [](std::size_t i) { return 1e6 + static_cast<double>(i / 7); })) <
        0.3);
  CHECK(bytes_per_sample(every_second(512, [](std::size_t) { return 4.0; })) < 0.15);
}

TEST_CASE("32-bit floats of a device are not stored as 64 bits") {
  SeededRandom random(2, "block");
  CHECK(bytes_per_sample(
            every_second(512, [&](std::size_t) { return static_cast<float>(230 + random.unit()); })) < 3.2);
}

TEST_CASE("a rare NaN does not make a block of decimals dear") {
  const auto value = [](std::size_t i) {
    return i % 100 == 50 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i % 3);
  };
  CHECK(bytes_per_sample(every_second(512, value)) < 0.6);
}

TEST_CASE("values that decimals can not hold come back bit for bit") {
  const double odd[] = {-0.0,
                        0.0,
                        std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(),
                        std::bit_cast<double>(0x7FF8'0000'DEAD'BEEFULL),
                        std::bit_cast<double>(0xFFF0'0000'0000'0001ULL),
                        std::numeric_limits<double>::denorm_min(),
                        std::numeric_limits<double>::max(),
                        std::numeric_limits<double>::lowest(),
                        9007199254740993.0,
                        1.0 / 3.0,
                        1e300,
                        0.1 + 0.2};
  check_round_trip(every_second(std::size(odd), [&](std::size_t i) { return odd[i]; }));
  for (const double v : odd) {
    check_round_trip(every_second(64, [&](std::size_t i) { return i == 33 ? v : 2.5; }));
  }
}

TEST_CASE("times may stand still, go backwards and leave gaps of years") {
  Samples samples;
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{0}, std::int64_t{-5}, std::int64_t{1'800'000'000'000},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(), std::int64_t{1}})
    samples.add(time, 1, {});
  check_round_trip(samples);
}

TEST_CASE("random bits survive, whatever they mean") {
  SeededRandom random(3, "block");
  for (int round = 0; round < 300; ++round) {
    Samples samples;
    const std::size_t count = random.next() % 200;
    for (std::size_t i = 0; i < count; ++i) {
      samples.add(static_cast<std::int64_t>(random.next() >> (random.next() % 64)),
                  std::bit_cast<double>(random.next() << (random.next() % 64)),
                  Quality::from_bits(static_cast<std::uint32_t>(random.next() % 4 == 0 ? random.next() : 0)));
    }
    check_round_trip(samples);
  }
}

TEST_CASE("packed integers of every width") {
  SeededRandom random(4, "block");
  for (unsigned width = 0; width <= 64; ++width) {
    std::vector<std::int64_t> numbers;
    for (int i = 0; i < 130; ++i)
      numbers.push_back(static_cast<std::int64_t>(width == 0 ? 7 : random.next() >> (64 - width)));
    std::vector<std::byte> bytes;
    pack(numbers, bytes);
    std::vector<std::int64_t> back(numbers.size());
    Reader in(bytes);
    unpack(in, back);
    CHECK(in.done());
    CHECK(back == numbers);
  }
}

TEST_CASE("runs of one difference between others, of every length, cost some bytes each") {
  for (std::size_t length = 1; length <= 300; ++length) {
    std::vector<std::int64_t> numbers;
    for (const std::int64_t step : {1000, 0, -7}) {
      for (std::size_t i = 0; i < length; ++i)
        numbers.push_back((numbers.empty() ? 5 : numbers.back()) + step);
    }
    std::vector<std::byte> bytes;
    pack(numbers, bytes);
    if (length >= 128) CHECK(bytes.size() < 3 * 100);  // at each change a group at most
    std::vector<std::int64_t> back(numbers.size());
    Reader in(bytes);
    unpack(in, back);
    CHECK(in.done());
    CHECK(back == numbers);
  }
  std::vector<std::byte> day;
  std::vector<std::int64_t> seconds(86'400);
  for (std::size_t i = 0; i < seconds.size(); ++i)
    seconds[i] = 1'790'000'000'000 + static_cast<std::int64_t>(i) * 1000;
  pack(seconds, day);
  CHECK(day.size() < 16);
}

TEST_CASE("a run or a group beyond the end of its column is refused") {
  for (const std::vector<std::uint8_t>& bytes : {std::vector<std::uint8_t>{2, 0, 2, 0},
                                                 {2, 0, 2, 10},
                                                 {2, 0, 2, 0xFF, 0xFF, 0x03},
                                                 {2, 65, 2, 1, 1}}) {
    std::vector<std::int64_t> numbers(10);
    Reader in(std::as_bytes(std::span(bytes)));
    unpack(in, numbers);
    CHECK_FALSE(in.ok());
  }
}

TEST_CASE("a block cut anywhere, or with more behind it, is refused") {
  Samples samples = every_second(200, [](std::size_t i) { return std::sqrt(static_cast<double>(i)); });
  samples.quality[77] = Quality(Validity::questionable).with(Detail::old_data);
  std::vector<std::byte> block = encoded(samples);
  for (std::size_t size = 0; size < block.size(); ++size)
    CHECK_FALSE(decode_block(Bytes(block).first(size)));
  block.push_back(std::byte{0});
  CHECK_FALSE(decode_block(block));
}

TEST_CASE("flipped bits give an error or other values, nothing worse") {
  const std::vector<std::byte> block =
      encoded(every_second(70, [](std::size_t i) { return static_cast<double>(i) / 10; }));
  for (std::size_t bit = 0; bit < block.size() * 8; ++bit) {
    std::vector<std::byte> damaged = block;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto decoded = decode_block(damaged);
    if (decoded) CHECK(decoded->size() <= largest_block);
  }
}

}  // namespace
}  // namespace iw::historian
