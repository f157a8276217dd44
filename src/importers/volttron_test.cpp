#include "importers/volttron.hpp"

#include <doctest/doctest.h>

#include "importers/struct_format.hpp"
#include "importers/writing.hpp"
#include "io/testing/memory_files.hpp"
#include "protocols/modbus/profile.hpp"

namespace iw::importers {
namespace {

using modbus::ByteOrder;
using modbus::Table;
using modbus::ValueType;

struct Imported {
  Import import;
  std::vector<OutputFile> outputs;
  std::vector<modbus::Profile> profiles;  // as the gateway loads them
};

Imported run(std::initializer_list<std::pair<std::string, std::string>> sources,
             std::vector<std::string> paths) {
  io::testing::MemoryFiles files;
  for (const auto& [path, text] : sources)
    files.put(path, text);
  Imported imported{.import = import_volttron(files, paths), .outputs = {}, .profiles = {}};
  imported.outputs = written(imported.import);
  for (const OutputFile& output : imported.outputs) {
    if (output.path == "interwatt.yaml") continue;
    config::Findings findings;
    auto profile = modbus::load_profile(output.path, output.text, findings);
    INFO(output.text, config::to_string(findings));
    REQUIRE(profile);
    CHECK(findings.empty());
    imported.profiles.push_back(std::move(*profile));
  }
  return imported;
}

const modbus::RegisterPoint& point(const Imported& imported, std::string_view name) {
  for (const modbus::Profile& profile : imported.profiles) {
    for (const modbus::RegisterPoint& each : profile.map.points) {
      if (model::to_string(each.point.name) == name) return each;
    }
  }
  FAIL("no point ", name);
  return imported.profiles.front().map.points.front();
}

bool warned(const Imported& imported, int line, std::string_view part) {
  for (const config::Finding& finding : imported.import.findings) {
    if ((line == 0 || finding.line == line) && finding.message.contains(part)) return true;
  }
  MESSAGE(config::to_string(imported.import.findings));
  return false;
}

std::vector<std::string> messages(const Imported& imported) {
  std::vector<std::string> all;
  for (const config::Finding& finding : imported.import.findings) {
    all.push_back(fmt::format("{}:{} {}: {}", finding.file, finding.line, finding.key, finding.message));
  }
  return all;
}

constexpr std::string_view device = R"({ # a comment
  "driver_config": {"device_address": "192.0.2.7", "port": 1502, "slave_id": 3},  # another
  "driver_type": "modbus", "registry_config": "config:// Regs/METER.csv /",
  "interval": 30, "timezone": "UTC"
})";
constexpr std::string_view header =
    "Reference Point Name,Volttron Point Name,Units,Units Details,Modbus Register,Writable,Point Address,"
    "Default Value,Mixed Endian,Notes\n";

Imported registry(std::string rows) {
  return run({{"store/devices/campus/b1/meter", std::string(device)},
              {"store/regs/meter.csv", std::string(header) + rows}},
             {"store"});
}

// modbus_tk: one map, with what the device configuration says about addresses and order.
Imported tk(std::string settings, std::string rows) {
  return run(
      {{"d/meter.json",
        R"({"driver_type": "modbus_tk", "registry_config": "config://map.csv", "driver_config":
                {"device_address": "192.0.2.8", "port": 502)" +
            settings + "}}"},
       {"d/map.csv",
        "Register Name,Address,Type,Units,Writable,Default Value,Transform,Table,Mixed Endian,Description\n" +
            rows}},
      {"d"});
}

