#include "protocols/modbus/profile.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "config/document.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

// A profile with these points (a line each, from line 7 on) and perhaps other lines after them.
std::string profile_text(std::string_view points, std::string_view base = "pdu", std::string_view more = "") {
  return fmt::format(
      "profile: acme/box\n"
      "manufacturer: Acme\n"
      "models: [Box]\n"
      "assets: [{{kind: inverter}}, {{role: battery, kind: battery}}]\n"
      "address_base: {}\n"
      "points:\n"
      "{}\n"
      "{}",
      base, points, more);
}

Profile load(const std::string& text) {
  config::Findings findings;
  auto profile = load_profile("box.yaml", text, findings);
  REQUIRE_MESSAGE(profile, config::to_string(findings));
  CHECK(config::to_string(findings) == "");
  return std::move(*profile);
}

RegisterPoint point(std::string_view row, std::string_view base = "pdu") {
  return load(profile_text(fmt::format("  - {}", row), base)).map.points.at(0);
}

// All findings of a text that is no good.
std::string findings_of(const std::string& text) {
  config::Findings findings;
  CHECK_FALSE(load_profile("box.yaml", text, findings));
  std::string all = config::to_string(findings);
  if (all.ends_with('\n')) all.pop_back();
  return all;
}

// Of a single point, which stands in line 7.
std::string finding(std::string_view row, std::string_view base = "pdu", std::string_view more = "") {
  return findings_of(profile_text(fmt::format("  - {}", row), base, more));
}

}  // namespace

TEST_CASE("a profile carries what an integrator needs to know") {
  const Profile p = load(
      "profile: acme/box-1\n"
      "manufacturer: Acme\n"
      "models: [Box 1, Box 2]\n"
      "description: A box.\n"
      "assets: [{kind: inverter}, {role: battery, kind: battery}]\n"
      "address_base: pdu\n"
      "caveats:\n"
      "  - text: Ask first.\n"
      "    link: https://example.org\n"
      "connection:\n"
      "  port: 1502\n"
      "  unit: 3\n"
      "  timeout: 5s\n"
      "  connect_delay: 1s\n"
      "  gap: 50ms\n"
      "  in_flight: 2\n"
      "  max_connections: 1\n"
      "  serial: {baud: 19200, parity: even}\n"
      "limits: {max_registers: 80, max_gap: 4, write_single: false}\n"
      "identity:\n"
      "  model: {address: 100, registers: 8}\n"
      "  serial_number: {address: 120, type: u32}\n"
      "detect:\n"
      "  - {vendor: Acme, product: Box}\n"
      "  - {address: 100, registers: 8, text: BOX}\n"
      "  - {address: 99, equals: 7}\n"
      "points:\n"
      "  - {name: ActivePower, address: 0, type: i32, unit: W}\n");
  CHECK(p.id == "acme/box-1");
  CHECK(p.models == std::vector<std::string>{"Box 1", "Box 2"});
  CHECK(p.assets[1] == ServedAsset{.role = "battery", .kind = model::AssetKind::battery});
  CHECK(p.caveats[0].link == "https://example.org");
  CHECK(p.connection.port == 1502);
  CHECK(p.connection.unit == 3);
  CHECK(p.connection.timeout == 5s);
  CHECK(p.connection.connect_delay == 1s);
  CHECK(p.connection.gap == 50ms);
  CHECK(p.connection.in_flight == 2);
  CHECK(p.connection.max_connections == 1);
  CHECK(p.connection.serial->baud == 19200);
  CHECK(p.connection.serial->parity == io::Parity::even);
  CHECK(p.map.limits == DeviceLimits{.max_registers = 80, .max_gap = 4, .write_single = false});
  CHECK(p.map.identity.manufacturer == "Acme");
  REQUIRE(p.identity.size() == 2);
  CHECK(p.identity[0].type == ValueType::string);
  CHECK(p.identity[0].string_registers == 8);
  CHECK(p.identity[1].point.name.component == "serial_number");
  CHECK(p.identity[1].type == ValueType::u32);
  REQUIRE(p.detect.size() == 3);
  CHECK(p.detect[0].product == "Box");
  CHECK(p.detect[1].probe->address == 100);
  CHECK(p.detect[2].equals == 7);
}

