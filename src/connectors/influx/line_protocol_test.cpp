#include "connectors/influx/line_protocol.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace iw::connectors::influx {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

LineProtocol protocol_of(formats::CatalogPoint point, std::string site = "Factory roof") {
  LineProtocol protocol;
  protocol.set_catalog({.site = {}, .site_name = std::move(site), .points = {std::move(point)}});
  return protocol;
}

const formats::CatalogPoint power{.alias = 0,
                                  .path = "roof/ActivePower.A",
                                  .asset_name = "roof",
                                  .quantity = "ActivePower",
                                  .unit = "W",
                                  .phase = model::Phase::A,
                                  .cim_class = "Analog"};

TEST_CASE("a sample is a line with measurement, tags, fields and time") {
  formats::Batch batch;
  batch.add(0, 1'750'000'000'250, -4980.5, {});
  CHECK(protocol_of(power).encode(batch) ==
        "ActivePower,site=Factory\\ roof,asset=roof,point=ActivePower.A,unit=W,phase=A "
        "value=-4980.5,quality=\"good\" 1750000000250\n");
}

TEST_CASE("a value that is not of the present is left out, and the quality says why") {
  formats::Batch batch;
  batch.add(0, 1000, 230, Quality(Validity::questionable).with(Detail::old_data));
  batch.add(0, 2000, std::numeric_limits<double>::quiet_NaN(),
            Quality(Validity::invalid).with(Detail::failure));
  batch.add(0, 3000, std::numeric_limits<double>::infinity(), {});
  const std::string lines = protocol_of(power).encode(batch);
  CHECK(!lines.contains("value="));
  CHECK(lines.contains(" quality=\"questionable: old data\" 1000\n"));
  CHECK(lines.contains(" quality=\"invalid: failure\" 2000\n"));
}

TEST_CASE("names and texts can not break out of their place") {
  formats::Batch batch;
  batch.texts.push_back({.alias = 0, .time_ms = 5, .text = "a\"b\\c", .quality = {}});
  const std::string line =
      protocol_of({.alias = 0, .path = "a=b,c d\\/Text", .asset_name = "a=b,c d\\", .quantity = "Text"},
                  "x\ny evil=1")
          .encode(batch);
  CHECK(line ==
        "Text,site=x\\ y\\ evil\\=1,asset=a\\=b\\,c\\ d\\ ,point=Text text=\"a\\\"b\\\\c\",quality=\"good\" "
        "5\n");
}

}  // namespace
}  // namespace iw::connectors::influx