TEST_CASE("a struct format is a type and an order") {
  struct Case {
    std::string_view format;
    bool mixed;
    ValueType type;
    ByteOrder order;
  };
  for (const Case& c :
       {Case{">H", false, ValueType::u16, ByteOrder::abcd},
        Case{"<h", false, ValueType::i16, ByteOrder::badc}, Case{">H", true, ValueType::u16, ByteOrder::abcd},
        Case{"!i", false, ValueType::i32, ByteOrder::abcd},
        Case{">l", false, ValueType::i32, ByteOrder::abcd},
        Case{"=L", false, ValueType::u32, ByteOrder::dcba},
        Case{"<f", false, ValueType::f32, ByteOrder::dcba}, Case{">f", true, ValueType::f32, ByteOrder::cdab},
        Case{"<f", true, ValueType::f32, ByteOrder::badc}, Case{">d", true, ValueType::f64, ByteOrder::cdab},
        Case{"<q", false, ValueType::i64, ByteOrder::dcba},
        Case{">e", false, ValueType::f16, ByteOrder::abcd}, Case{"l", false, ValueType::i64, ByteOrder::dcba},
        Case{"@I", false, ValueType::u32, ByteOrder::dcba}}) {
    CAPTURE(c.format);
    const auto layout = parse_struct(c.format, c.mixed);
    REQUIRE(layout);
    CHECK(layout->type == c.type);
    CHECK(layout->order == c.order);
  }
  CHECK(parse_struct(">6s", false)->registers == 3);
  for (const std::string_view bad :
       {"", ">", ">b", "B", "?", ">2H", ">HH", ">3s", ">s", "x", ">z", ">999s", "<H "}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_struct(bad, false));
  }
  CHECK_FALSE(parse_struct(">4s", true));
}

TEST_CASE("a registry of VOLTTRON becomes a profile and a device") {
  const Imported imported = registry(
      "P_tot,ActivePower,kW,-500..500,>f,FALSE,2999,,TRUE,\"total, of \"\"all\"\"\"\n"
      "Lim,PowerLimit,%,0..100,>H,TRUE,40,100,,setpoint\n"
      "Run,RunCmd,On / Off,on/off,BOOL,TRUE,12,0,,coil\n"
      "Door,Door,,,bool,FALSE,7,,,\n"
      ",,,,>H,FALSE,1,,,no name\n"
      "x,Serial,,,8s,FALSE,100,,,\n");
  REQUIRE(imported.profiles.size() == 1);
  const modbus::Profile& profile = imported.profiles.front();
  CHECK(profile.id == "volttron/meter");
  CHECK(profile.map.points.size() == 5);
  CHECK(profile.map.limits ==
        modbus::DeviceLimits{.max_registers = 100, .max_gap = 0, .write_single = false});

  const auto& power = point(imported, "ActivePower");
  CHECK(power.table == Table::input_registers);
  CHECK(power.address == 2999);
  CHECK(power.type == ValueType::f32);
  CHECK(power.order == ByteOrder::cdab);
  CHECK(power.scale == 1000);
  CHECK_FALSE(power.point.writable);

  const auto& limit = point(imported, "Count.PowerLimit");
  CHECK(limit.table == Table::holding_registers);
  CHECK(limit.point.writable);
  CHECK(limit.scale == 1);
  CHECK(limit.point.source.contains("PowerLimit [%]"));
  CHECK(point(imported, "Count.RunCmd").table == Table::coils);
  CHECK(point(imported, "Count.RunCmd").point.writable);
  CHECK(point(imported, "Count.Door").table == Table::discrete_inputs);
  CHECK(point(imported, "Text.Serial").string_registers == 4);

  CHECK(messages(imported) ==
        std::vector<std::string>{
            "store/regs/meter.csv:3 PowerLimit: the default value 100 is not carried over",
            "store/regs/meter.csv:4 RunCmd: the default value 0 is not carried over",
            "store/regs/meter.csv:2 ActivePower: is taken as ActivePower, its sign as it is",
            "store/regs/meter.csv:3 PowerLimit: what it measures is not certain; kept as "
            "Count.PowerLimit in %"});
  CHECK(imported.import.findings[3].remedy.contains("StateOfCharge"));
  CHECK(
      imported.outputs.back().text.ends_with("devices:\n"
                                             "  - name: campus-b1-meter  # meter:1\n"
                                             "    connect: \"modbus://192.0.2.7:1502?unit=3\"\n"
                                             "    profile: volttron/meter\n"
                                             "    rates: {normal: 30s}\n"));
  CHECK(
      imported.outputs.front().text.contains("  - {name: ActivePower, address: 2999, table: input, type: "
                                             "f32, order: cdab, unit: kW, label: ActivePower}"
                                             "  # meter.csv:2: total, of \"all\"\n"));
}