TEST_CASE("a point is converted once to the canonical unit and sign") {
  const auto p =
      point("{name: ActivePower, address: 0x10, type: i32, unit: kW, scale: 0.1, negate: true, rate: fast}");
  CHECK(p.address == 16);
  CHECK(p.table == Table::holding_registers);
  CHECK(p.scale == -100);
  CHECK(p.offset == 0);
  CHECK(p.point.rate == model::RateClass::fast);
  CHECK(p.point.source == "holding 16 i32 x 0.1 kW");
  const auto t = point("{name: AirTemperature, address: 1, type: i16, unit: K, scale: 0.1}");
  CHECK(t.scale == 0.1);
  CHECK(t.offset == doctest::Approx(-273.15));
  const auto o = point("{name: AirTemperature, address: 1, type: u16, unit: degC, scale: 0.1, offset: -40}");
  CHECK(o.offset == -40);
}

TEST_CASE("limits of a set-point are in its unit and come out canonical") {
  const auto p = point(
      "{name: ActivePowerSetpoint, address: 1, type: i16, unit: kW, negate: true, writable: true, min: -5, "
      "max: 4}");
  CHECK(p.point.writable);
  CHECK(p.point.minimum == -5000);
  CHECK(p.point.maximum == 4000);
}

TEST_CASE("states keep their texts, and bits their place") {
  const auto s = point("{name: OperatingState, address: 1, type: u16, texts: {0: idle, 0x10: running}}");
  CHECK(s.point.texts == std::vector<std::pair<std::int64_t, std::string>>{{0, "idle"}, {16, "running"}});
  const auto b = point("{name: OperatingState, address: 1, type: u16, bit: 4, bits: 3}");
  CHECK(b.bit == 4);
  CHECK(b.bits == 3);
  CHECK(b.point.source == "holding 1 u16 bits 4..6");
  const auto c = point("{name: GridConnection, table: coil, address: 5}");
  CHECK(c.type == ValueType::boolean);
  CHECK(c.table == Table::coils);
}

TEST_CASE("defaults hold for what a point does not say") {
  const Profile p = load(profile_text(
      "  - {name: ActivePower, address: 0, unit: W}\n"
      "  - {name: Frequency, address: 2, type: u16, unit: Hz, table: holding, order: abcd, rate: fast, "
      "sentinels: []}",
      "pdu",
      "defaults: {table: input, type: i32, order: cdab, rate: slow, sentinels: [min, ones, 0x7FFFFFFF]}\n"));
  const RegisterPoint& power = p.map.points[0];
  CHECK(power.table == Table::input_registers);
  CHECK(power.type == ValueType::i32);
  CHECK(power.order == ByteOrder::cdab);
  CHECK(power.point.rate == model::RateClass::slow);
  CHECK(power.sentinels ==
        std::vector<std::uint64_t>{0x7FFFFFFF, 0x80000000});  // ones is not of signed numbers
  const RegisterPoint& frequency = p.map.points[1];
  CHECK(frequency.table == Table::holding_registers);
  CHECK(frequency.point.rate == model::RateClass::fast);
  CHECK(frequency.sentinels.empty());
}

TEST_CASE("sentinels by name fit the width of the type") {
  const auto of = [](std::string_view type, std::string_view name) {
    return point(fmt::format("{{name: Count, address: 0, type: {}, sentinels: [{}]}}", type, name))
        .sentinels.at(0);
  };
  CHECK(of("i16", "min") == 0x8000);
  CHECK(of("i32", "max") == 0x7FFFFFFF);
  CHECK(of("i64", "min") == 0x8000000000000000);
  CHECK(of("u16", "ones") == 0xFFFF);
  CHECK(of("u48", "ones") == 0xFFFFFFFFFFFF);
  CHECK(of("u64", "ones") == 0xFFFFFFFFFFFFFFFF);
  CHECK(of("f32", "0xFF7FFFFF") == 0xFF7FFFFF);
}

