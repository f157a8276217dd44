// IpLink: BACnet/IP as a data link (Annex J), without IO: NPDUs to and from a Mac over datagrams, broadcasts
// by the network or, as a foreign device, by a BBMD.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/bvlc.hpp"

namespace iw::bacnet {

// We are not on the devices' network: a BBMD there distributes our broadcasts, as long as we are registered.
struct ForeignDevice {
  IpAddress bbmd;
  Duration time_to_live = 5min;

  friend bool operator==(const ForeignDevice&, const ForeignDevice&) = default;
};

struct IpLinkSettings {
  IpAddress broadcast{.host = {255, 255, 255, 255}};  // where broadcasts go
  std::optional<ForeignDevice> foreign = {};

  friend bool operator==(const IpLinkSettings&, const IpLinkSettings&) = default;
};

struct OutgoingDatagram {
  IpAddress to;
  Bytes bytes;  // good until the next call
};

struct IncomingNpdu {
  Mac source;
  bool broadcast = false;
  Bytes npdu;
};

class IpLink {
 public:
  explicit IpLink(IpLinkSettings settings) : settings_(settings), buffer_(max_datagram) {}

  // None: longer than a datagram of BACnet/IP, or a broadcast while we are not registered with the BBMD, or a
  // Mac that is none of BACnet/IP.
  std::optional<OutgoingDatagram> wrap(const Mac& to, Bytes npdu);
  std::optional<IncomingNpdu> received(const IpAddress& from, Bytes datagram, Instant now);

  // Upkeep: the registration as a foreign device, at half of its time to live and after every refusal.
  std::optional<OutgoingDatagram> upkeep(Instant now);
  [[nodiscard]] Instant next_upkeep() const;

  // Of a foreign device: whether the BBMD has taken us; else true.
  [[nodiscard]] bool can_broadcast(Instant now) const;
  // Why not, in words; empty when all is well.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

 private:
  IpLinkSettings settings_;
  Instant register_at_{};
  Instant registered_until_ = Instant::min();
  bool waiting_ = false;  // for the answer to a registration
  std::string complaint_;
  std::vector<std::byte> buffer_;
};

}  // namespace iw::bacnet