TEST_CASE("a row that can not be carried over is named") {
  const Imported imported = registry(
      "a,good,,,>H,FALSE,1,,,\n"
      "a,odd,,,>b,FALSE,2,,,\n"
      "a,hex,,,>H,FALSE,0x10,,,\n"
      "a,high,,,>H,FALSE,65536,,,\n"
      "a,end,,,>f,FALSE,65535,,,\n"
      "a,native,,,l,FALSE,20,,,\n"
      "a,twice,,,>H,FALSE,30,,,\n"
      "a,twice,,,>H,FALSE,31,,,\n"
      "a,same,,,>H,FALSE,31,,,\n"
      "a,L1,,,>H,FALSE,40,,,\n"
      "a,A,,,>H,FALSE,41,,,\n");
  CHECK(warned(imported, 3, "'>b' has no whole number of registers; left out"));
  CHECK(warned(imported, 4, "'0x10' is no point address; left out"));
  CHECK(warned(imported, 5, "'65536' is no point address; left out"));
  CHECK(warned(imported, 6, "beyond the last address; left out"));
  CHECK(warned(imported, 7, "64-bit Linux, low byte first, 4 registers"));
  CHECK(warned(imported, 8, "the name stands again in line 9, which wins; left out"));
  CHECK(warned(imported, 10, "shares registers with 'twice'; written with overlap: true"));
  CHECK(point(imported, "Count.native").type == ValueType::i64);
  CHECK(point(imported, "Count.twice").address == 31);
  CHECK(point(imported, "Count.L1").address == 40);
  CHECK(point(imported, "Count.point_A").address == 41);
}

TEST_CASE("what a device configuration says beyond Modbus is named") {
  const Imported imported = run({{"meter.json", R"({"driver_type": "modbus", "registry_config": [
          {"Volttron Point Name": "n", "Modbus Register": ">H", "Point Address": "5", "Writable": "FALSE"}],
          "driver_config": {"device_address": "meter.lan"}, "interval": 0, "heart_beat_point": "hb",
          "publish_depth_first_all": true, "campus": "c", "unit": "u"})"}},
                                {"meter.json"});
  CHECK(warned(imported, 3, "'0' is no interval; VOLTTRON takes 60 s"));
  CHECK(warned(imported, 3, "heart_beat_point is not carried over"));
  CHECK(warned(imported, 4, "publish_depth_first_all is not carried over"));
  REQUIRE(imported.import.devices.size() == 1);
  CHECK(imported.import.devices[0].name == "c-u");
  CHECK(imported.outputs.back().text.contains("modbus://meter.lan:502?unit=0"));
  CHECK(imported.outputs.back().text.contains("rates: {normal: 1min}"));
}

TEST_CASE("a file that is referred to and not there, and other drivers, are named") {
  Imported imported = run({{"a.json", R"({"driver_type": "modbus", "registry_config": "config://no.csv",
      "driver_config": {"device_address": "h"}})"}},
                          {"a.json"});
  CHECK(imported.import.findings.errors() == 1);
  CHECK(warned(imported, 1, "there is no file 'config://no.csv'"));
  imported = run({{"b.json", R"({"driver_type": "bacnet", "driver_config": {}})"}, {"x.txt", "hello"}},
                 {"b.json", "x.txt"});
  CHECK(warned(imported, 1, "the driver 'bacnet' is not imported"));
  CHECK(warned(imported, 0, "is neither a device configuration nor a Modbus registry"));
}