TEST_CASE("addresses are written as the file says, and leave as those of the PDU") {
  CHECK(point("{name: Count, address: 40001, type: u16}").address == 40001);
  CHECK(point("{name: Count, address: 3000, type: u16}", "one").address == 2999);
  const auto holding = point("{name: Count, address: 40001, type: u16}", "entity");
  CHECK(holding.address == 0);
  CHECK(holding.table == Table::holding_registers);
  const auto input = point("{name: Count, address: 30010, type: u16}", "entity");
  CHECK(input.address == 9);
  CHECK(input.table == Table::input_registers);
  CHECK(point("{name: Count, address: 465536, type: u16}", "entity").address == 65535);
  CHECK(point("{name: GridConnection, address: 10003}", "entity").table == Table::discrete_inputs);
  CHECK(point("{name: GridConnection, address: 3}", "entity").address == 2);

  CHECK(finding("{name: Count, address: 0, type: u16}", "one") ==
        "box.yaml:7:28: points[0].address: 0 is out of range, allowed are 1 to 65536 with address_base one");
  CHECK(finding("{name: Count, address: 70000, type: u16}") ==
        "box.yaml:7:28: points[0].address: 70000 is out of range, allowed are 0 to 65535 with address_base "
        "pdu");
  CHECK(finding("{name: Count, address: 20001, type: u16}", "entity") ==
        "box.yaml:7:28: points[0].address: 20001 is no entity number; write 1.., 10001.., 30001.. or "
        "40001.., or "
        "change address_base");
  CHECK(finding("{name: Count, address: 40001, type: u16, table: input}", "entity") ==
        "box.yaml:7:53: points[0].table: 40001 is of the table holding, not input");
  CHECK(finding("{name: Count, address: 40000, type: u16}", "entity").find("no entity number") !=
        std::string::npos);
}

TEST_CASE("what does not fit is refused where it stands") {
  CHECK(finding("{name: ActivPower, address: 0, type: u16, unit: W}").find("did you mean 'ActivePower'") !=
        std::string::npos);
  CHECK(finding("{name: ActivePower, address: 0, type: u16, unit: V}") ==
        "box.yaml:7:54: points[0].unit: 'V' can not be the unit of ActivePower; it is measured in W");
  CHECK(finding("{name: ActivePower, address: 0, type: u16, unit: horses}") ==
        "box.yaml:7:54: points[0].unit: 'horses' is no unit we know");
  CHECK(finding("{name: ActivePower, address: 0, type: u16}") ==
        "box.yaml:7:5: points[0]: 'unit' is missing: ActivePower is measured in W, with or without prefix");
  CHECK(finding("{name: OperatingState, address: 0, type: u16, unit: V}") ==
        "box.yaml:7:57: points[0].unit: 'V' can not be the unit of OperatingState; leave the unit out");
  CHECK(finding("{name: Count, address: 0}") ==
        "box.yaml:7:5: points[0]: 'type' is missing: how the value lies in its registers");
  CHECK(finding("{name: Count, address: 65535, type: u32}") ==
        "box.yaml:7:28: points[0].address: u32 takes 2 registers and would end beyond the last address");
  CHECK(finding("{name: Count, address: 0, table: coil, type: f32}") ==
        "box.yaml:7:50: points[0].type: a coil holds one bit, not f32; leave the type out, or name the table "
        "input or "
        "holding");
  CHECK(finding("{name: Count, address: 0, type: u16, scale: 0}") ==
        "box.yaml:7:49: points[0].scale: a scale of 0 would make every value 0");
  CHECK(finding("{name: EnergyExport, address: 0, type: u32, unit: Wh, negate: true}") ==
        "box.yaml:7:67: points[0].negate: EnergyExport is never negative; energy and ratings have no sign: "
        "for the "
        "other direction take the other quantity, as EnergyExport");
  CHECK(finding("{name: EnergyImport, address: 0, type: u32, unit: Wh, scale: -1}").find("points[0].scale") !=
        std::string::npos);
  CHECK(finding("{name: Count, address: 0, type: u16, sentinels: [0x18000]}") ==
        "box.yaml:7:53: points[0].sentinels: 0x18000 is wider than u16; min and max are of signed, ones is "
        "of unsigned "
        "numbers; NaN needs no mention");
  CHECK(finding("{name: Count, address: 0, type: u16, sentinels: [min]}").find("u16 has no such value") !=
        std::string::npos);
  CHECK(finding("{name: Count, address: 0, type: u16, sentinels: [nothing]}")
            .find("'nothing' is no sentinel") != std::string::npos);
  CHECK(finding("{name: Count, address: 0, type: u16, role: bettery}") ==
        "box.yaml:7:48: points[0].role: no asset has the role 'bettery', did you mean 'battery'?");
  CHECK(finding("{name: Count, address: 0, type: u16, registers: 2}") ==
        "box.yaml:7:53: points[0].registers: 'registers' is for strings; u16 takes 1");
  CHECK(finding("{name: Count, address: 0, type: u32, order: efghabcd}") ==
        "box.yaml:7:49: points[0].order: this order is for values of 4 registers, u32 takes 2");
}

