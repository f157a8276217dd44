// The network layer (clause 6): NPDUs with routing, and the messages that routers exchange.
//
// Decoded NPDUs are views into the bytes they were decoded from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/error.hpp"

namespace iw::bacnet {

constexpr std::uint8_t max_hops = 255;
constexpr std::size_t max_npdu_header = 28;

enum class NetworkPriority : std::uint8_t { normal, urgent, critical_equipment, life_safety };

enum class NetworkMessageType : std::uint8_t {
  who_is_router_to_network = 0x00,
  i_am_router_to_network = 0x01,
  i_could_be_router_to_network = 0x02,
  reject_message_to_network = 0x03,
  router_busy_to_network = 0x04,
  router_available_to_network = 0x05,
  initialize_routing_table = 0x06,
  initialize_routing_table_ack = 0x07,
  establish_connection_to_network = 0x08,
  disconnect_connection_to_network = 0x09,
  what_is_network_number = 0x12,
  network_number_is = 0x13,
};

struct Npdu {
  std::optional<Address> destination = {};  // none: on this link
  std::optional<Address> source = {};       // set by routers
  std::uint8_t hops = max_hops;             // of a destination
  bool expecting_reply = false;
  NetworkPriority priority = NetworkPriority::normal;
  std::optional<NetworkMessageType> message = {};  // none: the payload is an APDU
  std::uint16_t vendor = 0;                        // of a message of type 0x80 or higher
  Bytes payload = {};
};

// Refused: another version, reserved bits, a source that is a broadcast or on no network, addresses longer
// than those of any data link.
Decoded<Npdu> decode_npdu(Bytes bytes);
void write_npdu(Writer& out, const Npdu& npdu);

// ---- Network layer messages (6.4): the payload of an Npdu with `message`

struct WhoIsRouterToNetwork {
  std::optional<std::uint16_t> network = {};  // none: all
  friend bool operator==(const WhoIsRouterToNetwork&, const WhoIsRouterToNetwork&) = default;
};
struct IAmRouterToNetwork {
  std::vector<std::uint16_t> networks;
  friend bool operator==(const IAmRouterToNetwork&, const IAmRouterToNetwork&) = default;
};
struct ICouldBeRouterToNetwork {
  std::uint16_t network = 0;
  std::uint8_t performance = 0;
  friend bool operator==(const ICouldBeRouterToNetwork&, const ICouldBeRouterToNetwork&) = default;
};

enum class RejectMessageReason : std::uint8_t {
  other = 0,
  no_route = 1,  // not directly connected, and no router is known
  busy = 2,
  unknown_message_type = 3,
  message_too_long = 4,
  security = 5,
  addressing = 6,
};
std::string_view to_string(RejectMessageReason reason);

struct RejectMessageToNetwork {
  RejectMessageReason reason = RejectMessageReason::other;
  std::uint16_t network = 0;
  friend bool operator==(const RejectMessageToNetwork&, const RejectMessageToNetwork&) = default;
};
// Networks to which nothing may be sent for a while (at most 30 s, 6.6.3.6); none: all of that router.
struct RouterBusyToNetwork {
  std::vector<std::uint16_t> networks;
  friend bool operator==(const RouterBusyToNetwork&, const RouterBusyToNetwork&) = default;
};
struct RouterAvailableToNetwork {
  std::vector<std::uint16_t> networks;
  friend bool operator==(const RouterAvailableToNetwork&, const RouterAvailableToNetwork&) = default;
};
struct RoutingTableEntry {
  std::uint16_t network = 0;
  std::uint8_t port = 0;
  Bytes port_info = {};
};
struct InitializeRoutingTable {
  std::vector<RoutingTableEntry> entries;
};
struct InitializeRoutingTableAck {
  std::vector<RoutingTableEntry> entries;
};
struct EstablishConnectionToNetwork {
  std::uint16_t network = 0;
  std::uint8_t termination_minutes = 0;  // 0: stays
  friend bool operator==(const EstablishConnectionToNetwork&, const EstablishConnectionToNetwork&) = default;
};
struct DisconnectConnectionToNetwork {
  std::uint16_t network = 0;
  friend bool operator==(const DisconnectConnectionToNetwork&,
                         const DisconnectConnectionToNetwork&) = default;
};
struct WhatIsNetworkNumber {
  friend bool operator==(const WhatIsNetworkNumber&, const WhatIsNetworkNumber&) = default;
};
struct NetworkNumberIs {
  std::uint16_t network = 0;
  bool configured = false;  // else learned from others
  friend bool operator==(const NetworkNumberIs&, const NetworkNumberIs&) = default;
};
// Of a vendor, or of a later revision: kept as it came.
struct OtherNetworkMessage {
  NetworkMessageType type{};
  std::uint16_t vendor = 0;
  Bytes data;
};

using NetworkMessage =
    std::variant<WhoIsRouterToNetwork, IAmRouterToNetwork, ICouldBeRouterToNetwork, RejectMessageToNetwork,
                 RouterBusyToNetwork, RouterAvailableToNetwork, InitializeRoutingTable,
                 InitializeRoutingTableAck, EstablishConnectionToNetwork, DisconnectConnectionToNetwork,
                 WhatIsNetworkNumber, NetworkNumberIs, OtherNetworkMessage>;

// npdu.message has to be there.
Decoded<NetworkMessage> decode_network_message(const Npdu& npdu);
NetworkMessageType type_of(const NetworkMessage& message);
// Without type and vendor, which are the Npdu's.
void write_network_message(Writer& out, const NetworkMessage& message);

}  // namespace iw::bacnet