TEST_CASE("two configurations of one unit stay one device, the other a comment") {
  const std::string one(device);
  const Imported imported = run({{"s/devices/a", one},
                                 {"s/devices/b", one},
                                 {"s/regs/meter.csv", std::string(header) + "a,x,,,>H,FALSE,1,,,\n"}},
                                {"s"});
  CHECK(imported.profiles.size() == 1);
  CHECK(warned(imported, 1, "modbus://192.0.2.7:1502 unit 3 is the device 'a' already"));
  CHECK(imported.outputs.back().text.contains("  #  - name: b"));
}

TEST_CASE("modbus_tk types, tables and addresses") {
  const Imported imported =
      tk("", R"csv(freq,0x200,uint16,Hz,FALSE,,scale(0.01),analog_input_registers,FALSE,grid
w,10,int16,W,FALSE,,scale_reg_pow_10(w_sf),analog_output_holding_registers,,power
w_sf,11,int16,,FALSE,,,analog_output_holding_registers,,factor
name,40,string[15],,FALSE,,,analog_output_holding_registers,,
#off,50,int16,,FALSE,,,,,
f,60,float,,FALSE,,,,TRUE,
sw,3,bool,,TRUE,,,,,
st,4,bool,,FALSE,,,,,
arr,70,"array(int16, 3)",,TRUE,,,,,
own,80,<I,,FALSE,0,,,,
)csv");
  CHECK(point(imported, "Count.freq").address == 0x200);
  CHECK(point(imported, "Count.freq").table == Table::input_registers);
  CHECK(point(imported, "Count.freq").scale == 0.01);
  REQUIRE(point(imported, "Count.w").scale_register);
  CHECK(point(imported, "Count.w").scale_register->address == 11);
  CHECK(point(imported, "Text.name").string_registers == 8);
  CHECK(point(imported, "Count.f").order == ByteOrder::cdab);
  CHECK(point(imported, "Count.f").table == Table::input_registers);
  CHECK(point(imported, "Count.sw").table == Table::coils);
  CHECK(point(imported, "Count.st").table == Table::discrete_inputs);
  CHECK(point(imported, "Count.arr_3").address == 72);
  CHECK(point(imported, "Count.arr_3").table == Table::holding_registers);
  CHECK(point(imported, "Count.own").order == ByteOrder::dcba);
  CHECK(imported.profiles[0].map.points.size() == 11);
  CHECK(warned(imported, 10, "is an array; written as 3 points, arr_1 to arr_3"));
  CHECK(imported.outputs.back().text.contains("192.0.2.8:502?unit=1"));
}

TEST_CASE("modbus_tk addressing subtracts, as the code does") {
  const std::string rows =
      "c,5,bool,,TRUE,,,discrete_output_coils,,\nd,10005,bool,,FALSE,,,discrete_input_contacts,,\n"
      "i,30005,int16,,FALSE,,,analog_input_registers,,\nh,40005,int16,,TRUE,,,analog_output_holding_"
      "registers,,\n";
  const Imported imported = tk(R"(, "addressing": "address")", rows);
  for (const std::string_view name : {"Count.point_c", "Count.d", "Count.i", "Count.h"})
    CHECK(point(imported, name).address == 4);
  CHECK(point(tk(R"(, "addressing": "offset_plus")", "i,5,int16,,FALSE,,,,,\n"), "Count.i").address == 4);
  CHECK(point(tk(R"(, "addressing": "offset")", "i,5,int16,,FALSE,,,,,\n"), "Count.i").address == 5);
  CHECK(warned(tk(R"(, "addressing": "address")",
                  "h,40001,int16,,TRUE,,,,,\ni,5,int16,,FALSE,,,analog_input_registers,,\n"),
               3, "'5' is no address in its table; left out"));
}

