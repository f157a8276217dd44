#include "protocols/bacnet/bvlc.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

constexpr std::uint8_t bvlc_type = 0x81;
constexpr std::size_t header_size = 4;
constexpr std::size_t entry_size = 10;

// In the order of the alternatives of Bvlc.
constexpr std::uint8_t function_code(const Bvlc& message) {
  return static_cast<std::uint8_t>(message.index());
}

BdtEntry read_bdt_entry(Reader& in) {
  BdtEntry entry{.bbmd = read_ip(in)};
  for (std::uint8_t& octet : entry.mask)
    octet = in.u8();
  return entry;
}

FdtEntry read_fdt_entry(Reader& in) {
  return {.device = read_ip(in), .time_to_live = in.u16be(), .remaining = in.u16be()};
}

template <class Entry>
std::vector<Entry> read_table(Reader& in, Entry (*read)(Reader&)) {
  std::vector<Entry> entries;
  entries.reserve(in.remaining() / entry_size);
  while (in.remaining() >= entry_size)
    entries.push_back(read(in));
  return entries;
}

Decoded<Bvlc> decode_body(std::uint8_t function, Reader& in) {
  switch (function) {
    case 0x00: return BvlcResult{static_cast<BvlcResultCode>(in.u16be())};
    case 0x01: return WriteBroadcastDistributionTable{read_table(in, read_bdt_entry)};
    case 0x02: return ReadBroadcastDistributionTable{};
    case 0x03: return ReadBroadcastDistributionTableAck{read_table(in, read_bdt_entry)};
    case 0x04: return ForwardedNpdu{.origin = read_ip(in), .npdu = in.rest()};
    case 0x05: return RegisterForeignDevice{in.u16be()};
    case 0x06: return ReadForeignDeviceTable{};
    case 0x07: return ReadForeignDeviceTableAck{read_table(in, read_fdt_entry)};
    case 0x08: return DeleteForeignDeviceTableEntry{read_ip(in)};
    case 0x09: return DistributeBroadcastToNetwork{in.rest()};
    case 0x0A: return OriginalUnicastNpdu{in.rest()};
    case 0x0B: return OriginalBroadcastNpdu{in.rest()};
    default: return tl::unexpected(RejectReason::unrecognized_service);
  }
}

void write_entries(Writer& out, const std::vector<BdtEntry>& entries) {
  for (const BdtEntry& entry : entries) {
    write_ip(out, entry.bbmd);
    for (const std::uint8_t octet : entry.mask)
      out.u8(octet);
  }
}

void write_entries(Writer& out, const std::vector<FdtEntry>& entries) {
  for (const FdtEntry& entry : entries) {
    write_ip(out, entry.device);
    out.u16be(entry.time_to_live);
    out.u16be(entry.remaining);
  }
}

std::size_t body_size(const Bvlc& message) {
  constexpr std::size_t address_size = 6;
  return std::visit(overloaded{[](const BvlcResult&) -> std::size_t { return 2; },
                               [](const RegisterForeignDevice&) -> std::size_t { return 2; },
                               [](const ReadBroadcastDistributionTable&) -> std::size_t { return 0; },
                               [](const ReadForeignDeviceTable&) -> std::size_t { return 0; },
                               [](const DeleteForeignDeviceTableEntry&) { return address_size; },
                               [](const ForwardedNpdu& m) { return address_size + m.npdu.size(); },
                               [](const DistributeBroadcastToNetwork& m) { return m.npdu.size(); },
                               [](const OriginalUnicastNpdu& m) { return m.npdu.size(); },
                               [](const OriginalBroadcastNpdu& m) { return m.npdu.size(); },
                               [](const auto& table) { return entry_size * table.entries.size(); }},
                    message);
}

}  // namespace

Decoded<Bvlc> decode_bvlc(Bytes datagram) {
  Reader in(datagram);
  const std::uint8_t type = in.u8();
  const std::uint8_t function = in.u8();
  if (type != bvlc_type || in.u16be() != datagram.size() || !in.ok())
    return tl::unexpected(RejectReason::invalid_data_encoding);
  auto message = decode_body(function, in);
  if (message && !in.done()) return tl::unexpected(RejectReason::invalid_data_encoding);
  return message;
}

void write_bvlc(Writer& out, const Bvlc& message) {
  out.u8(bvlc_type);
  out.u8(function_code(message));
  out.u16be(static_cast<std::uint16_t>(header_size + body_size(message)));
  std::visit(overloaded{[&](const BvlcResult& m) { out.u16be(static_cast<std::uint16_t>(m.code)); },
                        [&](const RegisterForeignDevice& m) { out.u16be(m.time_to_live); },
                        [](const ReadBroadcastDistributionTable&) {}, [](const ReadForeignDeviceTable&) {},
                        [&](const DeleteForeignDeviceTableEntry& m) { write_ip(out, m.device); },
                        [&](const ForwardedNpdu& m) {
                          write_ip(out, m.origin);
                          out.bytes(m.npdu);
                        },
                        [&](const DistributeBroadcastToNetwork& m) { out.bytes(m.npdu); },
                        [&](const OriginalUnicastNpdu& m) { out.bytes(m.npdu); },
                        [&](const OriginalBroadcastNpdu& m) { out.bytes(m.npdu); },
                        [&](const auto& table) { write_entries(out, table.entries); }},
             message);
}

}  // namespace iw::bacnet