TEST_CASE("texts are strings with a length, and only they are") {
  CHECK(point("{name: Text.note, address: 0, type: string, registers: 4}").string_registers == 4);
  CHECK(finding("{name: Text.note, address: 0, type: string}") ==
        "box.yaml:7:41: points[0].type: a string needs 'registers': how many it takes");
  CHECK(finding("{name: Text.note, address: 0, type: u16}") ==
        "box.yaml:7:41: points[0].type: Text is a text, not u16");
  CHECK(finding("{name: Count, address: 0, type: string, registers: 4}") ==
        "box.yaml:7:37: points[0].type: Count is a number, not a string; texts have the quantity Text");
  CHECK(finding("{name: Text.note, address: 0, type: string, registers: 100}", "pdu",
                "limits: {max_registers: 80}\n") ==
        "box.yaml:7:60: points[0].registers: the value takes 100 registers, but the device gives at most 80 "
        "at once "
        "(limits.max_registers)");
}

TEST_CASE("bits have to be in the value") {
  CHECK(finding("{name: Count, address: 0, type: u16, bit: 14, bits: 3}") ==
        "box.yaml:7:57: points[0].bits: the bits end at 17, but u16 has 16");
  CHECK(finding("{name: Count, address: 0, type: u16, bit: 3}") ==
        "box.yaml:7:47: points[0].bit: a bit range needs 'bits', its width; for one bit make the type bool");
  CHECK(finding("{name: Count, address: 0, type: bool, bit: 16}") ==
        "box.yaml:7:48: points[0].bit: the bits end at 17, but bool has 16");
  CHECK(finding("{name: Count, address: 0, type: f32, bit: 1, bits: 2}") ==
        "box.yaml:7:56: points[0].bits: f32 has no bit range; use u16 or u32");
  CHECK(finding("{name: Count, address: 0, table: coil, bit: 1}") ==
        "box.yaml:7:49: points[0].bit: a coil or discrete input is one bit already");
}

TEST_CASE("a scale register has to come in the same read") {
  CHECK(point("{name: Count, address: 10, type: i16, scale_register: 20}").scale_register ==
        ScaleRegister{20});
  CHECK(point("{name: Count, address: 11, type: i16, scale_register: 21}", "one").scale_register ==
        ScaleRegister{20});
  CHECK(finding("{name: Count, address: 10, type: i16, scale_register: 200}") ==
        "box.yaml:7:59: points[0].scale_register: it is too far from the value: both have to come in one "
        "read of at "
        "most 125 registers");
}

