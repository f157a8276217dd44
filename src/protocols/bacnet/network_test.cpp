// The way of an APDU through the network layer and BACnet/IP.
#include <algorithm>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "protocols/bacnet/ip_link.hpp"
#include "protocols/bacnet/network_layer.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

constexpr Instant start{};
const IpAddress device_ip{.host = {10, 77, 0, 2}, .port = 47900};
const IpAddress router_ip{.host = {10, 77, 0, 9}};
const IpAddress bbmd_ip{.host = {10, 78, 0, 1}};
const Mac device = to_mac(device_ip);
const Mac router = to_mac(router_ip);

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

std::string wrapped(NetworkLayer& network, const Address& to, std::string_view apdu, Instant now = start) {
  const auto bytes = hex(apdu);
  const auto out = network.wrap(to, bytes, true, now);
  return out ? fmt::format("{} <- {}", to_string(out->to), to_hex(out->npdu)) : "no route";
}

std::string asked(NetworkLayer& network) {
  std::string all;
  while (const auto out = network.next_to_send())
    all += fmt::format("{} <- {};", to_string(out->to), to_hex(out->npdu));
  return all;
}

bool give(NetworkLayer& network, const Mac& from, std::string_view npdu, Instant now = start) {
  const auto bytes = hex(npdu);
  return std::holds_alternative<IncomingApdu>(network.received(from, bytes, now));
}

}  // namespace

TEST_CASE("an APDU to our own network goes to the station, one to all networks to all stations") {
  NetworkLayer network;
  CHECK(wrapped(network, {.network = local_network, .mac = device}, "00 05 01 0C") ==
        "10.77.0.2:47900 <- 01 04 00 05 01 0C");
  const auto who_is = hex("10 08");
  const auto out = network.wrap(global_broadcast, who_is, false, start);
  REQUIRE(out.has_value());
  CHECK(out->to.empty());
  CHECK(to_hex(out->npdu) == "01 20 FF FF 00 FF 10 08");
}

TEST_CASE("a network without a known router is asked for once in a while, by broadcast") {
  NetworkLayer network;
  const Address station{.network = 2709, .mac = Mac(hex("00 13 8A"))};
  CHECK(wrapped(network, station, "00 05 01 0C") == "no route");
  CHECK(asked(network) == "* <- 01 80 00 0A 95;");
  CHECK(wrapped(network, station, "00 05 01 0C", start + 29s) == "no route");
  CHECK(asked(network).empty());
  CHECK(wrapped(network, station, "00 05 01 0C", start + 30s) == "no route");
  CHECK(asked(network) == "* <- 01 80 00 0A 95;");
  CHECK_FALSE(give(network, router, "01 80 01 0A 95"));
  CHECK(wrapped(network, station, "00 05 01 0C") ==
        "10.77.0.9:47808 <- 01 24 0A 95 03 00 13 8A FF 00 05 01 0C");
}

TEST_CASE("routes are learned from what routers pass on, and follow when another one does") {
  NetworkLayer network;
  CHECK(give(network, router, "01 08 0A 95 03 00 13 8A 10 00"));
  CHECK(network.router_to(2709) == router);
  CHECK(give(network, device, "01 08 0A 95 03 00 13 8A 10 00"));
  CHECK(network.router_to(2709) == device);
}

TEST_CASE("the source of an APDU is the station behind the router, or who sent it") {
  NetworkLayer network;
  const auto routed = hex("01 08 0A 95 03 00 13 8A 30 01 0C");
  const auto incoming = network.received(router, routed, start);
  CHECK(to_string(std::get<IncomingApdu>(incoming).source) == "2709:00 13 8A");
  const auto direct = hex("01 00 30 01 0C");
  const auto from_device = network.received(device, direct, start);
  CHECK(std::get<IncomingApdu>(from_device).source == Address{.network = local_network, .mac = device});
}

TEST_CASE("a busy router is spared until it is available, at most half a minute") {
  NetworkLayer network;
  give(network, router, "01 80 01 0A 95 00 07");
  give(network, router, "01 80 04 0A 95");
  CHECK(network.busy_until(2709, start + 1s) == start + 30s);
  CHECK_FALSE(network.busy_until(7, start + 1s).has_value());
  CHECK_FALSE(network.busy_until(2709, start + 30s).has_value());
  give(network, router, "01 80 04");
  CHECK(network.busy_until(7, start + 1s).has_value());
  give(network, router, "01 80 05");
  CHECK_FALSE(network.busy_until(7, start + 1s).has_value());
}

TEST_CASE("a rejected network loses its route, and the sender is told") {
  NetworkLayer network;
  give(network, router, "01 80 01 0A 95");
  const auto rejected = network.received(router, hex("01 80 03 01 0A 95"), start);
  CHECK(std::get<NetworkRejected>(rejected).network == 2709);
  CHECK_FALSE(network.router_to(2709).has_value());
}

