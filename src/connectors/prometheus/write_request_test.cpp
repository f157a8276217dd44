#include "connectors/prometheus/write_request.hpp"

#include <algorithm>
#include <span>

#include <doctest/doctest.h>
#include <snappy.h>

#include "base/hex.hpp"

namespace iw::connectors::prometheus {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

formats::Catalog catalog() {
  return {
      .site = {},
      .site_name = "Mühle",
      .points = {
          {.alias = 4,
           .path = "roof/ActivePower.A",
           .asset_name = "roof",
           .quantity = "ActivePower",
           .unit = "W",
           .phase = model::Phase::A,
           .cim_class = "Analog"},
          {.alias = 5,
           .path = "roof/EnergyExport",
           .asset_name = "roof",
           .quantity = "EnergyExport",
           .unit = "Wh",
           .cim_class = "Accumulator"},
          {.alias = 6, .path = "roof/Text.serial", .quantity = "Text", .cim_class = "StringMeasurement"}}};
}

std::string hex(std::string_view bytes) { return to_hex(std::as_bytes(std::span(bytes))); }

TEST_CASE("a series has its labels sorted by name, and its samples in their order") {
  WriteRequestEncoder encoder;
  encoder.set_catalog(catalog());
  formats::Batch batch;
  batch.add(4, 1000, 1.5, {});
  batch.add(5, 1000, 12, {});
  batch.add(4, 2000, -2, {});
  const std::string message = encoder.encode(batch);
  std::vector<std::size_t> at;
  for (const std::string_view part : {"__name__", "interwatt_active_power_watts", "asset", "phase", "point",
                                      "ActivePower.A", "site", "Mühle", "unit"})
    at.push_back(message.find(part));
  CHECK(std::ranges::is_sorted(at));
  CHECK(at.back() != std::string::npos);
  CHECK(message.contains("interwatt_energy_export_watthours_total"));
  // 09: 1.5, 10: 1000 = E8 07; 09: -2, 10: 2000 = D0 0F
  CHECK(
      hex(message).contains(hex(std::string_view("\x12\x0C\x09\0\0\0\0\0\0\xF8\x3F\x10\xE8\x07"
                                                 "\x12\x0C\x09\0\0\0\0\0\0\0\xC0\x10\xD0\x0F",
                                                 28))));
}

TEST_CASE("one encoder serves batch after batch") {
  WriteRequestEncoder encoder;
  encoder.set_catalog(catalog());
  formats::Batch batch;
  batch.add(4, 1000, 1.5, {});
  const std::string first = encoder.encode(batch);
  CHECK(encoder.encode(batch) == first);
}

TEST_CASE("a value that is not of the present is a staleness marker") {
  const std::string marker("\x09\x02\0\0\0\0\0\xF0\x7F", 9);
  for (const Quality quality : {Quality(Validity::invalid).with(Detail::failure),
                                Quality(Validity::questionable).with(Detail::old_data)}) {
    WriteRequestEncoder encoder;
    encoder.set_catalog(catalog());
    formats::Batch batch;
    batch.add(4, 1000, 230, quality);
    CHECK(encoder.encode(batch).contains(marker));
    batch.quality[0] = Quality(Validity::questionable).with(Detail::out_of_range);
    CHECK(!encoder.encode(batch).contains(marker));
  }
}

TEST_CASE("texts and points that nobody announced have no place in it") {
  WriteRequestEncoder encoder;
  encoder.set_catalog(catalog());
  formats::Batch batch;
  batch.add(6, 1000, 1, {});
  batch.add(99, 1000, 1, {});
  batch.texts.push_back({.alias = 6, .time_ms = 0, .text = "SN", .quality = {}});
  CHECK(encoder.encode(batch).empty());
}

TEST_CASE("what is packed can be unpacked") {
  const std::string message(1000, 'x');
  const std::string small = packed(message);
  CHECK(small.size() < 100);
  std::string again;
  REQUIRE(snappy::Uncompress(small.data(), small.size(), &again));
  CHECK(again == message);
}

}  // namespace
}  // namespace iw::connectors::prometheus
