#include "protocols/modbus/address.hpp"

#include <array>
#include <charconv>

#include "base/nearest.hpp"

namespace iw::modbus {
namespace {

struct Scheme {
  std::string_view prefix;
  Transport transport;
  std::uint16_t default_port;
};

constexpr std::array schemes{
    Scheme{"modbus://", Transport::tcp, tcp_port},
    Scheme{"modbus+tls://", Transport::tls, tls_port},
    Scheme{"modbus+rtu://", Transport::rtu_over_tcp, tcp_port},
};

constexpr std::string_view example =
    "for example modbus://192.0.2.7:502?unit=1 or modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3";

Result<std::uint32_t> number(std::string_view key, std::string_view text, std::uint32_t least,
                             std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{}={} is out of range, allowed are {} to {}", key, text, least, most));
  }
  return value;
}

Result<io::Parity> parse_parity(std::string_view text) {
  if (text == "none" || text == "n" || text == "N") return io::Parity::none;
  if (text == "even" || text == "e" || text == "E") return io::Parity::even;
  if (text == "odd" || text == "o" || text == "O") return io::Parity::odd;
  return fail(ErrorKind::invalid_argument, fmt::format("parity={} is unknown, one of none, even, odd", text));
}

Result<void> apply(Address& address, std::string_view key, std::string_view value) {
  if (key == "unit") {
    auto unit = number(key, value, 0, 255);
    if (!unit) return fail(std::move(unit).error());
    address.unit = UnitId(static_cast<std::uint8_t>(*unit));
    return {};
  }
  static constexpr std::array<std::string_view, 5> serial_keys{"unit", "baud", "parity", "stop", "rs485"};
  if (address.transport != Transport::serial) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' means nothing to a network address, only unit does", key));
  }
  if (key == "baud") {
    auto baud = number(key, value, 300, 4'000'000);
    if (!baud) return fail(std::move(baud).error());
    address.serial.baud = *baud;
  } else if (key == "parity") {
    auto parity = parse_parity(value);
    if (!parity) return fail(std::move(parity).error());
    address.serial.parity = *parity;
  } else if (key == "stop") {
    auto stop = number(key, value, 1, 2);
    if (!stop) return fail(std::move(stop).error());
    address.serial.stop_bits = static_cast<std::uint8_t>(*stop);
  } else if (key == "rs485") {
    address.serial.rs485 = value == "1" || value == "true" || value == "yes";
  } else {
    return fail(ErrorKind::invalid_argument,
                fmt::format("unknown option '{}'{}", key, suggestion(key, serial_keys)));
  }
  return {};
}

}  // namespace

Result<Address> parse_address(std::string_view url) {
  const auto wrong = [&](Error error) { return fail(std::move(error).in(fmt::format("'{}'", url))); };
  for (const Scheme& scheme : schemes) {
    if (!url.starts_with(scheme.prefix)) continue;
    std::string_view rest = url.substr(scheme.prefix.size());
    const auto question = rest.find('?');
    const std::string_view query =
        question == std::string_view::npos ? std::string_view{} : rest.substr(question + 1);
    rest = rest.substr(0, question);

    Address address{.transport = scheme.transport, .endpoint = {}, .serial = {}, .unit = {}};
    if (scheme.transport == Transport::rtu_over_tcp && rest.starts_with('/')) {
      address.transport = Transport::serial;
      address.serial.device = rest;
    } else {
      if (rest.ends_with('/')) rest.remove_suffix(1);
      auto endpoint = io::parse_endpoint(rest, scheme.default_port);
      if (!endpoint) return wrong(std::move(endpoint).error());
      address.endpoint = *endpoint;
    }

    for (std::string_view left = query; !left.empty();) {
      const auto ampersand = left.find('&');
      const std::string_view pair = left.substr(0, ampersand);
      left = ampersand == std::string_view::npos ? std::string_view{} : left.substr(ampersand + 1);
      const auto equals = pair.find('=');
      const std::string_view value =
          equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
      auto applied = apply(address, pair.substr(0, equals), value);
      if (!applied) return wrong(std::move(applied).error());
    }
    const bool serial_line =
        address.transport == Transport::serial || address.transport == Transport::rtu_over_tcp;
    if (serial_line && address.unit == UnitId(0)) {
      return wrong({ErrorKind::invalid_argument,
                    "unit=0 speaks to all units of a serial line, and none answers",
                    "the units of a serial line are 1 to 247"});
    }
    return address;
  }
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no Modbus address", url),
              std::string(example));
}

std::string line_url(const Address& address) {
  io::Endpoint endpoint = address.endpoint;
  // The case of a name says nothing (RFC 4343).
  for (char& c : endpoint.host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  switch (address.transport) {
    case Transport::tcp: return fmt::format("modbus://{}", io::to_string(endpoint));
    case Transport::tls: return fmt::format("modbus+tls://{}", io::to_string(endpoint));
    case Transport::rtu_over_tcp: return fmt::format("modbus+rtu://{}", io::to_string(endpoint));
    case Transport::serial: return fmt::format("modbus+rtu://{}", address.serial.device);
  }
  return {};
}

}  // namespace iw::modbus