TEST_CASE("only what can be written is writable, within limits that make sense") {
  CHECK(finding("{name: Count, address: 0, type: u16, table: input, writable: true}") ==
        "box.yaml:7:66: points[0].writable: nobody can write to the table input");
  CHECK(finding("{name: Count, address: 0, type: u16, writable: true, min: 5, max: 1}") ==
        "box.yaml:7:63: points[0].min: min is greater than max");
  CHECK(finding("{name: Count, address: 0, type: u16, max: 1}") ==
        "box.yaml:7:47: points[0].max: min and max are for writable points");
  config::Findings findings;
  const auto text =
      profile_text("  - {name: ActivePowerSetpoint, address: 0, type: i16, unit: W, writable: true}");
  CHECK(load_profile("box.yaml", text, findings));
  CHECK(config::to_string(findings) ==
        "box.yaml:7:5: warning: points[0]: a set-point without min and max can be set to anything\n");
}

TEST_CASE("a writable point may name what makes the device obey it") {
  const RegisterPoint p = point(
      "{name: Count, address: 40011, type: u16, writable: true, "
      "enable: [{address: 40013, value: 4}, {address: 40014, value: 2, mask: 2}, {address: 40015}]}",
      "entity");
  CHECK(p.enables == std::vector<EnableRegister>{{.address = 12, .value = 4},
                                                 {.address = 13, .value = 2, .mask = 2},
                                                 {.address = 14, .value = 1}});
  CHECK(p.point.source == "holding 10 u16, then 4 in 12, then 2 in 13, then 1 in 14");
  CHECK(finding("{name: Count, address: 0, type: u16, enable: [{address: 1}]}") ==
        "box.yaml:7:50: points[0].enable: enable is for writable points");
  CHECK(finding("{name: Count, address: 0, type: u16, writable: true, enable: [{address: 1, value: 3, mask: "
                "2}]}") == "box.yaml:7:87: points[0].enable[0].value: 3 has bits outside of the mask 0x2");
  CHECK(finding("{name: Count, address: 10, type: u16, writable: true, enable: [{address: 30011}]}", "entity")
            .contains("table input"));
  CHECK(finding("{name: Count, address: 0, type: u16, writable: true, enable: [{adress: 1}]}")
            .contains("address"));
}

TEST_CASE("a writable point may say how the device falls back by itself") {
  const RegisterPoint timed = point(
      "{name: Count, address: 40011, type: u16, writable: true, "
      "revert: {address: 40013, type: u32, order: cdab, unit: 100ms, value: 40015}}",
      "entity");
  CHECK(timed.revert_timer == RevertTimer{.address = 12,
                                          .type = ValueType::u32,
                                          .order = ByteOrder::cdab,
                                          .unit = 100ms,
                                          .value_address = 14});
  CHECK(timed.point.fallback == model::Fallback{.after = {}, .to_value = true});
  CHECK(timed.point.source == "holding 10 u16, revert time in 12");

  const RegisterPoint fixed =
      point("{name: Count, address: 0, type: u16, writable: true, revert: {after: 60s}}");
  CHECK_FALSE(fixed.revert_timer);
  CHECK(fixed.point.fallback == model::Fallback{.after = 60s});

  const RegisterPoint beating = point(
      "{name: Count, address: 0, type: u16, writable: true, revert: {after: 60s}, "
      "heartbeat: {address: 7, beat: toggle, timeout: 20s}}");
  CHECK(beating.heartbeat == Heartbeat{.address = 7, .beat = Heartbeat::Beat::toggle, .value = 1});
  CHECK(beating.point.fallback == model::Fallback{.after = 20s});

  CHECK(finding("{name: Count, address: 0, type: u16, revert: {after: 60s}}")
            .contains("points[0].revert: revert is for writable points"));
  CHECK(finding("{name: Count, address: 0, type: u16, heartbeat: {address: 1, timeout: 60s}}")
            .contains("points[0].heartbeat: heartbeat is for writable points"));
  CHECK(finding("{name: Count, address: 0, type: u16, writable: true, revert: {after: 60s, address: 1}}")
            .contains("points[0].revert: revert needs either after or address"));
  CHECK(finding("{name: Count, address: 0, type: u16, writable: true, revert: {after: 60s, value: 1}}")
            .contains("points[0].revert.value: a value to fall back to needs a timer that is set"));
  CHECK(finding("{name: Count, address: 0, type: u16, writable: true, heartbeat: {address: 1}}")
            .contains("timeout"));
}

