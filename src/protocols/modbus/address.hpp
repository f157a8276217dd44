// Address: where a Modbus device is, as people write it on the command line and in a configuration.
//
//   modbus://192.0.2.7:502?unit=1                      Modbus TCP (port 502 when left out)
//   modbus+tls://192.0.2.7:802?unit=1                  Modbus/TCP Security
//   modbus+rtu://192.0.2.7:4001?unit=3                 RTU frames over TCP (a serial device server)
//   modbus+rtu:///dev/ttyUSB0?baud=9600&parity=even&stop=1&unit=3   RTU on a serial port
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/endpoint.hpp"
#include "io/serial.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

enum class Transport : std::uint8_t { tcp, tls, rtu_over_tcp, serial };

struct Address {
  Transport transport = Transport::tcp;
  io::Endpoint endpoint;       // not for serial
  io::SerialSettings serial;   // only for serial
  std::optional<UnitId> unit;  // as written; none: the caller's default

  friend bool operator==(const Address&, const Address&) = default;
};

constexpr std::uint16_t tcp_port = 502;
constexpr std::uint16_t tls_port = 802;

Result<Address> parse_address(std::string_view url);

// The URL of the line, without the unit and with its port: equal for devices that share it.
std::string line_url(const Address& address);

}  // namespace iw::modbus
