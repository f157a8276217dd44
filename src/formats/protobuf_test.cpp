#include "formats/protobuf.hpp"

#include <bit>
#include <limits>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "formats/testing/examples.hpp"
#include "io/world/seeded_random.hpp"

namespace iw::formats {
namespace {

using io::world::SeededRandom;
using model::Detail;
using model::Quality;
using model::Validity;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<std::byte> encoded(const auto& what) {
  std::vector<std::byte> out;
  ProtobufEncoder().encode(what, out);
  return out;
}

void check_same(const Batch& a, const Batch& b) {
  CHECK(a.site == b.site);
  CHECK(a.epoch == b.epoch);
  CHECK(a.sequence == b.sequence);
  CHECK(a.catalog_version == b.catalog_version);
  CHECK(a.historical == b.historical);
  CHECK(a.dropped == b.dropped);
  CHECK(a.alias == b.alias);
  CHECK(a.time_ms == b.time_ms);
  CHECK(a.quality == b.quality);
  CHECK(a.texts == b.texts);
  REQUIRE(a.value.size() == b.value.size());
  for (std::size_t i = 0; i < a.value.size(); ++i)
    CHECK(std::bit_cast<std::uint64_t>(a.value[i]) == std::bit_cast<std::uint64_t>(b.value[i]));
}

// As many bytes as the batch took; every bit of it came back.
std::size_t check_round_trip(const Batch& batch) {
  const auto bytes = encoded(batch);
  ProtobufDecoder decoder;
  const auto content = decoder.decode(bytes);
  REQUIRE(content);
  CHECK(*content == Content::batch);
  check_same(decoder.batch(), batch);
  return bytes.size();
}

Batch batch_of(std::initializer_list<double> values) {
  Batch batch = testing::batch_head();
  for (const double v : values)
    batch.add(static_cast<std::uint32_t>(batch.size()), 1'750'000'000'000, v, {});
  return batch;
}

TEST_CASE("every field of a catalogue comes back") {
  const Catalog catalog = testing::catalog();
  ProtobufDecoder decoder;
  const auto content = decoder.decode(encoded(catalog));
  REQUIRE(content);
  CHECK(*content == Content::catalog);
  CHECK(decoder.catalog() == catalog);
}

TEST_CASE("every field of a batch comes back") {
  check_round_trip(testing::batch());
  check_round_trip(testing::batch_head());
}

TEST_CASE("every bit of a value comes back") {
  check_round_trip(batch_of({0.0, -0.0, 1, -1, 0.1, 230.1, -4980.5, 1e-6, 1e-7, 1e300, -1e-300}));
  check_round_trip(batch_of({nan, -nan, infinity, -infinity, std::bit_cast<double>(0x7FF8'0000'0000'0001U),
                             std::bit_cast<double>(0x7FF0'0000'0000'0001U),
                             std::bit_cast<double>(0xFFFF'FFFF'FFFF'FFFFU)}));
  check_round_trip(batch_of({9007199254740991.0, 9007199254740992.0, 9007199254740994.0, -9007199254740994.0,
                             std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(),
                             static_cast<double>(0.1F), 0.49999999999999994}));
}

TEST_CASE("any values, times, aliases and qualities come back") {
  SeededRandom random(1, "protobuf");
  for (int round = 0; round < 200; ++round) {
    Batch batch = testing::batch_head();
    for (std::size_t n = random.below(50); n > 0; --n) {
      const std::uint64_t bits = random.next();
      const double tenths =
          static_cast<double>(static_cast<std::int64_t>(random.below(100'000)) - 50'000) / 10;
      const double value = random.chance(0.3)   ? std::bit_cast<double>(bits)
                           : random.chance(0.3) ? static_cast<float>(random.unit())
                                                : tenths;
      batch.add(static_cast<std::uint32_t>(random.next()), static_cast<std::int64_t>(random.next()), value,
                Quality::from_bits(random.chance(0.5) ? 0 : static_cast<std::uint32_t>(random.next())));
    }
    check_round_trip(batch);
  }
}

TEST_CASE("200 changes take at most 1,300 bytes") {
  SeededRandom random(2, "protobuf");
  Batch batch = testing::batch_head();
  for (std::uint32_t i = 0; i < 200; ++i) {
    const auto tenths = static_cast<double>(random.below(100'001)) - 50'000;
    const auto jitter = static_cast<std::int64_t>(random.below(100));
    batch.add(i, 1'750'000'000'000 + jitter, tenths / 10, {});
  }
  const std::size_t bytes = check_round_trip(batch);
  MESSAGE("bytes of 200 changes: ", bytes);
  CHECK(bytes <= 1300);
}

TEST_CASE("a lost device costs next to nothing") {
  Batch batch = testing::batch_head();
  for (std::uint32_t i = 0; i < 100; ++i)
    batch.add(i, 1'750'000'000'000, nan, Quality(Validity::invalid).with(Detail::no_connection));
  CHECK(check_round_trip(batch) <= 100 * 2 + 60);
}

TEST_CASE("floats of a device take four bytes, also those that are decimals by chance") {
  Batch batch = testing::batch_head();
  for (std::uint32_t i = 0; i < 100; ++i)
    batch.add(i, 1'750'000'000'000, i % 10 == 5 ? 1.5 : static_cast<double>(230.1F), {});
  CHECK(check_round_trip(batch) <= 100 * (2 + 4) + 60);
}

TEST_CASE("one encoder and one decoder serve catalogues and batches in turn") {
  ProtobufEncoder encoder;
  ProtobufDecoder decoder;
  std::vector<std::byte> out;
  for (int round = 0; round < 3; ++round) {
    for (const Batch& batch : {testing::batch(), batch_of({1, 2}), testing::batch_head()}) {
      out.clear();
      encoder.encode(batch, out);
      REQUIRE(decoder.decode(out) == Content::batch);
      check_same(decoder.batch(), batch);
    }
    out.clear();
    encoder.encode(testing::catalog(), out);
    REQUIRE(decoder.decode(out) == Content::catalog);
    CHECK(decoder.catalog() == testing::catalog());
  }
}

TEST_CASE("bytes cut off anywhere are refused, or are a batch without its last fields") {
  const auto bytes = encoded(testing::batch());
  ProtobufDecoder decoder;
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK(!decoder.decode(Bytes(bytes).first(n)));  // the length of the inner message does not fit
}

Result<Content> decoded(std::string_view hex) {
  const auto bytes = parse_hex(hex);
  REQUIRE(bytes);
  return ProtobufDecoder().decode(*bytes);
}

TEST_CASE("columns that do not belong together are refused") {
  const std::string site = "0A10 000102030405060708090A0B0C0D0E0F ";
  CHECK(!decoded(""));
  CHECK(!decoded("0A 00"));                                                          // a catalogue of no site
  CHECK(!decoded("12 00"));                                                          // a batch of no site
  CHECK(decoded("12 12" + site));                                                    // an empty batch
  CHECK(decoded("12 1F" + site + "32 01 02  3A 01 00  42 02 01 00  4A 01 02"));      // one sample
  CHECK(!decoded("12 18" + site + "32 01 02  3A 01 00"));                            // no value
  CHECK(!decoded("12 1C" + site + "32 01 02  42 02 01 00  4A 01 02"));               // no time
  CHECK(!decoded("12 1F" + site + "32 01 02  3A 01 00  42 02 02 00  4A 01 02"));     // a run too long
  CHECK(!decoded("12 1F" + site + "32 01 02  3A 01 00  42 02 00 00  4A 01 02"));     // an empty run
  CHECK(!decoded("12 1F" + site + "32 01 02  3A 01 00  42 02 01 07  4A 01 02"));     // a form that is unknown
  CHECK(!decoded("12 20" + site + "32 01 02  3A 01 00  42 02 01 00  4A 02 02 02"));  // a mantissa too many
  CHECK(!decoded("12 23" + site + "32 01 02  3A 01 00  42 02 01 00  4A 01 02  62 02 02 00"));  // quality
}

TEST_CASE("a stream is cut into its messages as its bytes come") {
  std::vector<std::byte> stream;
  const std::vector<std::byte> small(5, std::byte{1});
  const std::vector<std::byte> large(300, std::byte{2});
  put_delimited(small, stream);
  put_delimited({}, stream);
  put_delimited(large, stream);
  REQUIRE(stream.size() == 1 + 5 + 1 + 2 + 300);
  for (std::size_t n = 0; n <= stream.size(); ++n) {
    Bytes rest = Bytes(stream).first(n);
    std::size_t whole = 0;
    for (auto next = take_delimited(rest); next && *next; next = take_delimited(rest))
      ++whole;
    CHECK(whole == (n == stream.size() ? 3U : n >= 7 ? 2U : n >= 6 ? 1U : 0U));
  }
  const auto endless = parse_hex("FFFFFFFFFF");
  Bytes rest = *endless;
  CHECK(!take_delimited(rest));
}

}  // namespace
}  // namespace iw::formats