TEST_CASE("two values in the same registers are found, unless one is a part or the file says so") {
  CHECK(findings_of(profile_text("  - {name: ActivePower, address: 10, type: u32, unit: W}\n"
                                 "  - {name: Frequency, address: 11, type: u16, unit: Hz}")) ==
        "box.yaml:8:32: points[1].address: Frequency is in the same registers as ActivePower in line 7; "
        "correct the "
        "address or the type, or write overlap: true");
  load(
      profile_text("  - {name: ActivePower, address: 10, type: u32, unit: W}\n"
                   "  - {name: Frequency, address: 11, type: u16, unit: Hz, overlap: true}\n"
                   "  - {name: AlarmWord, address: 20, type: u16}\n"
                   "  - {name: AlarmWord.fan, address: 20, type: bool, bit: 3}\n"
                   "  - {name: AlarmWord.door, address: 20, type: bool, bit: 4}\n"
                   "  - {name: Count, table: input, address: 10, type: u16}"));
  CHECK(findings_of(profile_text("  - {name: AlarmWord.fan, address: 20, type: bool, bit: 3}\n"
                                 "  - {name: AlarmWord.door, address: 20, type: bool, bit: 3}"))
            .find("AlarmWord.door is in the same registers as AlarmWord.fan in line 7") != std::string::npos);
}

TEST_CASE("a name stands once in an asset") {
  CHECK(findings_of(profile_text("  - {name: Count, address: 0, type: u16}\n"
                                 "  - {name: Count, address: 1, type: u16}")) ==
        "box.yaml:8:12: points[1].name: Count is already in line 7; give one of them another phase, part "
        "('.mppt2') "
        "or role");
  load(
      profile_text("  - {name: Count, address: 0, type: u16}\n"
                   "  - {name: Count, role: battery, address: 1, type: u16}"));
}

TEST_CASE("all findings of a profile are said at once") {
  const std::string all =
      findings_of(profile_text("  - {name: ActivePower, address: 0, type: u16, unit: V}\n"
                               "  - {name: Count, address: 2, type: u16, scale: 0}"));
  CHECK(all.find("points[0].unit") != std::string::npos);
  CHECK(all.find("points[1].scale") != std::string::npos);
}

TEST_CASE("the header is checked too") {
  const std::string good = profile_text("  - {name: Count, address: 0, type: u16}");
  const auto with = [&](std::string_view was, std::string_view is) {
    std::string text = good;
    text.replace(text.find(was), was.size(), is);
    return findings_of(text);
  };
  CHECK(with("acme/box", "Acme Box") ==
        "box.yaml:1:10: profile: 'Acme Box' can not be the id of a profile; write maker/model in small "
        "letters, as in "
        "huawei/sun2000");
  CHECK(with("acme/box", "/acme").find("can not be the id") != std::string::npos);
  CHECK(with("kind: inverter", "kind: invertr").find("assets[0].kind") != std::string::npos);
  CHECK(with("address_base: pdu", "address_base: 1") ==
        "box.yaml:5:15: address_base: '1' is not known here, one of pdu, one, entity");
  CHECK(with("address_base: pdu\n", "").find("'address_base' is missing") != std::string::npos);
  CHECK(with("{kind: inverter}, ", "") ==
        "box.yaml:7:5: points[0]: the point has no role, but every asset has one; name the role, or leave it "
        "out of an "
        "asset");
  CHECK(findings_of(good + "detect: [{address: 1}]\n") ==
        "box.yaml:8:20: detect[0].address: a probe needs an address and what to find there: text or equals");
  CHECK(findings_of(good + "detect: [{vendor: \"\"}]\n").find("nothing to recognise") != std::string::npos);
}
