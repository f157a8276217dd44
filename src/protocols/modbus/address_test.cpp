#include "protocols/modbus/address.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::modbus;

TEST_CASE("network addresses of the three kinds are read, with their default ports") {
  CHECK(
      parse_address("modbus://192.0.2.7?unit=3").value() ==
      Address{.transport = Transport::tcp, .endpoint = {"192.0.2.7", 502}, .serial = {}, .unit = UnitId(3)});
  CHECK(parse_address("modbus+tls://inverter.lan").value().endpoint.port == 802);
  const auto rtu = parse_address("modbus+rtu://192.0.2.8:4001?unit=12").value();
  CHECK(rtu.transport == Transport::rtu_over_tcp);
  CHECK(line_url(rtu) == "modbus+rtu://192.0.2.8:4001");
  CHECK(line_url(*parse_address("modbus+tls://Plant.LAN?unit=2")) == "modbus+tls://plant.lan:802");
  CHECK(line_url(*parse_address("modbus+rtu:///dev/ttyUSB0")) == "modbus+rtu:///dev/ttyUSB0");
}

TEST_CASE("a serial address carries the settings of the port") {
  const auto address =
      parse_address("modbus+rtu:///dev/ttyUSB0?baud=19200&parity=even&stop=2&unit=7").value();
  CHECK(address.transport == Transport::serial);
  CHECK(address.serial.device == "/dev/ttyUSB0");
  CHECK(address.serial.baud == 19200);
  CHECK(address.serial.parity == io::Parity::even);
  CHECK(address.serial.stop_bits == 2);
  CHECK(address.unit == UnitId(7));
}

TEST_CASE("what is wrong with an address is said in words") {
  const auto message = [](const char* url) { return parse_address(url).error().message; };
  CHECK(message("http://x").find("is no Modbus address") != std::string::npos);
  CHECK(message("modbus://x?unit=300").find("allowed are 0 to 255") != std::string::npos);
  CHECK(message("modbus+rtu:///dev/ttyUSB0?unit=0").find("none answers") != std::string::npos);
  CHECK(message("modbus+rtu://x:502?unit=0").find("none answers") != std::string::npos);
  CHECK(parse_address("modbus://x?unit=0").has_value());
  CHECK(message("modbus://x?baud=9600").find("means nothing to a network address") != std::string::npos);
  CHECK(message("modbus+rtu:///dev/ttyUSB0?bauds=9600").find("did you mean 'baud'?") != std::string::npos);
  CHECK(message("modbus://:502").find("names no host") != std::string::npos);
}
