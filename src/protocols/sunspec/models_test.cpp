#include "protocols/sunspec/models.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/image.hpp"
#include "protocols/sunspec/test_device.hpp"

namespace iw::sunspec {

namespace {

const Shape every_group_twice{.repeat = {{"N", 2},
                                         {"NPrt", 2},
                                         {"NStr", 2},
                                         {"NCrv", 2},
                                         {"NCrvSet", 2},
                                         {"NPt", 2},
                                         {"NCtl", 2},
                                         {"NMod", 2},
                                         {"NProf", 2},
                                         {"IVLen", 2},
                                         {"module", 2},
                                         {"curve", 2},
                                         {"repeating", 2},
                                         {"string", 2}}};

// A value for the point that no other point has, within the range of its type and no sentinel.
std::uint64_t raw_for(const PlacedPoint& placed, std::size_t i) {
  switch (placed.definition->type) {
    case Type::sunssf: return static_cast<std::uint16_t>(static_cast<int>(i % 7) - 3);
    case Type::float32: return std::bit_cast<std::uint32_t>(static_cast<float>(i) + 0.25F);
    case Type::float64: return std::bit_cast<std::uint64_t>(static_cast<double>(i) + 0.25);
    case Type::int16: return static_cast<std::uint64_t>(-1 - static_cast<std::int64_t>(i));
    case Type::int32: return static_cast<std::uint64_t>(-100'000 - static_cast<std::int64_t>(i));
    case Type::int64: return static_cast<std::uint64_t>(-10'000'000'000 - static_cast<std::int64_t>(i));
    case Type::uint64:
    case Type::acc64: return 9'007'199'254'740'993 + i;  // more digits than a double has
    default: return 1 + i;
  }
}

const DecodedPoint& point(const std::vector<DecodedPoint>& decoded, std::string_view name) {
  const auto found = std::ranges::find(decoded, name, &DecodedPoint::name);
  REQUIRE(found != decoded.end());
  return *found;
}

std::vector<DecodedPoint> decode(const ModelImage& image) {
  return decode_model(image.definition(), to_bytes(image.registers()));
}

}  // namespace

TEST_CASE("the models have the lengths that the standard prints") {
  struct Length {
    std::uint16_t model, length;
  };
  for (const auto& [id, length] :
       {Length{1, 66},    Length{101, 50},  Length{103, 50},  Length{113, 60},  Length{120, 26},
        Length{121, 30},  Length{122, 44},  Length{123, 24},  Length{124, 24},  Length{160, 28},
        Length{201, 105}, Length{204, 105}, Length{211, 124}, Length{214, 124}, Length{701, 153},
        Length{702, 50},  Length{703, 17},  Length{704, 65},  Length{713, 7},   Length{714, 43},
        Length{715, 7},   Length{802, 62}}) {
    CAPTURE(id);
    REQUIRE(find_model(id) != nullptr);
    CHECK(ModelImage(*find_model(id)).registers()[1] == length);
  }
  CHECK(find_model(9999) == nullptr);
  CHECK(all_models().size() == 112);
}

TEST_CASE("offsets are those of the standard") {
  const auto offset = [](std::uint16_t model, std::string_view name) {
    return ModelImage(*find_model(model)).offset(name);
  };
  CHECK(offset(1, "SN") == 50);
  CHECK(offset(103, "W") == 14);
  CHECK(offset(103, "WH") == 24);
  CHECK(offset(103, "St") == 38);
  CHECK(offset(113, "St") == 48);
  CHECK(offset(123, "WMaxLimPct_SF") == 23);
  CHECK(offset(124, "InWRte") == 13);
  CHECK(offset(160, "module[1].DCW") == 21);
  CHECK(offset(203, "TotWhImp") == 46);
  CHECK(offset(203, "Evt") == 105);
  CHECK(offset(701, "TotWhInj") == 19);
  CHECK(offset(701, "WL3") == 87);
  CHECK(offset(701, "Tmp_SF") == 122);
  CHECK(offset(702, "W_SF") == 45);
  CHECK(offset(704, "WSet") == 24);
  CHECK(offset(704, "PFWInj.PF") == 59);
  CHECK(offset(704, "PFWAbsRvrt.Ext") == 66);
  CHECK(offset(714, "Prt[1].DCW") == 32);
  CHECK(offset(802, "W") == 47);
  CHECK(offset(802, "W_SF") == 63);
  CHECK(offset(803, "string[1].StrSoC") == 32);
}

TEST_CASE("every model: what an image holds is what decoding gives back") {
  for (const ModelDefinition* model : all_models()) {
    CAPTURE(model->id);
    ModelImage image(*model, every_group_twice);
    const auto counts = count_offsets(*model);
    std::size_t i = 0;
    for (const PlacedPoint& placed : image.points()) {
      ++i;
      if (std::ranges::find(counts, placed.offset) != counts.end()) continue;
      if (placed.definition->type == Type::string) {
        image.set(placed.path, std::string(std::size_t{placed.definition->size} * 2, 'x'));
      } else if (placed.definition->type != Type::ipv6addr) {
        image.set_raw(placed.path, raw_for(placed, i));
      }
    }
    const auto decoded = decode(image);
    REQUIRE(decoded.size() == image.points().size());
    i = 0;
    for (const PlacedPoint& placed : image.points()) {
      const PointDefinition& definition = *placed.definition;
      const DecodedPoint& out = decoded[i++];
      CAPTURE(placed.path);
      CHECK(out.name == placed.path);
      CHECK(out.unit == definition.unit);
      if (definition.type == Type::string) {
        CHECK(out.raw == std::string(std::size_t{definition.size} * 2, 'x'));
      } else if (is_number(definition.type) && std::ranges::find(counts, placed.offset) == counts.end()) {
        const std::uint64_t raw = raw_for(placed, i);
        CHECK(out.implemented);
        double number = static_cast<double>(raw);
        if (is_signed(definition.type)) number = static_cast<double>(to_signed(raw, definition.size));
        if (is_float(definition.type)) number = static_cast<double>(i) + 0.25;
        int exponent = placed.exponent;
        if (placed.scale_offset) exponent = *scale_factor(image.registers()[*placed.scale_offset]);
        REQUIRE(out.value);
        CHECK(*out.value == doctest::Approx(number * std::pow(10.0, exponent)).epsilon(1e-15));
      }
    }
  }
}

TEST_CASE("a model where nothing is set has nothing implemented") {
  for (const ModelDefinition* model : all_models()) {
    CAPTURE(model->id);
    const auto counts = count_offsets(*model);
    for (const DecodedPoint& out : decode(ModelImage(*model))) {
      CAPTURE(out.name);
      if (std::ranges::find(counts, out.offset) != counts.end()) continue;
      // A mandatory accumulator has no way to say so: 0 is what it has counted.
      const bool counts_from_0 = is_accumulator(out.type) && out.implemented;
      CHECK((counts_from_0 || !out.implemented));
      if (counts_from_0) CHECK(out.raw == "0");
    }
  }
}

TEST_CASE("a value without its scale factor is no value") {
  ModelImage image(*find_model(103));
  image.set_raw("W", 4980);
  const auto decoded = decode(image);
  CHECK(point(decoded, "W").implemented);
  CHECK(point(decoded, "W").raw == "4980");
  CHECK(!point(decoded, "W").value);
  for (const int bad : {-11, 11, 100}) {
    image.set_raw("W_SF", static_cast<std::uint16_t>(bad));
    CHECK(!point(decode(image), "W").value);
  }
}

TEST_CASE("values are set as people say them") {
  ModelImage image(*find_model(103));
  image.set("W", -4980).set("PhVphA", 230.4).set("Hz", 50.01).set("WH", 4'294'967'296.0 + 7).set_raw("St", 4);
  const auto decoded = decode(image);
  CHECK(point(decoded, "W").value == -4980);
  CHECK(point(decoded, "PhVphA").value == 230.4);
  CHECK(point(decoded, "PhVphA").raw == "2304");
  CHECK(point(decoded, "Hz").value == 50.01);
  CHECK(point(decoded, "WH").value == 7);  // wrapped, as an acc32 does
  CHECK(point(decoded, "St").value == 4);

  image.set("W_SF", 2).set("W", 1'234'500);
  CHECK(point(decode(image), "W").raw == "12345");
  image.set("W", std::numeric_limits<double>::quiet_NaN());
  CHECK(!point(decode(image), "W").implemented);

  CHECK_THROWS_WITH(image.set("Watts", 1), "model 103 has no point \"Watts\"");
  CHECK_THROWS_WITH(image.set("Hz", 1000), "Hz = 1000 does not fit 1 registers: choose a larger Hz_SF");
  CHECK_THROWS(image.set("Hz", -1));
  CHECK_THROWS(image.set("W", "much"));
}

TEST_CASE("a shorter device lacks the points beyond its length, a longer one hides nothing") {
  ModelImage shorter(*find_model(103), {.length = 14});  // up to and with W_SF
  shorter.set("W", 100);
  const auto decoded = decode(shorter);
  CHECK(point(decoded, "W").value == 100);
  CHECK(std::ranges::find(decoded, "Hz", &DecodedPoint::name) == decoded.end());

  // W is there, W_SF is not: W is nothing.
  const auto cut = decode(ModelImage(*find_model(103), {.length = 13}));
  CHECK(std::ranges::find(cut, "W", &DecodedPoint::name) == cut.end());

  ModelImage longer(*find_model(103), {.length = 80});
  longer.set("W", 100);
  CHECK(point(decode(longer), "W").value == 100);
  CHECK(decode(longer).size() == decode(ModelImage(*find_model(103))).size());
}

TEST_CASE("decoding survives a model cut at every register, and a false count") {
  const ModelImage image(*find_model(705), every_group_twice);
  const auto bytes = to_bytes(image.registers());
  std::size_t last = 0;
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    const auto decoded = decode_model(*find_model(705), Bytes(bytes).first(n));
    CHECK(decoded.size() >= last);
    last = decoded.size();
  }
  CHECK(last == image.points().size());

  ModelImage ports(*find_model(714));
  ports.set_raw("NPrt", 60000);
  CHECK(decode(ports).size() == ports.points().size());
  ports.set_raw("NPrt", 0xFFFF);
  CHECK(decode(ports).size() == find_model(714)->points.size());
}

TEST_CASE("texts lose their padding and what can not be printed") {
  ModelImage image(*find_model(1));
  image.set("Mn", "ABB  ").set("Md", "B\x01\xFF 23");
  const auto decoded = decode(image);
  CHECK(point(decoded, "Mn").raw == "ABB");
  CHECK(point(decoded, "Md").raw == "B?? 23");
  CHECK(!point(decoded, "SN").implemented);
}

TEST_CASE("sentinels are those of the standard") {
  CHECK(is_sentinel(Type::int16, 0x8000));
  CHECK(is_sentinel(Type::uint16, 0xFFFF));
  CHECK(is_sentinel(Type::enum16, 0xFFFF));
  CHECK(is_sentinel(Type::sunssf, 0x8000));
  CHECK(is_sentinel(Type::acc16, 0));
  CHECK(is_sentinel(Type::acc32, 0));
  CHECK(is_sentinel(Type::acc64, 0));
  CHECK(is_sentinel(Type::int32, 0x8000'0000));
  CHECK(is_sentinel(Type::uint32, 0xFFFF'FFFF));
  CHECK(is_sentinel(Type::int64, 0x8000'0000'0000'0000));
  CHECK(is_sentinel(Type::uint64, 0xFFFF'FFFF'FFFF'FFFF));
  CHECK(is_sentinel(Type::bitfield16, 0x8001));
  CHECK(is_sentinel(Type::bitfield32, 0x8000'0001));
  CHECK(is_sentinel(Type::float32, 0x7FC0'0000));
  CHECK(is_sentinel(Type::float32, 0xFFC0'0001));
  CHECK(is_sentinel(Type::float64, 0x7FF8'0000'0000'0000));
  CHECK(!is_sentinel(Type::float32, 0x7F80'0000));  // infinity is a number, if a bad one
  CHECK(!is_sentinel(Type::uint16, 0x8000));
  CHECK(!is_sentinel(Type::int16, 0xFFFF));
}

}  // namespace iw::sunspec
