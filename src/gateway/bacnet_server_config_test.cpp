// What a configuration may say about BACnet: our points as a device, and devices of others.
#include "gateway/bacnet_server_config.hpp"

#include <doctest/doctest.h>

#include "gateway/site_config.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr std::string_view control = R"(
control:
  enabled: true
  points: {pv/ActivePowerLimit: {min: 0, max: 8000, default: 8000}}
devices:
  - {name: pv, connect: "modbus://192.0.2.4", profile: huawei/sun2000}
)";

struct Bench {
  std::optional<BacnetServerSection> read(std::string_view section, std::string_view rest = control) {
    auto loaded = load(with(section, rest));
    REQUIRE_MESSAGE(loaded, config::to_string(findings));
    return read_bacnet_server(*loaded, files, findings);
  }
  // Why a configuration with this section is not taken.
  std::string wrong(std::string_view section, std::string_view rest = control) {
    CHECK_FALSE(load(with(section, rest)));
    return config::to_string(findings);
  }
  // What is found in a whole file.
  std::string of_file(std::string_view text) {
    (void)load(text);
    return config::to_string(findings);
  }

  static std::string with(std::string_view section, std::string_view rest) {
    return fmt::format("bacnet_server: {}\n{}", section, rest);
  }
  std::unique_ptr<LoadedConfig> load(std::string_view text) {
    findings = {};
    return load_config("site.yaml", text, files, findings);
  }

  io::testing::MemoryFiles files;
  config::Findings findings;
};

}  // namespace

TEST_CASE("an instance and who may ask are all that is needed; nobody commands, and no alarms are told") {
  Bench b;
  const auto section = b.read("{device: 4711, allow: [192.0.2.0/24]}");
  REQUIRE(section);
  CHECK(section->device == 4711);
  CHECK(section->listen.port == 47808);
  CHECK(section->write.empty());
  CHECK(section->points.empty());
  CHECK_FALSE(section->alarms.has_value());
  CHECK(section->password.empty());
  CHECK(section->owner == "bacnet");
}

TEST_CASE("without the section, or with it switched off, there is no device and no finding") {
  Bench b;
  CHECK_FALSE(b.read("{enabled: false, device: 4711, allow: [192.0.2.0/24]}").has_value());
  CHECK(b.findings.errors() == 0);
}

TEST_CASE("what would never work is found before the start, at its place") {
  Bench b;
  CHECK(b.wrong("{device: 4711, allow: []}").contains("nobody is allowed"));
  CHECK(b.wrong("{device: 4711, allow: [192.0.2.0/24], write: [198.51.100.7]}")
            .contains("198.51.100.7 may write, but is not allowed to ask"));
  CHECK(b.wrong("{device: 4711, allow: [192.0.2.0/24], alarms: {recipients: [198.51.100.7]}}")
            .contains("198.51.100.7:47808 is told of alarms, but is not allowed to ask"));
  CHECK(b.wrong("{device: 4711, allow: [192.0.2.0/24], loads: [{point: pv/ActivePower, baseline_w: 5000}]}")
            .contains("pv/ActivePower is not declared under control: points:"));
  CHECK(b.wrong("{device: 4711, allow: [192.0.2.0/24], password_file: secret}").contains("site.yaml:1:"));
}

TEST_CASE("our device and our client do not share a port") {
  Bench b;
  constexpr std::string_view client = "devices: [{name: ahu, connect: 'bacnet://192.0.2.20?device=1'}]\n";
  CHECK(b.wrong("{device: 4711, allow: [192.0.2.0/24]}", client)
            .contains("port 47808 is that of our BACnet client"));
  CHECK(b.read("{device: 4711, allow: [192.0.2.0/24], listen: '0.0.0.0:47809'}", client).has_value());
  CHECK(b.read("{device: 4711, allow: [192.0.2.0/24]}",
               "lines: [{connect: 'bacnet://', bind: '0.0.0.0:47809'}]\n" + std::string(client))
            .has_value());
}

TEST_CASE("a load without levels has the usual ones, and a password is what stands in its file") {
  Bench b;
  b.files.put("secret", "quiet please\n", 0600);
  const auto section = b.read(
      "{device: 4711, allow: [192.0.2.0/24], password_file: secret, "
      "loads: [{point: pv/ActivePowerLimit, baseline_w: 8000}]}");
  REQUIRE_MESSAGE(section, config::to_string(b.findings));
  CHECK(section->loads[0].levels == std::vector{75, 50, 25});
  CHECK(section->password == "quiet please");
  b.files.put("secret", "far too long for this service\n", 0600);
  CHECK(
      b.wrong("{device: 4711, allow: [192.0.2.0/24], password_file: secret}").contains("1 to 20 characters"));
  b.files.put("secret", "quiet please\n", 0644);
  CHECK_FALSE(b.wrong("{device: 4711, allow: [192.0.2.0/24], password_file: secret}").empty());
}

// ---- Devices of others

TEST_CASE("nothing is ever written at the priorities of life safety, nor at that of minimum times") {
  Bench b;
  for (const int priority : {1, 2, 6}) {
    CAPTURE(priority);
    const std::string device = fmt::format(
        "devices: [{{name: ahu, connect: 'bacnet://192.0.2.20?device=1', priority: {}}}]\n", priority);
    CHECK(b.of_file(device).contains(fmt::format("nothing is written at priority {}", priority)));
  }
  for (const int priority : {3, 5, 7, 16}) {
    CHECK(b.of_file(fmt::format("devices: [{{name: ahu, connect: 'bacnet://?device=1', priority: {}}}]\n",
                                priority))
              .empty());
  }
  for (const int priority : {0, 17}) {
    CHECK_FALSE(
        b.of_file(
             fmt::format("devices: [{{name: ahu, connect: 'bacnet://?device=1', priority: {}}}]\n", priority))
            .empty());
  }
}

TEST_CASE("a device is named by its instance, once, and all share one line") {
  Bench b;
  CHECK(b.of_file("devices: [{name: ahu, connect: 'bacnet://192.0.2.20'}]\n")
            .contains("the address names no device"));
  CHECK(b.of_file("devices: [{name: a, connect: 'bacnet://?device=1'}, {name: b, connect: "
                  "'bacnet://192.0.2.7?device=1'}]\n")
            .contains("device 1 is 'a' already"));
  CHECK(
      b.of_file("lines: [{connect: 'bacnet://192.0.2.20'}]\n").contains("all BACnet devices share one line"));
  CHECK(b.of_file("lines: [{connect: 'bacnet://'}, {connect: 'bacnet://'}]\n")
            .contains("bacnet:// is there twice"));
  CHECK(b.of_file("lines: [{connect: 'bacnet://'}]\n").contains("no device is on bacnet://"));
}
