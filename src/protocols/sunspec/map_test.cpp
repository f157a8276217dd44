#include "protocols/sunspec/map.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "model/asset.hpp"
#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/image.hpp"
#include "protocols/sunspec/mapping.hpp"
#include "protocols/sunspec/test_device.hpp"

namespace iw::sunspec {

namespace {

using modbus::RegisterMap;
using modbus::RegisterPoint;

Chain discover(const Image& image) {
  TestDevice device(image);
  Discovery discovery;
  REQUIRE(std::holds_alternative<Done>(device.answer(discovery)));
  return discovery.chain();
}

std::string full_name(const RegisterPoint& point) {
  return (point.point.role.empty() ? "" : point.point.role + "/") + to_string(point.point.name);
}

const RegisterPoint* find(const RegisterMap& map, std::string_view name) {
  const auto found = std::ranges::find(map.points, name, full_name);
  return found == map.points.end() ? nullptr : &*found;
}

const RegisterPoint& get(const RegisterMap& map, std::string_view name) {
  const RegisterPoint* point = find(map, name);
  REQUIRE_MESSAGE(point != nullptr, name);
  return *point;
}

// What registers.hpp promises of a RegisterPoint, done slowly: none is "not available".
std::optional<double> evaluate(const RegisterPoint& point,
                               const std::map<std::uint32_t, std::uint16_t>& registers) {
  std::uint64_t raw = 0;
  const unsigned count = modbus::register_count(point);
  for (unsigned i = 0; i < count; ++i)
    raw = raw << 16U | registers.at(point.address + i);
  if (std::ranges::find(point.sentinels, raw) != point.sentinels.end()) return std::nullopt;
  if (point.zero_is_sentinel && raw == 0) return std::nullopt;
  if (point.bits != 0) raw = raw >> point.bit & ((1ULL << point.bits) - 1);
  const auto signed_raw = to_signed(raw, count);
  double value = static_cast<double>(raw);
  using enum modbus::ValueType;
  if (point.type == i16 || point.type == i32 || point.type == i64) value = static_cast<double>(signed_raw);
  if (point.type == f32) value = double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))};
  if (!std::isfinite(value)) return std::nullopt;
  if (!point.translate.empty()) {
    for (const auto& [from, to] : point.translate)
      if (from == static_cast<std::int64_t>(raw)) return static_cast<double>(to);
    return std::nullopt;
  }
  if (point.scale_register) {
    const auto exponent = scale_factor(registers.at(point.scale_register->address));
    if (!exponent) return std::nullopt;
    value = scale_by(value, *exponent);
  }
  value = value * point.scale + point.offset;
  return point.magnitude ? std::abs(value) : value;
}

std::map<std::string, std::optional<double>> values(const Image& image, const MapOptions& options = {}) {
  const TestDevice device(image);
  std::map<std::string, std::optional<double>> all;
  for (const RegisterPoint& point : make_map(discover(image), options).points)
    all[full_name(point)] = evaluate(point, device.registers);
  return all;
}

double value(const std::map<std::string, std::optional<double>>& all, const std::string& name) {
  const auto found = all.find(name);
  REQUIRE_MESSAGE(found != all.end(), name);
  REQUIRE_MESSAGE(found->second.has_value(), name);
  return *found->second;
}

