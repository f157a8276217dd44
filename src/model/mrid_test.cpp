#include "model/mrid.hpp"

#include <unordered_set>

#include <doctest/doctest.h>

#include "model/asset.hpp"

using namespace iw;
using namespace iw::model;

namespace {

// RFC 9562 6.6: the name space of DNS names.
const Mrid dns = parse_mrid("6ba7b810-9dad-11d1-80b4-00c04fd430c8").value();

}  // namespace

TEST_CASE("derive gives the example of RFC 9562 A.4") {
  CHECK(to_string(derive(dns, "www.example.com")) == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST_CASE("a derived mRID is a UUID of version 5 and the variant of the RFC") {
  for (const char* name :
       {"", "a", "roof", "Voltage.LN.A", "a name longer than one block of SHA-1: 0123456789 0123456789"}) {
    const std::string text = to_string(derive(dns, name));
    CAPTURE(text);
    CHECK(text[14] == '5');
    CHECK(std::string_view("89ab").find(text[19]) != std::string_view::npos);
  }
}

TEST_CASE("an mRID reads back, in any case and as a URN") {
  const Mrid mrid = derive(dns, "roof");
  CHECK(parse_mrid(to_string(mrid)).value() == mrid);
  CHECK(parse_mrid("2ED6657D-E927-568B-95E1-2665A8AEA6A2").value() == derive(dns, "www.example.com"));
  CHECK(parse_mrid("urn:uuid:" + to_string(mrid)).value() == mrid);
  CHECK(to_string(Mrid{}) == "00000000-0000-0000-0000-000000000000");
  CHECK(Mrid{}.nil());
  CHECK_FALSE(mrid.nil());
}

TEST_CASE("a text that is no UUID is refused, and the place is named") {
  const std::string good = to_string(dns);
  for (std::size_t length = 0; length < good.size(); ++length) {
    CHECK(parse_mrid(good.substr(0, length)).error().kind == ErrorKind::malformed);
  }
  CHECK_FALSE(parse_mrid(good + "0").has_value());
  CHECK(parse_mrid("6ba7b810-9dad-11d1-80b4-00c04fd430cg").error().message.find("'g' at position 36") !=
        std::string::npos);
  CHECK(parse_mrid("6ba7b81009dad-11d1-80b4-00c04fd430c8").error().message.find("no '-' at position 9") !=
        std::string::npos);
  CHECK_FALSE(parse_mrid("6ba7b810-9dad-11d1-80b4--0c04fd430c8").has_value());
}

TEST_CASE("mRIDs are ordered as their texts are, and can be hashed") {
  const Mrid a = parse_mrid("00000000-0000-0000-0000-0000000000ff").value();
  const Mrid b = parse_mrid("80000000-0000-0000-0000-000000000000").value();
  CHECK(Mrid{} < a);
  CHECK(a < b);
  CHECK(to_string(a) < to_string(b));
  const std::unordered_set<Mrid> set{a, b, a};
  CHECK(set.size() == 2);
}

TEST_CASE("assets and points derive theirs from the owner and the name") {
  const Asset roof{.mrid = asset_mrid(dns, "roof"), .name = "roof", .kind = AssetKind::inverter};
  CHECK(roof.mrid == derive(dns, "roof"));
  CHECK(roof.mrid != asset_mrid(roof.mrid, "roof"));
  CHECK(point_mrid(roof, {Quantity::VoltageLN, Phase::AN}) == derive(roof.mrid, "Voltage.LN.A"));
  CHECK(point_mrid(roof, {Quantity::Current, Phase::A}) != point_mrid(roof, {Quantity::Current, Phase::B}));
}

TEST_CASE("every kind of asset has a name that reads back and a class of CIM") {
  for (int i = 0; i <= static_cast<int>(AssetKind::other); ++i) {
    const auto kind = static_cast<AssetKind>(i);
    CHECK(parse_asset_kind(to_string(kind)).value() == kind);
    CHECK_FALSE(cim_class(kind).empty());
  }
  CHECK(cim_class(AssetKind::inverter) == "PowerElectronicsConnection");
  CHECK(cim_class(AssetKind::battery) == "BatteryUnit");
  CHECK(parse_asset_kind("batery").error().message.find("did you mean 'battery'?") != std::string::npos);
}