TEST_CASE("modbus_tk endian is of all that has no prefix") {
  const Imported imported =
      tk(R"(, "endian": "little", "write_multiple_registers": false)",
         "a,1,uint16,,FALSE,,,,,\nb,2,uint32,,FALSE,,,,,\nc,4,uint32,,FALSE,,,,TRUE,\nd,6,>I,,FALSE,,,,,\n");
  CHECK(point(imported, "Count.point_a").order == ByteOrder::badc);
  CHECK(point(imported, "Count.point_b").order == ByteOrder::dcba);
  CHECK(point(imported, "Count.point_c").order == ByteOrder::badc);
  CHECK(point(imported, "Count.d").order == ByteOrder::abcd);
  CHECK(imported.profiles[0].map.limits.write_single);
}

TEST_CASE("modbus_tk transformations are carried over or named") {
  const Imported imported = tk("", R"(si,1,int16,,FALSE,,scale_int(0.5),,,
dm,2,int16,,FALSE,,scale_decimal_int_signed(0.001),,,
sr,3,int16,kW,FALSE,,scale_reg(d),,,
d,4,int16,,FALSE,,,,,
doc,5,int16,,FALSE,,scale_reg_power10(d),,,
gone,6,int16,,FALSE,,scale_reg_pow_10(nobody),,,
neg,7,int16,,FALSE,,scale(-1),,,
m0,10,uint32,,FALSE,,mod10k(false),,,
m1,12,uint32,,FALSE,,mod10k(true),,,
m2,14,uint32,,FALSE,,mod10k(true),,TRUE,
m3,20,uint64,,FALSE,,mod10k64(false),,,
m4,30,uint64,,FALSE,,mod10k48(false),,,
m5,40,uint64,,FALSE,,mod10k48(true),,,
m6,50,uint32,,TRUE,,mod10k(false),,,
m7,60,uint16,,FALSE,,mod10k(false),,,
)");
  CHECK(point(imported, "Count.si").scale == 0.5);
  CHECK(warned(imported, 2, "scale_int(0.5) cuts the fraction off"));
  CHECK(point(imported, "Count.dm").type == ValueType::sign_magnitude);
  CHECK(point(imported, "Count.dm").scale == 0.001);
  CHECK(warned(imported, 4, "scale_reg(d) can not be said in a profile"));
  CHECK(point(imported, "Count.doc").scale_register->address == 4);
  CHECK(warned(imported, 6, "scale_reg_power10"));
  CHECK(warned(imported, 7, "names a register that is not in the map"));
  CHECK(point(imported, "Count.neg").scale == -1);
  CHECK(warned(imported, 8, "VOLTTRON itself does not read '-1'"));
  // The first register is worth most: words turned, as our mod10k counts from the low one.
  CHECK(point(imported, "Count.m0").type == ValueType::mod10k_2);
  CHECK(point(imported, "Count.m0").order == ByteOrder::cdab);
  CHECK(point(imported, "Count.m1").order == ByteOrder::abcd);
  CHECK(point(imported, "Count.m2").order == ByteOrder::cdab);
  CHECK(point(imported, "Count.m3").type == ValueType::mod10k_4);
  CHECK(point(imported, "Count.m3").order == ByteOrder::abcd);
  CHECK(point(imported, "Count.m4").type == ValueType::mod10k_3);
  CHECK(point(imported, "Count.m4").address == 30);
  CHECK(point(imported, "Count.m5").address == 41);
  CHECK_FALSE(point(imported, "Count.m6").point.writable);
  CHECK(warned(imported, 15, "VOLTTRON can not write through mod10k; read only"));
  CHECK(warned(imported, 16, "mod10k(false) does not go with its type; left out"));
}