// A PV inverter at noon: generates 4980 W, injects 1200 var (over-excited), and has done so for long. Each
// model says it in its own frame, under its own names.
Image noon(std::uint16_t model) {
  Image image;
  image.add(1);
  ModelImage& m = image.add(model);
  const bool is_float = model == 113 || model == 213;
  const double percent = model == 103 || model == 113 || model == 203 ? 100 : 1;
  if (model == 203) m.set("A_SF", -2).set("W_SF", 0).set("PF_SF", -1).set("TotWh_SF", 1);
  const bool load_frame = model == 203 || model == 213;
  const double sign = load_frame ? -1 : 1;
  m.set("W", sign * 4980).set(load_frame ? "VAR" : model == 701 ? "Var" : "VAr", sign * 1200).set("VA", 5120);
  m.set("PF", percent * (is_float ? -0.972 : 0.972)).set("A", 22.5).set("Hz", 50.01);
  if (model == 701) {
    m.set("AL1", 7.5).set("VL1", 230.5).set("VL2L3", 399.5).set("TotWhInj", 123'450).set("TotWhAbs", 650);
    m.set("TotVarhInj", 4000).set("TotVarhAbs", 3000).set_raw("InvSt", 3);
  } else if (load_frame) {
    m.set("AphA", 7.5).set("PhVphA", 230.5).set(is_float ? "PPVphBC" : "PhVphBC", 399.5);
    m.set("TotWhExp", 123'450).set("TotWhImp", 650);
    // Load frame: imports in Q1 and Q2, exports in Q3 and Q4.
    m.set("TotVArhImpQ1", 1000).set("TotVArhImpQ2", 2000).set("TotVArhExpQ3", 3500).set("TotVArhExpQ4", 500);
  } else {
    m.set("AphA", 7.5).set("PhVphA", 230.5).set("PPVphBC", 399.5).set("WH", 123'450).set_raw("St", 4);
  }
  return image;
}

}  // namespace

TEST_CASE("the same physical state gives the same numbers in every model") {
  for (const std::uint16_t model : std::vector<std::uint16_t>{103, 113, 701, 203, 213}) {
    CAPTURE(model);
    const auto all = values(noon(model));
    const auto approx = [](double v) { return doctest::Approx(v).epsilon(1e-6); };
    CHECK(value(all, "ActivePower") == approx(-4980));
    CHECK(value(all, "ReactivePower") == approx(-1200));
    CHECK(value(all, "ApparentPower") == approx(5120));
    CHECK(value(all, "PowerFactor") == approx(0.972));
    CHECK(value(all, "Current") == approx(22.5));
    CHECK(value(all, "Current.A") == approx(7.5));
    CHECK(value(all, "Voltage.LN.A") == approx(230.5));
    CHECK(value(all, "Voltage.LL.BC") == approx(399.5));
    CHECK(value(all, "Frequency") == approx(50.01));
    CHECK(value(all, "EnergyExport") == approx(123'450));
    if (model < 200) CHECK(!all.contains("EnergyImport"));
    if (model > 200) CHECK(value(all, "EnergyImport") == approx(650));
    if (model < 200 || model == 701) CHECK(value(all, "OperatingState") == 3);
    if (model == 701) {
      CHECK(value(all, "ReactiveEnergyExport") == 4000);
      CHECK(value(all, "ReactiveEnergyImport") == 3000);
    }
    if (model == 203 || model == 213) {
      CHECK(value(all, "ReactiveEnergy.Q1") + value(all, "ReactiveEnergy.Q2") == approx(3000));
      CHECK(value(all, "ReactiveEnergy.Q3") + value(all, "ReactiveEnergy.Q4") == approx(4000));
    }
  }
}

TEST_CASE("a meter that counts export as positive is turned, its energies are not") {
  Image image;
  image.add(1);
  image.add(203).set("W", 4980).set("VAR", 1200).set("WphB", 1660).set("TotWhExp", 1000).set("TotWhImp", 10);
  const auto all = values(image, {.meter_sign = -1});
  CHECK(value(all, "ActivePower") == -4980);
  CHECK(value(all, "ActivePower.B") == -1660);
  CHECK(value(all, "ReactivePower") == -1200);
  CHECK(value(all, "EnergyExport") == 1000);
  CHECK(value(all, "EnergyImport") == 10);
}

TEST_CASE("operating states have one numbering and one set of texts") {
  for (int state = 0; state < 8; ++state) {
    Image old;
    old.add(1);
    old.add(103).set_raw("St", static_cast<std::uint64_t>(state + 1));
    Image now;
    now.add(1);
    now.add(701).set_raw("InvSt", static_cast<std::uint64_t>(state));
    CHECK(value(values(old), "OperatingState") == state);
    CHECK(value(values(now), "OperatingState") == state);
    const auto old_map = make_map(discover(old));
    const auto now_map = make_map(discover(now));
    const auto& old_texts = get(old_map, "OperatingState").point.texts;
    const auto& now_texts = get(now_map, "OperatingState").point.texts;
    CHECK(old_texts[static_cast<std::size_t>(state)] == now_texts[static_cast<std::size_t>(state)]);
  }
  Image odd;
  odd.add(1);
  odd.add(103).set_raw("St", 77);
  CHECK(!values(odd).at("OperatingState"));
}

TEST_CASE("an inverter without inputs of PV is one asset with its battery, + is charging") {
  Image image;
  image.add(1);
  image.add(701).set("W", -2000);  // the inverter takes power from the grid
  image.add(713).set("SoC", 55).set("SoH", 98).set("WHRtg", 10000).set("WHAvail", 5390).set_raw("Sta", 1);
  image.add(802)
      .set("SoC", 55.5)
      .set("SoH", 98)
      .set("V", 400)
      .set("A", -4.8)
      .set("W", -1920)
      .set_raw("ChaSt", 4)
      .set_raw("State", 3);
  const auto all = values(image);
  CHECK(value(all, "ActivePower") == 2000);
  CHECK(value(all, "DcPower") == 1920);
  CHECK(value(all, "DcCurrent") == 4.8);
  CHECK(value(all, "DcVoltage") == 400);
  CHECK(value(all, "BatteryState") == 0);
  CHECK(value(all, "StateOfCharge") == 55.5);  // 802 before 713
  CHECK(value(all, "StoredEnergy") == 5390);
  CHECK(value(all, "StateOfHealth") == doctest::Approx(98));

  CHECK(value(values(image, {.battery_sign = 1}), "DcPower") == -1920);
}

TEST_CASE("a nameplate alone does not make a battery") {
  Image pv;
  pv.add(1);
  pv.add(103);
  pv.add(120).set("WHRtg", 5000).set("WRtg", 8000);
  CHECK(find(make_map(discover(pv)), "battery/RatedEnergy") == nullptr);
  Image hybrid;
  hybrid.add(1);
  hybrid.add(103);
  hybrid.add(120).set("WHRtg", 5000).set("WRtg", 8000);
  hybrid.add(124).set("ChaState", 41).set_raw("ChaSt", 3);
  const auto all = values(hybrid);
  CHECK(value(all, "battery/RatedEnergy") == 5000);
  CHECK(value(all, "battery/StateOfCharge") == 41);
  CHECK(value(all, "battery/BatteryState") == 1);
  CHECK(value(all, "RatedPower") == 8000);
}

TEST_CASE("DC inputs are components, generation is negative") {
  Image image;
  image.add(1);
  image.add(103).set("DCW", 5100);
  image.add(160, {.repeat = {{"module", 2}}})
      .set("module[1].DCW", 3000)
      .set("module[1].DCV", 600)
      .set("module[2].DCW", 2100)
      .set("module[2].DCWH", 777);
  const auto all = values(image);
  CHECK(value(all, "DcPower") == -5100);
  CHECK(value(all, "DcPower.mppt1") == -3000);
  CHECK(value(all, "DcVoltage.mppt1") == 600);
  CHECK(value(all, "DcPower.mppt2") == -2100);
  CHECK(value(all, "DcEnergy.mppt2") == 777);
  CHECK(!all.contains("DcPower.mppt3"));
}

TEST_CASE("ports of model 714 are named by what is connected") {
  Image image;
  image.add(1);
  image.add(701);
  auto& ports = image.add(714, {.repeat = {{"NPrt", 4}}});
  ports.set_raw("Prt[1].PrtTyp", 1)
      .set_raw("Prt[2].PrtTyp", 0)
      .set_raw("Prt[3].PrtTyp", 2)
      .set_raw("Prt[4].PrtTyp", 0);
  for (int i = 1; i <= 4; ++i)
    ports.set("Prt[" + std::to_string(i) + "].DCW", 1000 * i);
  const auto all = values(image);
  CHECK(value(all, "battery/DcPower") == -1000);
  CHECK(value(all, "DcPower.mppt1") == -2000);
  CHECK(value(all, "DcPower.port3") == -3000);
  CHECK(value(all, "DcPower.mppt2") == -4000);
}

TEST_CASE("meters behind an inverter have roles of their own") {
  Image image;
  image.add(1);
  image.add(103).set("W", 1000);
  image.add(1);
  image.add(203).set("W", 2000);
  image.add(1);
  image.add(203).set("W", 3000);
  const auto all = values(image);
  CHECK(value(all, "ActivePower") == -1000);
  CHECK(value(all, "meter/ActivePower") == 2000);
  CHECK(value(all, "meter2/ActivePower") == 3000);

  Image meters;
  meters.add(1);
  meters.add(203).set("W", 2000);
  meters.add(203).set("W", 3000);
  CHECK(value(values(meters), "ActivePower") == 2000);
  CHECK(value(values(meters), "meter2/ActivePower") == 3000);
}

TEST_CASE("the models say what the assets of a device are") {
  using Kinds = std::map<std::string, model::AssetKind, std::less<>>;
  using enum model::AssetKind;
  const auto kinds = [](std::initializer_list<std::uint16_t> models) {
    Image image;
    for (const std::uint16_t model : models)
      image.add(model);
    return make_map(discover(image)).kinds;
  };
  CHECK(kinds({1, 103}) == Kinds{{"", inverter}});
  CHECK(kinds({1, 113, 120, 160}) == Kinds{{"", inverter}});
  CHECK(kinds({1, 203}) == Kinds{{"", meter}});
  CHECK(kinds({1, 802}) == Kinds{{"", battery}});
  CHECK(kinds({1, 307}) == Kinds{{"", weather_station}});
  // With inputs of PV it is a hybrid, without them the inverter of the battery.
  CHECK(kinds({1, 103, 124, 160}) == Kinds{{"", inverter}, {"battery", battery}});
  CHECK(kinds({1, 701, 713}) == Kinds{{"", battery}});
  CHECK(kinds({1, 103, 1, 203, 1, 203}) == Kinds{{"", inverter}, {"meter", meter}, {"meter2", meter}});
}

TEST_CASE("each canonical point appears once, from the better model") {
  Image image;
  image.add(1);
  image.add(103).set("W", 1).set("WH", 1).set("TmpTrns", 40);
  image.add(113).set("W", 2);
  image.add(701).set("W", 3).set("TotWhInj", 3);
  image.add(120).set("WRtg", 4000);
  image.add(702).set("WMaxRtg", 5000);
  const RegisterMap map = make_map(discover(image));
  std::set<std::string> names;
  for (const RegisterPoint& point : map.points)
    CHECK(names.insert(full_name(point)).second);
  const auto all = values(image);
  CHECK(value(all, "ActivePower") == -3);
  CHECK(value(all, "EnergyExport") == 3);
  CHECK(value(all, "RatedPower") == 5000);
  CHECK(std::ranges::is_sorted(map.points, {}, &RegisterPoint::address));
}

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

TEST_CASE("models that are not mapped give no points") {
  Image image;
  image.add(1);
  image.add(126);
  image.add(ModelDefinition{.id = 64999, .name = "of a vendor"}, {.length = 9});
  CHECK(make_map(discover(image)).points.empty());
  CHECK(make_map(Chain{}).points.empty());
}

}  // namespace iw::sunspec
