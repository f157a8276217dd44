// Where values lie: scale factors, what one request holds, what is not implemented.
#include <string>

#include <doctest/doctest.h>

#include "protocols/sunspec/map_test.hpp"

namespace iw::sunspec {

TEST_CASE("a point says where it comes from, and reads its scale factor with its value") {
  Image image;
  image.add(1).set("Mn", "Maker").set("SN", "7");
  image.add(103).set("W", 4980).set("PF", 97);
  const RegisterMap map = make_map(discover(image));
  CHECK(map.identity.manufacturer == "Maker");
  CHECK(map.identity.serial_number == "7");
  const RegisterPoint& power = get(map, "ActivePower");
  CHECK(power.table == modbus::Table::holding_registers);
  CHECK(power.address == 40084);
  CHECK(power.type == modbus::ValueType::i16);
  REQUIRE(power.scale_register);
  CHECK(power.scale_register->address == 40085);
  CHECK(power.scale == -1);
  CHECK(power.point.source == "103.W at 40084 int16 x 10^W_SF(40085) x -1");
  CHECK(power.point.rate == model::RateClass::fast);
  CHECK(get(map, "Voltage.LN.A").point.source == "103.PhVphA at 40080 uint16 x 10^V_SF(40083)");
  CHECK(get(map, "EnergyExport").type == modbus::ValueType::u32);
  CHECK(get(map, "EnergyExport").point.rate == model::RateClass::slow);
}

TEST_CASE("scale factors beside their values change with them") {
  Image image;
  image.add(1);
  ModelImage& inverter = image.add(103);
  inverter.set("W_SF", 0).set("W", 4980);
  const RegisterMap map = make_map(discover(image));
  inverter.set("W_SF", 1).set("W", 49'800);
  CHECK(evaluate(get(map, "ActivePower"), TestDevice(image).registers) == -49'800);
}

TEST_CASE("value and scale factor of every point fit one request") {
  for (const ModelDefinition* model : all_models()) {
    CAPTURE(model->id);
    Image image;
    image.add(1);
    auto& m = image.add(*model, {.repeat = {{"NPrt", 12}, {"module", 12}, {"NStr", 12}}});
    for (const PlacedPoint& placed : m.points())
      if (placed.definition->type == Type::sunssf) m.set(placed.path, -1);
    for (const RegisterPoint& point : make_map(discover(image)).points) {
      if (!point.scale_register) continue;
      const int first = std::min<int>(point.address, point.scale_register->address);
      const int end =
          std::max<int>(point.address + modbus::register_count(point), point.scale_register->address + 1);
      CHECK(end - first <= 125);
    }
  }
}

TEST_CASE("a scale factor out of reach is that of the discovery") {
  Image image;
  image.add(1);
  image.add(160, {.repeat = {{"module", 12}}})
      .set("DCW_SF", 1)
      .set("module[1].DCW", 500)
      .set("module[12].DCW", 700);
  const RegisterMap map = make_map(discover(image));
  CHECK(get(map, "DcPower.mppt1").scale_register);
  const RegisterPoint& far = get(map, "DcPower.mppt12");
  CHECK(!far.scale_register);
  CHECK(far.scale == -10);
  CHECK(far.point.source == "160.module[12].DCW at 40311 uint16 x 10^1 (DCW_SF) x -1");
  CHECK(evaluate(far, TestDevice(image).registers) == -700);
}

TEST_CASE("what is not implemented is not available") {
  for (const ModelDefinition* model : all_models()) {
    CAPTURE(model->id);
    Image image;
    image.add(1);
    image.add(*model);
    for (const auto& [name, v] : values(image)) {
      CAPTURE(name);
      // Mandatory accumulators have no way to say so.
      if (name.find("Energy") != std::string::npos && v) {
        CHECK(*v == 0);
      } else {
        CHECK(!v);
      }
    }
  }
}

TEST_CASE("a scale factor that is not implemented makes its values not available, but for an override") {
  Image image;
  image.add(1);
  image.add(203).set_raw("Hz", 5001).set_raw("W", 10);
  CHECK(!values(image).at("Frequency"));
  const MapOptions options{.scale_overrides = {{203, "Hz_SF", -2}}};
  CHECK(value(values(image, options), "Frequency") == doctest::Approx(50.01));
  CHECK(!values(image, options).at("ActivePower"));
}

TEST_CASE("points beyond the device's length are left out") {
  Image image;
  image.add(1);
  image.add(103, {.length = 16}).set("W", 100).set("Hz", 50);
  const auto all = values(image);
  CHECK(value(all, "ActivePower") == -100);
  CHECK(value(all, "Frequency") == 50);
  CHECK(!all.contains("ApparentPower"));
  CHECK(!all.contains("EnergyExport"));
}

}  // namespace iw::sunspec