TEST_CASE("our own network has a number when somebody says so") {
  NetworkLayer network;
  network.look_around();
  CHECK(asked(network) == "* <- 01 80 12;* <- 01 80 00;");
  give(network, router, "01 80 13 00 05 01");
  CHECK(network.local_number() == 5);
  CHECK(wrapped(network, {.network = 5, .mac = device}, "00 05 01 0C") ==
        "10.77.0.2:47900 <- 01 04 00 05 01 0C");
}

TEST_CASE("what is for another network, or no BACnet, is passed over") {
  NetworkLayer network;
  CHECK_FALSE(give(network, device, "01 20 00 07 01 05 FF 10 08"));
  CHECK_FALSE(give(network, device, "01 80 01 0A"));
  CHECK_FALSE(give(network, device, "02 00 10 08"));
}

// ---- BACnet/IP

namespace {

std::string datagram(const std::optional<OutgoingDatagram>& out) {
  return out ? fmt::format("{} <- {}", to_string(out->to), to_hex(out->bytes)) : "nothing";
}

}  // namespace

TEST_CASE("NPDUs travel in datagrams: to a station, or to the broadcast address") {
  IpLink link({.broadcast = {.host = {10, 77, 0, 255}}});
  const auto npdu = hex("01 20 FF FF 00 FF 10 08");
  CHECK(datagram(link.wrap(device, npdu)) == "10.77.0.2:47900 <- 81 0A 00 0C 01 20 FF FF 00 FF 10 08");
  CHECK(datagram(link.wrap({}, npdu)) == "10.77.0.255:47808 <- 81 0B 00 0C 01 20 FF FF 00 FF 10 08");
  CHECK(datagram(link.wrap(Mac::of(5), npdu)) == "nothing");
  CHECK(datagram(link.wrap(device, std::vector<std::byte>(1498))) == "nothing");
  CHECK(link.can_broadcast(start));
  CHECK(link.next_upkeep() == never);
}

TEST_CASE("a forwarded NPDU comes from its originator, not from the BBMD") {
  IpLink link({});
  const auto bytes = hex("81 04 00 12 0A 4D 00 02 BB 1C 01 20 FF FF 00 FF 10 08");
  const auto npdu = link.received(bbmd_ip, bytes, start);
  REQUIRE(npdu.has_value());
  CHECK(npdu->source == device);
  CHECK(npdu->broadcast);
  CHECK_FALSE(link.received(bbmd_ip, hex("81 0C 00 04"), start).has_value());
}

TEST_CASE("a foreign device registers, renews at half its time, and lets the BBMD distribute") {
  IpLink link({.broadcast = {}, .foreign = ForeignDevice{.bbmd = bbmd_ip, .time_to_live = 60s}});
  CHECK_FALSE(link.can_broadcast(start));
  CHECK(datagram(link.upkeep(start)) == "10.78.0.1:47808 <- 81 05 00 06 00 3C");
  CHECK(datagram(link.upkeep(start + 1s)) == "nothing");
  link.received(device_ip, hex("81 00 00 06 00 00"), start + 1s);  // somebody else
  CHECK_FALSE(link.can_broadcast(start + 1s));
  link.received(bbmd_ip, hex("81 00 00 06 00 00"), start + 1s);
  CHECK(link.can_broadcast(start + 1s));
  CHECK(link.next_upkeep() == start + 31s);
  CHECK(datagram(link.wrap({}, hex("01 20 FF FF 00 FF 10 08"))) ==
        "10.78.0.1:47808 <- 81 09 00 0C 01 20 FF FF 00 FF 10 08");
  CHECK(datagram(link.upkeep(start + 31s)) == "10.78.0.1:47808 <- 81 05 00 06 00 3C");
}

TEST_CASE("a BBMD that is silent, refuses or has forgotten us is asked again, and complained about") {
  IpLink link({.broadcast = {}, .foreign = ForeignDevice{.bbmd = bbmd_ip, .time_to_live = 60s}});
  (void)link.upkeep(start);
  CHECK(datagram(link.upkeep(start + 10s)) == "10.78.0.1:47808 <- 81 05 00 06 00 3C");
  CHECK(link.complaint().contains("does not answer"));
  link.received(bbmd_ip, hex("81 00 00 06 00 30"), start + 11s);
  CHECK(link.complaint().contains("does not take us"));
  CHECK(link.next_upkeep() == start + 21s);
  (void)link.upkeep(start + 21s);
  link.received(bbmd_ip, hex("81 00 00 06 00 00"), start + 22s);
  CHECK(link.complaint().empty());
  link.received(bbmd_ip, hex("81 00 00 06 00 60"), start + 25s);
  CHECK_FALSE(link.can_broadcast(start + 25s));
  CHECK(datagram(link.upkeep(start + 25s)) == "10.78.0.1:47808 <- 81 05 00 06 00 3C");
}