TEST_CASE("a point table picks from a map, by reference or by maps.yaml") {
  const std::string points =
      "Volttron Point Name,Register Name,Units,Transform\nFrequency,F,Hz,\nOdd,nobody,,\nSoC,q,%,scale(10)\n";
  const std::string map =
      "register "
      "name,ADDRESS,Type,Writable,Transform\nf,40011,uint16,FALSE,scale(0.1)\nq,40021,uint16,FALSE,\n";
  const std::string maps = "- {name: Acme, file: acme_map.csv, addressing: offset, endian: big}\n";
  const auto with = [&](const std::string& config) {
    return run({{"d/m.json",
                 R"({"driver_type": "modbus_tk", "registry_config": "config://p.csv", "driver_config": )" +
                     config + "}"},
                {"d/p.csv", points},
                {"d/acme_map.csv", map},
                {"d/maps.yaml", maps}},
               {"d"});
  };
  const Imported by_reference =
      with(R"({"device_address": "/dev/ttyS0", "slave_id": 9, "baudrate": 19200, "parity": "even",
                                        "stopbits": 2, "register_map": "config://ACME_map.csv"})");
  CHECK(point(by_reference, "Frequency").address == 40011);
  CHECK(point(by_reference, "Frequency").scale == 0.1);
  CHECK(point(by_reference, "StateOfCharge").scale == 10);
  CHECK(warned(by_reference, 3, "the register map has no 'nobody'; left out"));
  CHECK(by_reference.outputs.back().text.contains(
      "\"modbus+rtu:///dev/ttyS0?baud=19200&parity=even&stop=2&unit=9\""));
  CHECK(point(with(R"({"device_address": "h", "port": 502, "device_type": "acme"})"), "Frequency").address ==
        40011);
}

TEST_CASE("the old table of modbus_tk is read as its map") {
  const Imported imported =
      run({{"d/m.json", R"({"driver_type": "modbus_tk", "registry_config": "config://old.csv",
      "driver_config": {"device_address": "h", "port": 502}})"},
           {"d/old.csv", std::string(header) + "My Point,mine,,,>f,FALSE,17,,TRUE,\n"}},
          {"d"});
  CHECK(point(imported, "Count.mine").address == 17);
  CHECK(point(imported, "Count.mine").order == ByteOrder::cdab);
}

TEST_CASE("Latin-1 and addresses of IPv6 are read") {
  const Imported imported = run({{"m.json", R"({"driver_type": "modbus", "registry_config": "config://m.csv",
           "driver_config": {"device_address": "2001:db8::1", "slave_id": 1}})"},
                                 {"m.csv", std::string(header) + "a,AirTemperature,\xB0"
                                                                 "C,,>h,FALSE,1,,,\n"}},
                                {"m.json"});
  CHECK(point(imported, "AirTemperature").address == 1);
  CHECK(imported.outputs.front().text.contains("unit: \"°C\""));
  CHECK(imported.outputs.back().text.contains("modbus://[2001:db8::1]:502?unit=1"));
}

TEST_CASE("a registry alone becomes a profile") {
  const Imported imported = run({{"m.csv", std::string(header) + "a,x,,,>H,FALSE,1,,,\n"}}, {"m.csv"});
  CHECK(imported.profiles.size() == 1);
  CHECK(warned(imported, 0, "no device configuration names this registry"));
  CHECK(imported.outputs.back().text.ends_with("devices: []\n"));
}

TEST_CASE("nothing is overwritten unless it is wished") {
  io::testing::MemoryFiles files;
  const std::vector<OutputFile> outputs{{"profiles/a/b.yaml", "new"}, {"interwatt.yaml", "new"}};
  files.put("out/interwatt.yaml", "old");
  const auto refused = write(outputs, "out", false, files);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "out/interwatt.yaml is there already; nothing was written");
  CHECK_FALSE(files.has("out/profiles/a/b.yaml"));
  CHECK(write(outputs, "out", true, files));
  CHECK(files.read("out/interwatt.yaml") == "new");
  CHECK(files.read("out/profiles/a/b.yaml") == "new");
}

}  // namespace
}  // namespace iw::importers
