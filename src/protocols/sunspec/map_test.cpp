// Which points a device has, what they are called, and that all models mean the same.
#include "protocols/sunspec/map_test.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

namespace iw::sunspec {
namespace {

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

TEST_CASE("models that are not mapped give no points") {
  Image image;
  image.add(1);
  image.add(126);
  image.add(ModelDefinition{.id = 64999, .name = "of a vendor"}, {.length = 9});
  CHECK(make_map(discover(image)).points.empty());
  CHECK(make_map(Chain{}).points.empty());
}

}  // namespace iw::sunspec
