#include "importers/edgex.hpp"

#include <doctest/doctest.h>

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

Imported run(std::initializer_list<std::pair<std::string, std::string>> sources) {
  io::testing::MemoryFiles files;
  for (const auto& [path, text] : sources)
    files.put("in/" + path, text);
  Imported imported{.import = import_edgex(files, {"in"}), .outputs = {}, .profiles = {}};
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

bool warned(const Imported& imported, std::string_view key, std::string_view part) {
  for (const config::Finding& finding : imported.import.findings) {
    if (finding.key == key && finding.message.contains(part)) return true;
  }
  MESSAGE(config::to_string(imported.import.findings));
  return false;
}

std::string configuration(const Imported& imported) { return imported.outputs.back().text; }

// A profile whose resources are these rows: name, attributes, properties.
struct Row {
  std::string_view name, attributes, properties;
};

Imported resources(std::initializer_list<Row> rows) {
  std::string text = "name: Meter-A\nmanufacturer: Acme Ltd.\nmodel: M1\ndeviceResources:\n";
  for (const Row& row : rows) {
    text += fmt::format("  - name: {}\n    attributes: {{{}}}\n    properties: {{{}}}\n", row.name,
                        row.attributes, row.properties);
  }
  return run({{"profile.yaml", text}});
}

constexpr std::string_view holding = "primaryTable: HOLDING_REGISTERS, startingAddress: 1";

TEST_CASE("a profile and a device list of EdgeX become ours") {
  const Imported imported = run({{"profile.yml", R"(name: Meter-A
manufacturer: Acme
model: M1
description: "A: meter"
deviceResources:
  - name: ActivePower
    description: sum of phases
    attributes: {primaryTable: INPUT_REGISTERS, startingAddress: 12, rawType: Int16, isWordSwap: false}
    properties: {valueType: Float32, readWrite: R, units: kW, scale: 0.1, offset: 0, minimum: -500, maximum: 500}
  - name: Mode
    attributes: {primaryTable: holding_registers, startingAddress: 20}
    properties: {valueType: Uint16, readWrite: RW, minimum: 0, maximum: 3}
deviceCommands:
  - name: All
    readWrite: R
    resourceOperations:
      - {deviceResource: ActivePower}
      - {deviceResource: Mode, mappings: {"0": "Off", "1": On}}
)"},
                                 {"devices.yaml", R"(deviceList:
  - name: Meter 1
    profileName: Meter-A
    description: main
    protocols:
      modbus-tcp: {Address: 192.0.2.9, Port: 502, UnitID: 1, Timeout: 5, IdleTimeout: 5}
    autoEvents:
      - {interval: 20s, sourceName: All}
      - {interval: 500ms, sourceName: ActivePower, onChange: true}
  - name: meter-2
    profileName: Meter-A
    adminState: LOCKED
    protocols:
      modbus-rtu: {Address: /dev/ttyS1, UnitID: "7", BaudRate: "19200", DataBits: "8", StopBits: "2", Parity: E, Timeout: 0.5, IdleTimeout: 5}
)"}});
  const auto& power = point(imported, "ActivePower");
  CHECK(imported.profiles[0].id == "acme/meter-a");
  CHECK(imported.profiles[0].map.limits.max_gap == 0);
  CHECK(power.type == ValueType::i16);
  CHECK(power.table == Table::input_registers);
  CHECK(power.address == 12);
  CHECK(power.scale == 100);
  const auto& mode = point(imported, "Count.Mode");
  CHECK(mode.point.writable);
  CHECK(mode.point.maximum == 3);
  CHECK(mode.point.texts == std::vector<std::pair<std::int64_t, std::string>>{{0, "Off"}, {1, "On"}});
  CHECK(configuration(imported) ==
        R"(# Imported from EdgeX. Look at the findings of the import before you run it.
site:
  name: imported from EdgeX
profiles: profiles
lines:
  - connect: "modbus://192.0.2.9:502"
    timeout: 5s
devices:
  - name: meter-1  # devices.yaml:2: main
    connect: "modbus://192.0.2.9:502?unit=1"
    profile: acme/meter-a
    rates: {normal: 500ms}
    points:
      Count.Mode: 20s
  - name: meter-2  # devices.yaml:10
    connect: "modbus+rtu:///dev/ttyS1?baud=19200&parity=even&stop=2&unit=7"
    profile: acme/meter-a
    enabled: false
)");
  std::vector<std::string> all;
  for (const config::Finding& finding : imported.import.findings) {
    all.push_back(fmt::format("{}:{} {}: {}", finding.file, finding.line, finding.key, finding.message));
  }
  CHECK(
      all ==
      std::vector<std::string>{
          "in/devices.yaml:9 Meter 1 ActivePower: onChange is not carried over: every reading is on the bus",
          "in/devices.yaml:10 meter-2: Timeout 0.5 is whole seconds for EdgeX; taken as 0 s",
          "in/devices.yaml:10 meter-2: EdgeX reads ActivePower, Mode only when asked; here they are read "
          "like the others",
          "in/profile.yml:6 ActivePower: is taken as ActivePower, its sign as it is",
          "in/profile.yml:10 Mode: what it measures is not certain; kept as Count.Mode"});
}

TEST_CASE("version 1.x counts addresses from one and nests its values") {
  const Imported imported = run({{"p.yaml", R"(name: "Old"
manufacturer: "Acme"
deviceResources:
  - name: "Frequency"
    attributes: {primaryTable: "HOLDING_REGISTERS", startingAddress: "11", isByteSwap: "true"}
    properties:
      value: {type: "UINT32", readWrite: "RW", scale: "1", minimum: "0"}
      units: {type: "String", readWrite: "R", defaultValue: "Hz"}
deviceCommands:
  - name: "Values"
    get: [{index: "1", operation: "get", object: "Frequency"}]
)"},
                                 {"configuration.toml", R"(# of the device service
[Writable]
LogLevel = 'INFO'
[[DeviceList]]
  Name = "Old-1"
  Profile = "Old"
  Description = """
a
meter"""
  Labels = [ "a",
    "b" ]
  [DeviceList.Protocols]
    [DeviceList.Protocols.modbus-tcp]
      Address = "192.0.2.3"
      Port = "1502"
      UnitID = "2"
  [[DeviceList.AutoEvents]]
    Frequency = "1m30s"
    OnChange = false
    Resource = "Values"
[[DeviceList]]
  Name = "Old-2"
  ProfileName = "Old"
  Protocols = { "modbus-tcp" = { Address = "192.0.2.3", Port = 1_502, UnitID = 3 } }
)"}});
  const auto& frequency = point(imported, "Frequency");
  CHECK(frequency.address == 10);
  CHECK(frequency.type == ValueType::u32);
  CHECK(frequency.order == ByteOrder::badc);
  CHECK(frequency.point.writable);
  CHECK(warned(imported, "", "counts addresses from 1"));
  CHECK(configuration(imported).contains("modbus://192.0.2.3:1502?unit=2"));
  CHECK(configuration(imported).contains("modbus://192.0.2.3:1502?unit=3"));
  CHECK(configuration(imported).contains("rates: {normal: 90s}"));
}

TEST_CASE("swaps are of 32 bits") {
  const Imported imported = resources(
      {{"a", "primaryTable: HOLDING_REGISTERS, startingAddress: 0, isByteSwap: true", "valueType: Int32"},
       {"b", "primaryTable: HOLDING_REGISTERS, startingAddress: 2, isWordSwap: true", "valueType: Float32"},
       {"c", "primaryTable: HOLDING_REGISTERS, startingAddress: 4, isByteSwap: \"true\", isWordSwap: true",
        "valueType: Uint32"},
       {"d", "primaryTable: HOLDING_REGISTERS, startingAddress: 6, isWordSwap: true", "valueType: Float64"},
       {"e", "primaryTable: HOLDING_REGISTERS, startingAddress: 10, isWordSwap: true, rawType: Int32",
        "valueType: Float64"}});
  CHECK(point(imported, "Count.point_a").order == ByteOrder::badc);
  CHECK(point(imported, "Count.point_b").order == ByteOrder::cdab);
  CHECK(point(imported, "Count.point_c").order == ByteOrder::dcba);
  CHECK(point(imported, "Count.d").order == ByteOrder::abcd);
  CHECK(warned(imported, "d", "EdgeX swaps only values of 32 bits"));
  CHECK(point(imported, "Count.e").type == ValueType::i32);
  CHECK(point(imported, "Count.e").order == ByteOrder::cdab);
}

TEST_CASE("bits: a text names the bit, a number is printed with two digits first") {
  const auto at = [](std::string_view address) {
    return resources({{"x", fmt::format("primaryTable: INPUT_REGISTERS, startingAddress: {}", address),
                       "valueType: Bool"}});
  };
  CHECK(point(at("\"10.1\""), "Count.x").bit == 1);
  CHECK(point(at("10.1"), "Count.x").bit == 10);
  CHECK(warned(at("10.1"), "x", "startingAddress 10.1 is a number, which EdgeX reads as 10.10: bit 10"));
  CHECK(point(at("10.01"), "Count.x").bit == 1);
  CHECK(point(at("10"), "Count.x").bit == 0);
  CHECK(point(at("10.15"), "Count.x").address == 10);
  CHECK(warned(at("10.2"), "x", "names no bit from 0 to 15; left out"));
  const Imported coils =
      resources({{"c", "primaryTable: COILS, startingAddress: 3", "valueType: Bool, readWrite: RW"},
                 {"d", "primaryTable: DISCRETES_INPUT, startingAddress: 4", "valueType: Bool"},
                 {"e", "primaryTable: DISCRETE_INPUTS, startingAddress: 5", "valueType: Bool"}});
  CHECK(point(coils, "Count.point_c").table == Table::coils);
  CHECK(point(coils, "Count.point_c").point.writable);
  CHECK(point(coils, "Count.d").table == Table::discrete_inputs);
  CHECK(point(coils, "Count.e").address == 5);
}

TEST_CASE("mask and shift are a range of bits") {
  const auto with = [](std::string_view properties) { return resources({{"x", holding, properties}}); };
  Imported imported = with("valueType: Uint16, mask: 240, shift: 4");
  CHECK(point(imported, "Count.x").bit == 4);
  CHECK(point(imported, "Count.x").bits == 4);
  CHECK(point(imported, "Count.x").scale == 1);
  imported = with("valueType: Uint16, mask: 240, scale: 10");  // in place: worth 16
  CHECK(point(imported, "Count.x").bits == 4);
  CHECK(point(imported, "Count.x").scale == 160);
  imported = with("valueType: Uint32, shift: 8");
  CHECK(point(imported, "Count.x").bit == 8);
  CHECK(point(imported, "Count.x").bits == 24);
  imported = with("valueType: Int16, mask: 255, shift: -1");
  CHECK(point(imported, "Count.x").type == ValueType::u16);
  CHECK(point(imported, "Count.x").scale == 2);
  for (const std::string_view bad :
       {"valueType: Uint16, mask: 5", "valueType: Int16, shift: 1", "valueType: Uint16, shift: -1",
        "valueType: Uint16, mask: 15, shift: 4"}) {
    CHECK(warned(with(bad), "x", "are not a range of bits; left out"));
  }
  CHECK(warned(with("valueType: Float32, mask: 1"), "x", "mask and shift only for whole numbers; ignored"));
}

TEST_CASE("scale, offset and base") {
  const auto with = [](std::string_view properties) { return resources({{"x", holding, properties}}); };
  Imported imported = with("valueType: Float32, scale: \"0.01\", offset: \"-40\"");
  CHECK(point(imported, "Count.x").scale == 0.01);
  CHECK(point(imported, "Count.x").offset == -40);
  imported = with("valueType: Int16, scale: 0.1");
  CHECK(point(imported, "Count.x").scale == 0.1);
  CHECK(warned(imported, "x", "in whole numbers and loses the fraction; here it is kept"));
  CHECK_FALSE(with("valueType: Int16, scale: 10").import.findings[0].message.contains("fraction"));
  imported = with("valueType: Float32, base: 10, scale: 2");
  CHECK(point(imported, "Count.x").scale == 1);
  CHECK(warned(imported, "x", "base 10: a power of the value can not be said in a profile"));
  CHECK(warned(with("valueType: Float32, scale: much"), "x", "scale 'much' is no number; ignored"));
}

TEST_CASE("what the Modbus service can not read is left out and named") {
  const Imported imported = resources(
      {{"a", holding, "valueType: Int8"},
       {"b", holding, "valueType: Float32, mediaType: x"},
       {"c", "primaryTable: COILS, startingAddress: 1", "valueType: Int16"},
       {"d", "primaryTable: TAPE, startingAddress: 1", "valueType: Int16"},
       {"e", "primaryTable: COILS, startingAddress: -1", "valueType: Bool"},
       {"f", holding, "valueType: String"},
       {"g", "primaryTable: HOLDING_REGISTERS, startingAddress: 5, stringRegisterSize: 123",
        "valueType: String"},
       {"h", "primaryTable: HOLDING_REGISTERS, startingAddress: 1, rawType: Int32", "valueType: Float32"},
       {"i", "type: virtual", "valueType: Int16"},
       {"j", "primaryTable: INPUT_REGISTERS, startingAddress: 1", "valueType: Int16, readWrite: W"}});
  CHECK(warned(imported, "a", "no values of type 'Int8'; left out"));
  CHECK(warned(imported, "b", "mediaType is not carried over"));
  CHECK(warned(imported, "c", "a Int16 in COILS is not one bit; left out"));
  CHECK(warned(imported, "d", "'TAPE' is no primaryTable; left out"));
  CHECK(warned(imported, "e", "'-1' is no startingAddress; left out"));
  CHECK(warned(imported, "f", "needs stringRegisterSize"));
  CHECK(point(imported, "Text.g").string_registers == 123);
  CHECK(warned(imported, "h", "rawType Int32 can not become Float32; left out"));
  CHECK(warned(imported, "i", "no attributes for Modbus"));
  CHECK(warned(imported, "j", "can only be written in EdgeX"));
  CHECK(warned(imported, "j", "nobody can write to INPUT_REGISTERS; read only"));
  CHECK(imported.profiles[0].map.points.size() == 3);
  CHECK(warned(imported, "", "no device uses the profile Meter-A"));
}

TEST_CASE("JSON is read like YAML, wrapped as the REST interface takes it") {
  const Imported imported = run({{"p.json", R"([{"apiVersion":"v3","profile":{"name":"P","deviceResources":[
	{"name":"SoC","attributes":{"primaryTable":"INPUT_REGISTERS","startingAddress":"7"},
	 "properties":{"valueType":"Uint16","units":"%"}}]}}])"},
                                 {"d.json", R"([{"name":"one","profileName":"P","protocols":{"modbus-tcp":
  {"Address":"h","Port":"502","UnitID":"1","Timeout":"250ms","ConnectDelay":"1s"}}},
  {"name":"two","profileName":"Q","protocols":{"modbus-tcp":{"Address":"h","UnitID":"2"}}},
  {"name":"three","profileName":"P","protocols":{"BACnet-IP":{"DeviceInstance":1}}},
  {"name":"four","profileName":"P","protocols":{"modbus-tcp":{"Address":"h","UnitID":"300"}}}])"}});
  CHECK(point(imported, "StateOfCharge").address == 7);
  CHECK(configuration(imported).contains("    timeout: 250ms\n    connect_delay: 1s\n"));
  CHECK(imported.import.devices.size() == 1);
  CHECK(warned(imported, "two", "its profile 'Q' is not among the files"));
  CHECK(warned(imported, "three", "the protocol BACnet-IP is not imported"));
  CHECK(warned(imported, "four", "UnitID '300' is not from 0 to 255"));
  CHECK(imported.import.findings.errors() == 3);
}

}  // namespace
TEST_CASE("labels, tags and impossible serial settings are named, not dropped") {
  const Imported imported = run({{"p.yaml", R"(name: Meter
labels: [main, old]
deviceResources:
  - name: Frequency
    attributes: {primaryTable: HOLDING_REGISTERS, startingAddress: 10}
    properties: {valueType: Uint16, readWrite: R, units: Hz}
)"},
                                 {"devices.yaml", R"(deviceList:
  - name: bad
    profileName: Meter
    labels: []
    tags: {room: cellar}
    protocols:
      modbus-rtu: {Address: /dev/ttyS1, UnitID: "7", BaudRate: "fast", DataBits: "7", StopBits: "1.5", Parity: M}
  - name: plain
    profileName: Meter
    protocols:
      modbus-rtu: {Address: /dev/ttyS1, UnitID: "8", Parity: N}
)"}});
  std::string warnings;
  for (const config::Finding& finding : imported.import.findings)
    warnings += fmt::format("{}: {}\n", finding.key, finding.message);
  for (const std::string_view expected : {"labels are not carried over\n", "bad: tags are not carried over\n",
                                          "bad: BaudRate 'fast' is not possible here; taken as ",
                                          "bad: Parity 'M' is not possible here; taken as N\n",
                                          "bad: StopBits '1.5' is not possible here; taken as 1\n",
                                          "bad: DataBits '7' is not possible here; taken as 8\n"}) {
    CHECK_MESSAGE(warnings.contains(expected), warnings);
  }
  CHECK_FALSE(warnings.contains("bad: labels"));
  CHECK_FALSE(warnings.contains("plain: Parity"));
  CHECK_FALSE(warnings.contains("plain: BaudRate"));
}

}  // namespace iw::importers
