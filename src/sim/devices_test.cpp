// Each simulated device, read as the profile of its catalogue reads it, shows the physics.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <map>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "protocols/modbus/catalogue.hpp"
#include "protocols/modbus/value.hpp"
#include "sim/huawei_sun2000.hpp"
#include "sim/meters.hpp"
#include "sim/profile_device.hpp"
#include "sim/sunspec_device.hpp"

using namespace iw;
using namespace iw::sim;
using modbus::ExceptionCode;

namespace {

constexpr WallTime noon{std::chrono::sys_days{std::chrono::year{2026} / 6 / 21} + std::chrono::hours(12)};

// A site at noon, and its clock.
struct Noon {
  Noon() { run(60s); }
  void run(Duration length) {
    for (Duration t{}; t < length; t += 250ms) {
      now += 250ms;
      site.step(noon + now.time_since_epoch(), 250ms);
    }
  }
  const SiteState& state() const { return site.state(); }

  SitePhysics site{{}, 11};
  Instant now{};
};

// One exchange; the reply's bytes.
std::vector<std::byte> exchange(Device& device, Bytes request, Instant now) {
  std::array<std::byte, modbus::max_pdu> pdu{};
  Writer out(pdu);
  answer(device, request, now, out);
  return {out.written().begin(), out.written().end()};
}

std::vector<std::byte> exchange(Device& device, const modbus::Request& request, Instant now) {
  std::array<std::byte, modbus::max_pdu> pdu{};
  const std::size_t size = encode(request, pdu).value();
  return exchange(device, Bytes(pdu).first(size), now);
}

modbus::Decoded read(Device& device, const modbus::RegisterPoint& point, Instant now) {
  const auto reply =
      exchange(device, modbus::ReadRegisters{point.table, point.address, register_count(point)}, now);
  if (std::to_integer<unsigned>(reply[0]) & modbus::exception_flag) return {};
  return compile(point).decode(Bytes(reply).subspan(2), point.address);
}

std::optional<ExceptionCode> write(Device& device, std::uint16_t address, std::vector<std::uint16_t> values,
                                   Instant now) {
  const auto reply = exchange(device, modbus::WriteMultipleRegisters{address, std::move(values)}, now);
  if (reply.size() == 2) return static_cast<ExceptionCode>(reply[1]);
  return std::nullopt;
}

std::uint16_t peek(Device& device, std::uint16_t address) {
  return device.bank.at(Table::holding_registers, address);
}

const modbus::Profile& profile(std::string_view id) {
  static const modbus::Catalogue catalogue = modbus::Catalogue::built_in();
  const auto found = catalogue.find(id);
  REQUIRE_MESSAGE(found.has_value(), id);
  return **found;
}

// What a branch has under a canonical name; none when it has no such value.
std::optional<double> truth(const Branch& b, const std::string& name) {
  const std::map<std::string, double> all{
      {"Voltage.LN.A", b.voltage[0]},
      {"Voltage.LN.B", b.voltage[1]},
      {"Voltage.LN.C", b.voltage[2]},
      {"Voltage.LL.AB", b.line_voltage(0)},
      {"Voltage.LL.BC", b.line_voltage(1)},
      {"Voltage.LL.CA", b.line_voltage(2)},
      {"Current.A", b.current[0]},
      {"Current.B", b.current[1]},
      {"Current.C", b.current[2]},
      {"ActivePower", b.total_power()},
      {"ActivePower.A", b.power[0]},
      {"ActivePower.B", b.power[1]},
      {"ActivePower.C", b.power[2]},
      {"ReactivePower", b.total_reactive()},
      {"ReactivePower.A", b.reactive[0]},
      {"ReactivePower.B", b.reactive[1]},
      {"ReactivePower.C", b.reactive[2]},
      {"ApparentPower", b.total_apparent()},
      {"ApparentPower.A", b.apparent(0)},
      {"ApparentPower.B", b.apparent(1)},
      {"ApparentPower.C", b.apparent(2)},
      {"Frequency", b.frequency},
      {"EnergyImport", b.energy.imported},
      {"EnergyExport", b.energy.exported},
      {"EnergyImport.A", b.phase_energy[0].imported},
      {"EnergyImport.B", b.phase_energy[1].imported},
      {"EnergyImport.C", b.phase_energy[2].imported},
      {"EnergyExport.A", b.phase_energy[0].exported},
      {"EnergyExport.B", b.phase_energy[1].exported},
      {"EnergyExport.C", b.phase_energy[2].exported},
      {"ReactiveEnergyImport", b.reactive_energy.imported},
      {"ReactiveEnergyExport", b.reactive_energy.exported},
  };
  const auto found = all.find(name);
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

// Every point of `role` in the profile that has a truth is there and shows it; gives how many that were.
int compare(Device& device, std::string_view profile_id, std::string_view role, const Branch& branch,
            Instant now) {
  int compared = 0;
  for (const modbus::RegisterPoint& point : profile(profile_id).map.points) {
    if (point.point.role != role) continue;
    const std::string name = to_string(point.point.name);
    const auto expected = truth(branch, name);
    if (!expected) continue;
    CAPTURE(name);
    const modbus::Decoded got = read(device, point, now);
    REQUIRE(got.good());
    // Within a step of the register, or of a float.
    const double step =
        point.type == modbus::ValueType::f32 ? std::abs(*expected) * 1e-6 : std::abs(point.scale);
    CHECK(std::abs(got.value - *expected) <= step + 1e-9);
    ++compared;
  }
  return compared;
}

}  // namespace

TEST_CASE("the meters, read by the profiles of the catalogue, show their branch") {
  Noon n;
  Meter sdm(eastron_sdm630, n.state().load);
  CHECK(compare(sdm, "eastron/sdm630", "", n.state().load, n.now) >= 25);
  Meter iem(schneider_iem3000, n.state().grid);
  CHECK(compare(iem, "schneider/iem3000", "", n.state().grid, n.now) >= 19);
  Meter abb(abb_b23, n.state().pv[0].ac);
  CHECK(compare(abb, "abb/b23", "", n.state().pv[0].ac, n.now) >= 15);
}

TEST_CASE("the Huawei, read by its profile, shows inverter and meter with the canonical sign") {
  Noon n;
  HuaweiSun2000 device(n.site, 1);
  CHECK(n.state().pv[1].ac.total_power() < -1000);
  CHECK(compare(device, "huawei/sun2000", "", n.state().pv[1].ac, n.now) >= 10);
  CHECK(compare(device, "huawei/sun2000", "meter", n.state().grid, n.now) >= 7);
}

TEST_CASE("meters refuse what the maker says they can not, and the gaps of their maps") {
  Noon n;
  Meter sdm(eastron_sdm630, n.state().load);
  CHECK(exchange(sdm, parse_hex("04 00 00 00 51").value(), n.now)[1] == std::byte{3});  // more than 80
  CHECK(exchange(sdm, parse_hex("04 00 00 00 50").value(), n.now)[1] == std::byte{160});
  CHECK(exchange(sdm, parse_hex("03 00 00 00 02").value(), n.now)[1] == std::byte{2});  // only FC 4
  Meter iem(schneider_iem3000, n.state().grid);
  CHECK(exchange(iem, parse_hex("03 0B B6 00 02").value(), n.now)[1] == std::byte{2});
}

TEST_CASE("raw registers of each device are where the maker puts them") {
  Noon n;
  const auto hex = [&](Device& device, const char* request) {
    return to_hex(exchange(device, parse_hex(request).value(), n.now));
  };
  const auto be32 = [](std::int64_t v) {
    return fmt::format("{:02X} {:02X} {:02X} {:02X}", v >> 24 & 255, v >> 16 & 255, v >> 8 & 255, v & 255);
  };
  HuaweiSun2000 huawei(n.site, 1);
  CHECK(hex(huawei, "03 7D 50 00 02") == "03 04 " + be32(std::llround(-n.state().pv[1].ac.total_power())));
  CHECK(hex(huawei, "03 75 30 00 04") == "03 08 53 55 4E 32 30 30 30 2D");  // SUN2000-
  Meter abb(abb_b23, n.state().grid);
  CHECK(hex(abb, "03 5B 00 00 02") == "03 04 " + be32(std::llround(n.state().grid.voltage[0] * 10)));
  Meter sdm(eastron_sdm630, n.state().load);
  const auto volts = std::bit_cast<std::uint32_t>(static_cast<float>(n.state().load.voltage[0]));
  CHECK(hex(sdm, "04 00 00 00 02") == "04 04 " + be32(volts));
}

TEST_CASE("the Huawei obeys its limits, start and stop") {
  Noon n;
  HuaweiSun2000 device(n.site, 1);
  const double rated = n.state().pv[1].rated_w;
  CHECK_FALSE(write(device, 40125, {200}, n.now));  // 20.0 %
  CHECK(n.state().pv[1].limit_w == rated * 0.2);
  CHECK_FALSE(write(device, 40126, {0, 1500}, n.now));
  CHECK(n.state().pv[1].limit_w == 1500);
  n.run(10s);
  CHECK(-n.state().pv[1].ac.total_power() == doctest::Approx(1500).epsilon(0.001));
  device.refresh(n.now);
  CHECK(peek(device, 32089) == 0x0201);
  CHECK(write(device, 40125, {1001}, n.now) == ExceptionCode::illegal_data_value);
  CHECK(write(device, 40126, {0}, n.now) == ExceptionCode::illegal_data_address);
  CHECK(write(device, 32080, {0, 0}, n.now) == ExceptionCode::illegal_data_address);
  CHECK_FALSE(write(device, 40201, {0}, n.now));
  n.run(15s);
  CHECK(-n.state().pv[1].ac.total_power() < 1);
  CHECK_FALSE(write(device, 40200, {0}, n.now));
  n.run(15s);
  CHECK(-n.state().pv[1].ac.total_power() > 1000);
}

TEST_CASE("the SunSpec inverter is a chain of models that ends, with the physics in model 103") {
  Noon n;
  SunSpecInverter device(n.site, 0);
  device.refresh(n.now);
  CHECK(peek(device, 40000) == 0x5375);
  CHECK(peek(device, 40001) == 0x6E53);
  std::vector<std::uint16_t> models;
  std::uint16_t at = 40002;
  for (; peek(device, at) != 0xFFFF;
       at = static_cast<std::uint16_t>(at + 2 + peek(device, static_cast<std::uint16_t>(at + 1)))) {
    models.push_back(peek(device, at));
    REQUIRE(models.size() < 10);
  }
  CHECK(models == std::vector<std::uint16_t>{1, 103, 120, 123, 160});
  CHECK(peek(device, static_cast<std::uint16_t>(at + 1)) == 0);
  CHECK(device.bank.find(Table::holding_registers, static_cast<std::uint16_t>(at + 2), 1).empty());

  // Model 103 behind 2 + 68 registers: offsets of the standard.
  const auto i16 = [&](int offset) {
    return static_cast<std::int16_t>(peek(device, static_cast<std::uint16_t>(40070 + offset)));
  };
  const Branch& ac = n.state().pv[0].ac;
  CHECK(i16(0) == 103);
  CHECK(i16(14) * std::pow(10, i16(15)) == doctest::Approx(-ac.total_power()).epsilon(0.001));
  CHECK(i16(10) * std::pow(10, i16(13)) == doctest::Approx(ac.voltage[0]).epsilon(0.001));
  CHECK(i16(16) * std::pow(10, i16(17)) == doctest::Approx(ac.frequency).epsilon(0.001));
  CHECK(i16(38) == 4);  // MPPT
  const double energy = (65536.0 * peek(device, 40094) + peek(device, 40095)) * std::pow(10, i16(26));
  CHECK(energy == doctest::Approx(ac.energy.exported).epsilon(1e-5));
}

TEST_CASE("the SunSpec inverter obeys WMaxLimPct when enabled, and reverts by itself") {
  Noon n;
  SunSpecInverter device(n.site, 0);
  const double rated = n.state().pv[0].rated_w;
  constexpr std::uint16_t model_123 = 40070 + 52 + 28;
  REQUIRE(peek(device, model_123) == 123);

  CHECK_FALSE(write(device, model_123 + 5, {2500}, n.now));  // 25 %, not enabled
  CHECK(n.state().pv[0].limit_w == rated);
  CHECK_FALSE(write(device, model_123 + 5, {2500, 0, 10, 0, 1}, n.now));  // for 10 s
  CHECK(n.state().pv[0].limit_w == rated / 4);
  n.run(9s);
  device.refresh(n.now);
  CHECK(-n.state().pv[0].ac.total_power() == doctest::Approx(rated / 4).epsilon(0.001));
  CHECK(peek(device, model_123 + 9) == 1);
  CHECK(peek(device, 40070 + 38) == 5);  // THROTTLED

  n.run(2s);
  device.refresh(n.now);
  CHECK(peek(device, model_123 + 9) == 0);
  CHECK(n.state().pv[0].limit_w == rated);

  CHECK(write(device, model_123 + 5, {10'001}, n.now) == ExceptionCode::illegal_data_value);
  CHECK(write(device, model_123 + 9, {2}, n.now) == ExceptionCode::illegal_data_value);
  CHECK(write(device, model_123 + 10, {0}, n.now) ==
        ExceptionCode::illegal_data_address);             // OutPFSet: not there
  CHECK_FALSE(write(device, model_123 + 4, {0}, n.now));  // disconnect
  CHECK_FALSE(n.state().pv[0].connected);
}

TEST_CASE("the SunSpec battery obeys WSet in watts, + is discharge, and reverts by itself") {
  Noon n;
  SunSpecBattery device(n.site);
  // 1: 68, 701: 155, 702: 52 registers.
  constexpr std::uint16_t model_702 = 40002 + 68 + 155;
  constexpr std::uint16_t model_704 = model_702 + 52;
  REQUIRE(peek(device, model_702) == 702);
  REQUIRE(peek(device, model_704) == 704);

  CHECK_FALSE(write(device, model_704 + 24, {0, 2000}, n.now));
  CHECK_FALSE(n.state().battery.setpoint);  // not enabled
  CHECK_FALSE(write(device, model_704 + 31, {0, 5}, n.now));
  CHECK_FALSE(write(device, model_704 + 22, {1}, n.now));
  CHECK(n.state().battery.setpoint == -2000);
  n.run(4s);
  device.refresh(n.now);
  CHECK(n.state().battery.ac.total_power() == doctest::Approx(-2000).epsilon(0.001));
  const int sf = static_cast<std::int16_t>(peek(device, 40070 + 116));
  CHECK(static_cast<std::int16_t>(peek(device, 40070 + 10)) * std::pow(10, sf) ==
        doctest::Approx(2000).epsilon(0.001));
  CHECK(peek(device, model_704 + 34) == 1);  // WSetRvrtRem
  n.run(2s);
  device.refresh(n.now);
  CHECK_FALSE(n.state().battery.setpoint);
  CHECK(peek(device, model_704 + 22) == 0);

  CHECK_FALSE(write(device, model_704 + 24, {0xFFFF, 0xF448}, n.now));  // -3000: charge
  CHECK_FALSE(write(device, model_704 + 31, {0, 0}, n.now));
  CHECK_FALSE(write(device, model_704 + 22, {1}, n.now));
  CHECK(n.state().battery.setpoint == 3000);
  CHECK_FALSE(write(device, model_702 + 34, {1000}, n.now));  // WChaRteMax
  n.run(10s);
  CHECK(n.state().battery.ac.total_power() == doctest::Approx(1000).epsilon(0.001));

  CHECK(write(device, model_702 + 34, {9000}, n.now) == ExceptionCode::illegal_data_value);
  CHECK(write(device, model_704 + 23, {0}, n.now) == ExceptionCode::illegal_data_value);    // only watts
  CHECK(write(device, model_704 + 24, {0}, n.now) == ExceptionCode::illegal_data_address);  // half a value
}

TEST_CASE("the SunSpec meter shows import as positive") {
  Noon n;
  SunSpecMeter device(n.state().load, 20'000);
  device.refresh(n.now);
  REQUIRE(peek(device, 40070) == 203);
  const int sf = static_cast<std::int16_t>(peek(device, 40070 + 22));
  CHECK(static_cast<std::int16_t>(peek(device, 40070 + 18)) * std::pow(10, sf) ==
        doctest::Approx(n.state().load.total_power()).epsilon(0.001));
}

TEST_CASE("the SunSpec meter of a large connection shows it in larger steps") {
  Branch branch;
  branch.voltage.fill(230);
  branch.current.fill(1000);
  branch.power.fill(-230'000);
  SunSpecMeter device(branch, 700'000);
  device.refresh({});
  const auto shown = [&](std::uint16_t offset, std::uint16_t scale) {
    return static_cast<std::int16_t>(peek(device, static_cast<std::uint16_t>(40070 + offset))) *
           std::pow(10, static_cast<std::int16_t>(peek(device, static_cast<std::uint16_t>(40070 + scale))));
  };
  CHECK(shown(18, 22) == doctest::Approx(-690'000));
  CHECK(shown(2, 6) == doctest::Approx(3000));
}

TEST_CASE("every profile of the catalogue can be simulated: its numbers come back good and plausible") {
  const modbus::Catalogue catalogue = modbus::Catalogue::built_in();
  REQUIRE(catalogue.size() > 10);
  for (const auto& [id, p] : catalogue) {
    CAPTURE(id);
    ProfileDevice device(p.map, p.identity);
    const Instant now{1h};
    device.refresh(now);
    std::size_t numbers = 0;
    std::size_t good = 0;
    for (const modbus::RegisterPoint& point : p.map.points) {
      const bool bits = point.table == Table::coils || point.table == Table::discrete_inputs;
      if (bits || point.type == modbus::ValueType::string || point.type == modbus::ValueType::string_swapped)
        continue;
      if (point.scale_register) continue;
      ++numbers;
      const modbus::Decoded got = read(device, point, now);
      if (!got.good()) continue;
      ++good;
      if (is_partial(point)) continue;
      const double expected = ProfileDevice::plausible(point, 0);
      const std::string name = to_string(point.point.name);
      CAPTURE(name);
      CHECK(std::abs(got.value - expected) <= std::abs(point.scale) + std::abs(expected) * 1e-3 + 1e-6);
    }
    CHECK(numbers > 3);
    CHECK(good * 10 >= numbers * 9);
  }
}

TEST_CASE("a simulated profile moves, keeps what was written, and has its holes") {
  const modbus::Profile& p = profile("huawei/sun2000");
  ProfileDevice device(p.map, p.identity);
  const auto find = [&](std::string_view name) {
    return *std::ranges::find_if(p.map.points, [&](const auto& each) {
      return each.point.role.empty() && to_string(each.point.name) == name;
    });
  };
  const auto power = find("ActivePower");
  const double first = read(device, power, Instant{1s}).value;
  CHECK(std::abs(read(device, power, Instant{61s}).value - first) > 100);
  const auto limit = find("ActivePowerLimit");
  CHECK_FALSE(write(device, limit.address, {0, 1234}, Instant{62s}));
  CHECK(read(device, limit, Instant{70s}).value == 1234);
  CHECK(write(device, power.address, {0, 0}, Instant{70s}) == ExceptionCode::illegal_data_address);
  CHECK(write(device, 1, {0}, Instant{70s}) == ExceptionCode::illegal_data_address);
  const auto name =
      exchange(device, modbus::ReadRegisters{Table::holding_registers, 30000, 15}, Instant{70s});
  CHECK(name.size() == 32);
}
