// NetworkLayer: which router leads to which network (clause 6.6), without IO and for any data link: APDUs to
// an Address become NPDUs to a Mac, and back.
//
// Routes are learned: from the source of what routers pass on, from I-Am-Router-To-Network. A network that
// nobody told us of is asked for by broadcast, seldom.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/npdu.hpp"

namespace iw::bacnet {

// An NPDU for the data link. An empty Mac: all stations of the link.
struct OutgoingNpdu {
  Mac to;
  Bytes npdu;  // good until the next call
};

struct IncomingApdu {
  Address source;
  bool expecting_reply = false;
  bool broadcast = false;
  Bytes apdu;
};

// A router says that what we sent to this network does not get there.
struct NetworkRejected {
  std::uint16_t network = 0;
  RejectMessageReason reason{};
};

class NetworkLayer {
 public:
  NetworkLayer() : buffer_(max_npdu) {}

  // None while there is no route to the station's network: it is asked for, and the sender tries again.
  std::optional<OutgoingNpdu> wrap(const Address& to, Bytes apdu, bool expecting_reply, Instant now);

  // What came over the data link from this station. Network layer messages are dealt with here.
  std::variant<std::monostate, IncomingApdu, NetworkRejected> received(const Mac& from, Bytes npdu,
                                                                       Instant now);

  // NPDUs of our own: questions for routers.
  std::optional<OutgoingNpdu> next_to_send();

  // Nothing may be sent to this network before (Router-Busy-To-Network); none: it may.
  [[nodiscard]] std::optional<Instant> busy_until(std::uint16_t network, Instant now) const;
  [[nodiscard]] std::optional<Mac> router_to(std::uint16_t network) const;
  void learn(std::uint16_t network, const Mac& router);
  // The number of the network we are on, when somebody told us.
  [[nodiscard]] std::uint16_t local_number() const { return local_number_; }
  // Asks for the number of our network, and for all routers.
  void look_around();

 private:
  static constexpr std::size_t max_npdu = 1 << 16;

  struct Route {
    Mac router;
    Instant busy_until{};
    Instant asked = Instant::min();
  };

  void handle(const NetworkMessage& message, const Mac& from, Instant now);
  void ask_for(std::uint16_t network, Instant now);

  std::unordered_map<std::uint16_t, Route> routes_;  // without router: not known yet
  std::vector<NetworkMessage> questions_;
  std::uint16_t local_number_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace iw::bacnet
