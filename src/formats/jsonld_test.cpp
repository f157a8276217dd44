#include "formats/jsonld.hpp"

#include <bit>
#include <limits>

#include <doctest/doctest.h>

#include "formats/testing/examples.hpp"
#include "formats/timestamp.hpp"

namespace iw::formats {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

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

// A catalogue and one batch, there and back.
class RoundTrip {
 public:
  explicit RoundTrip(ContextForm form = ContextForm::named) : encoder_(form) {
    REQUIRE(decoder_.decode(encoder_.encode(testing::catalog())) == Content::catalog);
  }
  void check(const Batch& batch) {
    const std::string document = encoder_.encode(batch);
    CAPTURE(document);
    REQUIRE(decoder_.decode(document) == Content::batch);
    check_same(decoder_.batch(), batch);
  }
  [[nodiscard]] std::string encoded(const Batch& batch) const { return encoder_.encode(batch); }
  [[nodiscard]] JsonldDecoder& decoder() { return decoder_; }

 private:
  JsonldEncoder encoder_;
  JsonldDecoder decoder_;
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

TEST_CASE("every field of a catalogue comes back from JSON-LD, with either form of its context") {
  for (const ContextForm form : {ContextForm::named, ContextForm::embedded}) {
    JsonldDecoder decoder;
    REQUIRE(decoder.decode(JsonldEncoder(form).encode(testing::catalog())) == Content::catalog);
    CHECK(decoder.catalog() == testing::catalog());
  }
}

TEST_CASE("every field of a batch comes back from JSON-LD") {
  RoundTrip round_trip;
  round_trip.check(testing::batch());
  round_trip.check(testing::batch_head());
  RoundTrip(ContextForm::embedded).check(testing::batch());
}

TEST_CASE("every bit of a value comes back from JSON-LD, whatever class its point is of") {
  RoundTrip round_trip;
  for (const std::uint32_t point : {0U, 1U, 2U, 3U, 7U}) {
    Batch batch = testing::batch_head();
    for (const double v : {0.0, -0.0, 1.0, -1.0, 0.1, 230.1, 1e-7, 1e300, 9007199254740993.0, nan, infinity,
                           -infinity, std::numeric_limits<double>::denorm_min()})
      batch.add(point, 1'750'000'000'000, v, {});
    round_trip.check(batch);
  }
}

TEST_CASE("every detail of quality comes back from JSON-LD") {
  RoundTrip round_trip;
  Batch batch = testing::batch_head();
  for (unsigned bit = 2; bit <= 22; ++bit)
    batch.add(0, 0, 1, Quality(Validity::questionable).with(static_cast<Detail>(1U << bit)));
  round_trip.check(batch);
}

TEST_CASE("a value in JSON-LD names its point, its class, its time and its quality") {
  const std::string document = RoundTrip().encoded(testing::batch());
  CHECK(document.find(R"({"type":["AnalogValue","sosa:Observation"],)"
                      R"("measurement":"urn:uuid:6f1c0000-0000-0000-0000-00000000000a",)"
                      R"("timeStamp":"2025-06-15T15:06:40.250Z",)"
                      R"("quality":{"validity":"good","source":"process"},"value":-4980.5})") !=
        std::string::npos);
  CHECK(document.find(R"("value":"12345678")") != std::string::npos);
  CHECK(document.find(R"("control":"urn:uuid:6f1c0000-0000-0000-0000-00000000000e")") != std::string::npos);
}

TEST_CASE("a text that is no UTF-8 is mended") {
  RoundTrip round_trip;
  Batch batch = testing::batch_head();
  batch.texts.push_back({.alias = 3, .time_ms = 0, .text = "M\xFChle", .quality = {}});
  REQUIRE(round_trip.decoder().decode(round_trip.encoded(batch)) == Content::batch);
  CHECK(round_trip.decoder().batch().texts[0].text == "M\xEF\xBF\xBDhle");
}

TEST_CASE("JSON-LD in another context is refused: its words may mean anything") {
  const std::string document = JsonldEncoder(ContextForm::named).encode(testing::catalog());
  const auto refused = JsonldDecoder().decode(replaced(document, "v1.jsonld", "v2.jsonld"));
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::unsupported);
  const std::string embedded = JsonldEncoder(ContextForm::embedded).encode(testing::catalog());
  CHECK(!JsonldDecoder().decode(replaced(embedded, "Validity.GOOD", "Validity.INVALID")));
}

TEST_CASE("a document that is cut off or has a wrong field is refused") {
  RoundTrip round_trip;
  const std::string batch = round_trip.encoded(testing::batch());
  for (std::size_t n = 0; n < batch.size(); ++n)
    CHECK(!round_trip.decoder().decode(std::string_view(batch).substr(0, n)));
  for (const auto& [what, by] :
       {std::pair(R"("sequence":"17")", R"("sequence":"-1")"), std::pair(R"("sequence":"17",)", ""),
        std::pair(R"("catalogVersion":3)", R"("catalogVersion":4294967296)"),
        std::pair(R"("validity":"good")", R"("validity":"fine")"),
        std::pair(R"("source":"process")", R"("source":"thin air")"), std::pair("-4980.5", R"("much")"),
        std::pair("2025-06-15T", "2025-06-31T"), std::pair("00000000000a", "0000000000ff"),
        std::pair("AnalogValue", "AnalogueValue"), std::pair(R"("site":"urn:uuid:)", R"("site":"urn:oid:)"),
        std::pair(R"("oldData":true)", R"("oldData":1)")}) {
    CAPTURE(what);
    const auto refused = round_trip.decoder().decode(replaced(batch, what, by));
    CHECK(!refused);
  }
}

TEST_CASE("a catalogue with two points of one alias is refused") {
  const std::string catalog = JsonldEncoder(ContextForm::named).encode(testing::catalog());
  CHECK(!JsonldDecoder().decode(replaced(catalog, R"("alias":7)", R"("alias":0)")));
}

TEST_CASE("times are written in milliseconds of UTC and read back") {
  CHECK(to_timestamp(1'767'268'800'250) == "2026-01-01T12:00:00.250Z");
  CHECK(to_timestamp(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(to_timestamp(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59.999Z");
  CHECK(to_timestamp(std::numeric_limits<std::int64_t>::min()) == "0001-01-01T00:00:00.000Z");
  for (const std::int64_t ms : {0LL, -1LL, 951'782'400'000LL, 253'402'300'799'999LL, -62'135'596'800'000LL})
    CHECK(parse_timestamp(to_timestamp(ms)) == ms);
  CHECK(parse_timestamp("2026-01-01T12:00:00Z") == 1'767'268'800'000);
  for (const std::string_view wrong :
       {"", "2026-01-01", "2026-01-01T12:00:00", "2026-01-01 12:00:00Z", "2026-02-29T12:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T12:00:60Z", "2026-01-01T12:00:00.25Z", "2026-01-01T12:00:00,250Z",
        "+026-01-01T12:00:00Z", "0000-01-01T12:00:00Z"})
    CHECK(!parse_timestamp(wrong));
}

}  // namespace
}  // namespace iw::formats
