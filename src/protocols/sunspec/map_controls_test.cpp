// What can be set: limits, what makes the device obey, what lets it fall back.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "protocols/sunspec/map_test.hpp"

namespace iw::sunspec {

TEST_CASE("limits in percent are watts of the rating") {
  Image image;
  image.add(1);
  image.add(103);
  image.add(121).set("WMax", 8000);
  image.add(123).set("WMaxLimPct", 50).set_raw("Conn", 1);
  image.add(124).set("WChaMax", 5000).set("InWRte", 20).set("OutWRte", 100);
  const RegisterMap map = make_map(discover(image));
  const RegisterPoint& limit = get(map, "ActivePowerLimit");
  CHECK(limit.point.writable);
  CHECK(limit.point.minimum == 0);
  CHECK(limit.point.maximum == 8000);
  const auto all = values(image);
  CHECK(value(all, "ActivePowerLimit") == 4000);
  CHECK(value(all, "battery/ActivePowerLimit.charge") == 1000);
  CHECK(value(all, "battery/ActivePowerLimit.discharge") == 5000);
  CHECK(value(all, "ConnectCommand") == 1);
  CHECK(get(map, "ConnectCommand").point.maximum == 1);

  Image unrated;
  unrated.add(1);
  unrated.add(123).set("WMaxLimPct", 50);
  CHECK(find(make_map(discover(unrated)), "ActivePowerLimit") == nullptr);
}

TEST_CASE("a control carries what makes the device obey it") {
  using Enables = std::vector<modbus::EnableRegister>;
  Image image;
  image.add(1);
  image.add(103);
  image.add(121).set("WMax", 8000);
  const auto& immediate = image.add(123);
  const auto& storage = image.add(124).set("WChaMax", 5000);
  const auto at = [&](const ModelImage& model, std::string_view point) {
    return static_cast<std::uint16_t>(image.address(model) + model.offset(point));
  };
  const RegisterMap map = make_map(discover(image));
  const RegisterPoint& limit = get(map, "ActivePowerLimit");
  CHECK(limit.enables == Enables{{.address = at(immediate, "WMaxLim_Ena"), .value = 1}});
  CHECK(limit.point.source.ends_with(
      fmt::format(", enabled by WMaxLim_Ena at {}", at(immediate, "WMaxLim_Ena"))));
  const std::uint16_t mode = at(storage, "StorCtl_Mod");
  CHECK(get(map, "battery/ActivePowerLimit.charge").enables ==
        Enables{{.address = mode, .value = 1, .mask = 1}});
  CHECK(get(map, "battery/ActivePowerLimit.discharge").enables ==
        Enables{{.address = mode, .value = 2, .mask = 2}});
  CHECK(get(map, "ConnectCommand").enables.empty());

  Image der;
  der.add(1);
  der.add(702).set("WMax", 9000);
  const auto& ac = der.add(704);
  const auto in_ac = [&](std::string_view point) {
    return static_cast<std::uint16_t>(der.address(ac) + ac.offset(point));
  };
  const RegisterMap controls = make_map(discover(der));
  CHECK(get(controls, "ActivePowerLimit").enables == Enables{{.address = in_ac("WMaxLimPctEna")}});
  CHECK(
      get(controls, "ActivePowerSetpoint").enables ==
      Enables{{.address = in_ac("WSetMod"), .value = 1, .sentinel = 0xFFFF}, {.address = in_ac("WSetEna")}});
  CHECK(get(controls, "ReactivePowerSetpoint").enables ==
        Enables{{.address = in_ac("VarSetMod"), .value = 4, .sentinel = 0xFFFF},
                {.address = in_ac("VarSetEna")}});
}

TEST_CASE("a control carries the timer after which its device falls back, where the device has one") {
  Image image;
  image.add(1);
  image.add(103);
  image.add(121).set("WMax", 8000);
  const auto& immediate = image.add(123).set_raw("WMaxLimPct_RvrtTms", 0);
  image.add(124).set("WChaMax", 5000);
  const RegisterMap map = make_map(discover(image));
  const RegisterPoint& limit = get(map, "ActivePowerLimit");
  const auto timer_at =
      static_cast<std::uint16_t>(image.address(immediate) + immediate.offset("WMaxLimPct_RvrtTms"));
  CHECK(limit.revert_timer == modbus::RevertTimer{.address = timer_at});
  CHECK(limit.point.fallback == model::Fallback{});
  CHECK_FALSE(get(map, "battery/ActivePowerLimit.charge").revert_timer);  // the device says that it has none
  CHECK_FALSE(get(map, "battery/ActivePowerLimit.charge").point.fallback);
  CHECK_FALSE(get(map, "ConnectCommand").revert_timer);

  Image der;
  der.add(1);
  der.add(702).set("WMax", 9000);
  const auto& ac = der.add(704)
                       .set_raw("WSetRvrtTms", 0)
                       .set_raw("WSetRvrt", 0)
                       .set_raw("WSetEnaRvrt", 0)
                       .set_raw("WMaxLimPctRvrtTms", 0);
  const auto in_ac = [&](std::string_view point) {
    return static_cast<std::uint16_t>(der.address(ac) + ac.offset(point));
  };
  const RegisterMap controls = make_map(discover(der));
  CHECK(get(controls, "ActivePowerSetpoint").revert_timer ==
        modbus::RevertTimer{.address = in_ac("WSetRvrtTms"),
                            .type = modbus::ValueType::u32,
                            .value_address = in_ac("WSetRvrt"),
                            .value_enable = modbus::EnableRegister{.address = in_ac("WSetEnaRvrt")}});
  CHECK(get(controls, "ActivePowerSetpoint").point.fallback ==
        model::Fallback{.after = {}, .to_value = true});
  CHECK(get(controls, "ActivePowerLimit").point.fallback == model::Fallback{});  // without WMaxLimPctRvrt
}

TEST_CASE("every row of the revertings names a control and what lets it fall back, all in the same model") {
  for (const Reverting& row : revertings()) {
    CAPTURE(row.model);
    CAPTURE(row.point);
    const ModelDefinition* model = find_model(row.model);
    REQUIRE(model != nullptr);
    const auto points = ModelImage(*model).points();
    const auto control = std::ranges::find(points, row.point, &PlacedPoint::family);
    REQUIRE(control != points.end());
    const PointDefinition* time = model->find(row.time);
    REQUIRE(time != nullptr);
    CHECK(time->writable());
    CHECK(time->unit == "Secs");
    CHECK(row.value.empty() == row.enable.empty());
    if (row.value.empty()) continue;
    const PointDefinition* value = model->find(row.value);
    const PointDefinition* enable = model->find(row.enable);
    REQUIRE(value != nullptr);
    REQUIRE(enable != nullptr);
    CHECK(value->type == control->definition->type);
    CHECK(value->scale_factor == control->definition->scale_factor);
    CHECK(enable->type == Type::enum16);
  }
}

TEST_CASE("every row of the enablings names a control and a register that enables it, both writable") {
  for (const Enabling& row : enablings()) {
    CAPTURE(row.model);
    CAPTURE(row.point);
    CAPTURE(row.by);
    const ModelDefinition* model = find_model(row.model);
    REQUIRE(model != nullptr);
    const auto points = ModelImage(*model).points();
    const auto control = std::ranges::find(points, row.point, &PlacedPoint::family);
    REQUIRE(control != points.end());
    CHECK(control->definition->writable());
    const PointDefinition* by = model->find(row.by);
    REQUIRE(by != nullptr);
    CHECK(by->writable());
    CHECK((by->type == Type::enum16 || by->type == Type::bitfield16));
    CHECK((row.value & ~unsigned{row.mask}) == 0);
  }
}

TEST_CASE("setpoints of model 704 are turned into the load frame") {
  Image image;
  image.add(1);
  image.add(701);
  image.add(702).set("WMaxRtg", 10000).set("WMax", 9000);
  image.add(704).set("WSet", 2500).set("VarSet", -300).set("WMaxLimPct", 10);
  const RegisterMap map = make_map(discover(image));
  const auto all = values(image);
  CHECK(value(all, "ActivePowerSetpoint") == -2500);
  CHECK(value(all, "ReactivePowerSetpoint") == 300);
  CHECK(value(all, "ActivePowerLimit") == 900);
  CHECK(get(map, "ActivePowerSetpoint").point.minimum == -9000);
  CHECK(get(map, "ActivePowerSetpoint").point.maximum == 9000);
  for (const RegisterPoint& point : map.points) {
    const bool can_be_set = point.point.name.quantity == model::Quantity::ActivePowerSetpoint ||
                            point.point.name.quantity == model::Quantity::ReactivePowerSetpoint ||
                            point.point.name.quantity == model::Quantity::ActivePowerLimit;
    CHECK(point.point.writable == can_be_set);
  }
}

TEST_CASE(
    "every row of the mapping names a real point, a possible phase, and writes only what can be written") {
  for (const Mapping& row : mappings()) {
    CAPTURE(row.first);
    CAPTURE(row.point);
    CHECK(model::canonical_phase(row.quantity, row.phase) == row.phase);
    bool real = false;
    for (const ModelDefinition* model : all_models()) {
      if (model->id < row.first || model->id > row.last) continue;
      for (const PlacedPoint& placed : ModelImage(*model).points()) {
        if (placed.family != row.point) continue;
        real = true;
        if (row.more.writable) CHECK(placed.definition->writable());
      }
    }
    CHECK(real);
  }
  for (const std::uint16_t id : preference())
    CHECK(find_model(id) != nullptr);
}

}  // namespace iw::sunspec
