// BACnet Virtual Link Control (Annex J.2): how NPDUs and the upkeep of broadcasts travel over UDP.
//
// Decoded messages are views into the datagram.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/error.hpp"

namespace iw::bacnet {

constexpr std::size_t max_datagram = 1507;  // an NPDU of 1497 octets (J.1.3) in a Forwarded-NPDU
constexpr std::size_t max_ip_npdu = 1497;

enum class BvlcResultCode : std::uint16_t {
  successful = 0x0000,
  write_broadcast_distribution_table_nak = 0x0010,
  read_broadcast_distribution_table_nak = 0x0020,
  register_foreign_device_nak = 0x0030,
  read_foreign_device_table_nak = 0x0040,
  delete_foreign_device_table_entry_nak = 0x0050,
  distribute_broadcast_to_network_nak = 0x0060,
};

struct BvlcResult {
  BvlcResultCode code = BvlcResultCode::successful;
  friend bool operator==(const BvlcResult&, const BvlcResult&) = default;
};

struct BdtEntry {
  IpAddress bbmd;
  std::array<std::uint8_t, 4> mask{255, 255, 255, 255};  // how it is reached: unicast, or directed broadcast
  friend bool operator==(const BdtEntry&, const BdtEntry&) = default;
};

struct FdtEntry {
  IpAddress device;
  std::uint16_t time_to_live = 0;  // seconds, as registered
  std::uint16_t remaining = 0;     // seconds, with the 30 s of grace
  friend bool operator==(const FdtEntry&, const FdtEntry&) = default;
};

struct WriteBroadcastDistributionTable {
  std::vector<BdtEntry> entries;
  friend bool operator==(const WriteBroadcastDistributionTable&,
                         const WriteBroadcastDistributionTable&) = default;
};
struct ReadBroadcastDistributionTable {
  friend bool operator==(const ReadBroadcastDistributionTable&,
                         const ReadBroadcastDistributionTable&) = default;
};
struct ReadBroadcastDistributionTableAck {
  std::vector<BdtEntry> entries;
  friend bool operator==(const ReadBroadcastDistributionTableAck&,
                         const ReadBroadcastDistributionTableAck&) = default;
};
// Comes from a BBMD; the sender of the NPDU is `origin`, not who sent the datagram.
struct ForwardedNpdu {
  IpAddress origin;
  Bytes npdu;
};
struct RegisterForeignDevice {
  std::uint16_t time_to_live = 0;  // seconds
  friend bool operator==(const RegisterForeignDevice&, const RegisterForeignDevice&) = default;
};
struct ReadForeignDeviceTable {
  friend bool operator==(const ReadForeignDeviceTable&, const ReadForeignDeviceTable&) = default;
};
struct ReadForeignDeviceTableAck {
  std::vector<FdtEntry> entries;
  friend bool operator==(const ReadForeignDeviceTableAck&, const ReadForeignDeviceTableAck&) = default;
};
struct DeleteForeignDeviceTableEntry {
  IpAddress device;
  friend bool operator==(const DeleteForeignDeviceTableEntry&,
                         const DeleteForeignDeviceTableEntry&) = default;
};
struct DistributeBroadcastToNetwork {
  Bytes npdu;
};
struct OriginalUnicastNpdu {
  Bytes npdu;
};
struct OriginalBroadcastNpdu {
  Bytes npdu;
};

using Bvlc = std::variant<BvlcResult, WriteBroadcastDistributionTable, ReadBroadcastDistributionTable,
                          ReadBroadcastDistributionTableAck, ForwardedNpdu, RegisterForeignDevice,
                          ReadForeignDeviceTable, ReadForeignDeviceTableAck, DeleteForeignDeviceTableEntry,
                          DistributeBroadcastToNetwork, OriginalUnicastNpdu, OriginalBroadcastNpdu>;

// The whole datagram. Refused: another BVLC type, a length that is not the datagram's, a function that does
// not exist or no longer does (Secure-BVLL).
Decoded<Bvlc> decode_bvlc(Bytes datagram);
void write_bvlc(Writer& out, const Bvlc& message);

}  // namespace iw::bacnet
