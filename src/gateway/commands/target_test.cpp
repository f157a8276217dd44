#include "gateway/commands/target.hpp"

#include <doctest/doctest.h>

#include "gateway/commands/commands.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

// The exit status of a command line that must not get as far as the network.
int run(const std::vector<std::string>& words) {
  const CommandLine line("test", "1");
  Console console;
  Program program{.app = line.root(), .console = console};
  for (const auto add : {add_try, add_scan, add_read, add_write, add_decode, add_profiles})
    add(program);
  std::vector<const char*> arguments{"interwatt"};
  for (const std::string& word : words)
    arguments.push_back(word.c_str());
  const int misused = line.parse(static_cast<int>(arguments.size()), arguments.data());
  return misused != 0 ? misused : program.status;
}

}  // namespace

TEST_CASE("a target is an address, a unit and a timeout") {
  const auto target = parse_target({.url = "modbus://192.0.2.7?unit=9", .timeout = "250ms", .tls = {}});
  REQUIRE(target);
  CHECK(target->unit == modbus::UnitId(9));
  CHECK(target->timeout == 250ms);
  CHECK(target->url() == "modbus://192.0.2.7:502?unit=9");
  CHECK(target->url(modbus::UnitId(3)) == "modbus://192.0.2.7:502?unit=3");
  CHECK(parse_target({.url = "modbus://192.0.2.7", .timeout = {}, .tls = {}})->unit == modbus::UnitId(1));
  CHECK_FALSE(parse_target({.url = "modbus://192.0.2.7", .timeout = "soon", .tls = {}}));
  CHECK_FALSE(parse_target({.url = "modbus://192.0.2.7", .timeout = "0s", .tls = {}}));
  CHECK_FALSE(parse_target({.url = "192.0.2.7", .timeout = {}, .tls = {}}));
}

TEST_CASE("the address of a serial line names all that it takes to find the unit again") {
  const auto target = parse_target(
      {.url = "modbus+rtu:///dev/ttyUSB0?baud=19200&parity=even&unit=3", .timeout = {}, .tls = {}});
  REQUIRE(target);
  CHECK(target->url() == "modbus+rtu:///dev/ttyUSB0?baud=19200&parity=even&stop=1&unit=3");
  CHECK(modbus::parse_address(target->url()).value() == target->address);
}

TEST_CASE("TLS needs its certificates, and nothing else takes them") {
  const auto missing =
      parse_target({.url = "modbus+tls://192.0.2.7", .timeout = {}, .tls = {.ca = "ca.pem"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.contains("--cert, --key"));
  CHECK(parse_target(
      {.url = "modbus+tls://192.0.2.7", .timeout = {}, .tls = {.ca = "a", .certificate = "b", .key = "c"}}));
  CHECK_FALSE(parse_target({.url = "modbus://192.0.2.7", .timeout = {}, .tls = {.ca = "ca.pem"}}));
}

TEST_CASE("wrong use ends with 2, before anything is asked of a device") {
  using Words = std::vector<std::string>;
  for (const Words& words : {
           Words{"try"},
           Words{"try", "192.0.2.1"},
           Words{"try", "modbus://192.0.2.1", "--profile", "no/such"},
           Words{"scan", "modbus://192.0.2.1", "--units", "0-300"},
           Words{"scan", "modbus://192.0.2.1", "--registers", "9-3"},
           Words{"scan", "modbus://192.0.2.1", "--twice", "5"},
           Words{"scan", "modbus://192.0.2.1", "--registers", "0-9", "--table", "coil"},
           Words{"read", "modbus://192.0.2.1"},
           Words{"read", "modbus://192.0.2.1", "holding", "70000"},
           Words{"read", "modbus://192.0.2.1", "holding", "0", "--count", "0"},
           Words{"read", "modbus://192.0.2.1", "holding", "65535", "--count", "2"},
           Words{"read", "modbus://192.0.2.1", "holding", "1", "--entity", "--one-based"},
           Words{"read", "modbus://192.0.2.1", "holding", "0", "--profile", "huawei/sun2000"},
           Words{"write", "modbus://192.0.2.1", "holding", "0", "--yes"},
           Words{"write", "modbus://192.0.2.1", "input", "0", "1", "--yes"},
           Words{"write", "modbus://192.0.2.1", "holding", "0", "1", "--json"},
           Words{"write", "modbus://192.0.2.1", "holding", "0", "1", "--mask", "1,1", "--yes"},
           Words{"write", "modbus://192.0.2.1", "5", "--point", "ActivePower", "--yes"},
           Words{"decode", "01", "0g"},
       }) {
    CHECK_MESSAGE(run(words) == 2, fmt::format("{}", fmt::join(words, " ")));
  }
}

TEST_CASE("what needs no device works without one") {
  CHECK(run({"decode", "00 01 00 00 00 06 01 03 00 00 00 0A"}) == 0);
  CHECK(run({"profiles"}) == 0);
  CHECK(run({"profiles", "list", "huawei", "--json"}) == 0);
  CHECK(run({"profiles", "list", "nobody-makes-this"}) == 1);
  CHECK(run({"profiles", "show", "huawei/sun2000"}) == 0);
  CHECK(run({"profiles", "show", "huawei/sun2001"}) == 1);
  CHECK(run({"profiles", "schema"}) == 0);
}
