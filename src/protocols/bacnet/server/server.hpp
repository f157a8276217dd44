// Server: a device of ours on a UDP port: what comes is answered, who subscribed is told. On the executor of
// the network.
//
//   Device device(...); device.add(...);
//   Server server(device, plant, settings, network);
//   server.open();  group.spawn(server.run());      // until close()
//   device.find(id)->set(...); server.changed(*object);
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "io/network.hpp"
#include "io/signal.hpp"
#include "io/task_group.hpp"
#include "protocols/bacnet/ip_link.hpp"
#include "protocols/bacnet/network_layer.hpp"
#include "protocols/bacnet/server/networks.hpp"
#include "protocols/bacnet/server/services.hpp"
#include "protocols/bacnet/session.hpp"

namespace iw::bacnet::server {

struct ServerSettings {
  io::Endpoint listen{.host = "0.0.0.0", .port = default_port};
  // Where broadcasts go, and come to where `listen` is an address of its own.
  IpLinkSettings link = {};
  SessionSettings session = {};  // of confirmed notifications
  ResponderSettings responder = {};
  ServiceSettings services = {};
  std::vector<IpNetwork> allow = {};  // who is answered at all
  std::vector<IpNetwork> write = {};  // who may write
  bool announce = true;               // I-Am to all at the start
};

struct ServerCounters {
  std::uint64_t datagrams_in = 0;
  std::uint64_t datagrams_out = 0;
  std::uint64_t refused = 0;  // from elsewhere than allowed
  std::uint64_t malformed = 0;
  std::uint64_t notifications = 0;
  std::uint64_t events = 0;         // notifications of them
  std::uint64_t events_failed = 0;  // that a recipient did not acknowledge, or who was not found
};

class Server {
 public:
  Server(Device& device, Plant& plant, ServerSettings settings, io::Network& network);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Takes the port; gives where it really is.
  Result<io::Endpoint> open();
  io::Task<void> run();
  void close();

  // The object may have another value or condition than before: subscribers are told.
  void changed(const Object& object);
  void removed(ObjectId object);
  // The object may have another Event_State than before: recipients are told, and why in `text`.
  void look(Object& object, std::string_view text);
  // Somebody has seen its alarm, who did not say so by BACnet.
  void acknowledged(Object& object, std::string_view by);

  [[nodiscard]] const ServerCounters& counters() const { return counters_; }
  [[nodiscard]] const ResponderCounters& responder_counters() const { return responder_.counters(); }
  // None where nothing is reported.
  [[nodiscard]] Reporting* reporting() { return services_.reporting(); }
  [[nodiscard]] std::size_t subscriptions() { return services_.subscriptions().size(); }

 private:
  io::Task<void> receive(io::DatagramSocket& socket);
  void take(const io::Datagram& datagram, Bytes bytes, Instant now);
  void take(const IncomingApdu& incoming, Instant now);
  void notify(Instant now);
  void notify(const Subscriptions::Subscription& due, Instant now);
  void tell_events(Instant now);
  void tell_event(const OutgoingEvent& event, const Address& to, Instant now);
  void look_for(std::uint32_t instance, Instant now);
  void heard_i_am(const Address& from, const UnconfirmedRequest& request);
  void answered(const Answer& answer, Instant now);
  void flush(Instant now);
  void tell(const Address& to, const Services::Told& told, Instant now);
  bool send(const Address& to, Bytes apdu, bool expecting_reply, Instant now);
  void send(const OutgoingNpdu& npdu);
  void send(const OutgoingDatagram& datagram);
  [[nodiscard]] bool may_write(const Address& peer) const;

  Device& device_;
  ServerSettings settings_;
  io::Network& network_;
  io::TaskGroup tasks_;
  io::Signal wake_;
  io::DatagramSocketPtr socket_;
  io::DatagramSocketPtr broadcasts_;  // what `socket_` does not hear
  IpLink link_;
  NetworkLayer network_layer_;
  Session session_;
  Responder responder_;
  Services services_;
  std::unordered_map<Ticket, std::uint64_t> notified_;  // subscriptions, of confirmed notifications under way
  // Recipients that are named by their device: where they are, and what waits for those that were not found.
  struct Homeless {
    OutgoingEvent event;
    std::uint32_t instance = 0;
    Instant until;
  };
  std::unordered_map<std::uint32_t, Address> bound_;
  std::unordered_map<std::uint32_t, Instant> looked_for_;
  std::deque<Homeless> homeless_;
  Ticket next_ticket_ = 1;
  std::array<std::uint8_t, 4> sender_{};  // of the datagram that is being served
  std::vector<std::byte> apdu_;
  ServerCounters counters_;
  bool closing_ = false;
};

}  // namespace iw::bacnet::server
