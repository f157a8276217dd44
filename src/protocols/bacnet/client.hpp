// Client: one UDP socket and all that speaks BACnet through it: questions to any number of devices, what
// others say unasked. On the executor of the network.
//
// Who asks often (a poller) implements Asker and has no coroutine for each request; who asks now and then
// awaits ask(). run() goes on until close().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "io/network.hpp"
#include "io/signal.hpp"
#include "io/task_group.hpp"
#include "protocols/bacnet/ip_link.hpp"
#include "protocols/bacnet/network_layer.hpp"
#include "protocols/bacnet/session.hpp"

namespace iw::bacnet {

struct ClientSettings {
  io::Endpoint bind{.host = "0.0.0.0", .port = default_port};
  IpLinkSettings link;
  SessionSettings session;

  friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

// Where a device is, and what it takes.
struct Binding {
  Address address;
  PeerLimits limits;

  friend bool operator==(const Binding&, const Binding&) = default;
};

// What became of a request, kept: the data of the acknowledgement, or of the error.
struct Reply {
  std::vector<std::byte> data = {};
  std::optional<Error> error = {};
};

class Asker {
 public:
  Asker() = default;
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;
  virtual ~Asker() = default;

  virtual void answered(std::uint64_t tag, const Outcome& outcome, Instant now) = 0;
};

// Who uses the client. All is called on its executor.
class ClientOwner {
 public:
  ClientOwner() = default;
  ClientOwner(const ClientOwner&) = delete;
  ClientOwner& operator=(const ClientOwner&) = delete;
  virtual ~ClientOwner() = default;

  // Asks what is due; returns when to be called again, at the latest.
  virtual Instant work(Instant now) = 0;
  // A request of somebody else's. Confirmed ones are answered by what is returned; none: "we do not have this
  // service".
  virtual void heard(const Address& from, const UnconfirmedRequest& request, Instant now) = 0;
  virtual std::optional<Apdu> asked(const Address& from, const ConfirmedRequest& request, Instant now) = 0;

  // For who keeps a record of our own requests: begun, in frames (again when it is repeated), and ended; with
  // the frame that ended it, if one did.
  virtual void request_begun(Ticket /*ticket*/, const Address& /*to*/, ConfirmedService /*service*/,
                             Instant /*now*/) {}
  virtual void request_sent(Ticket /*ticket*/, Bytes /*frame*/) {}
  virtual void request_ended(Ticket /*ticket*/, const Outcome& /*outcome*/, Bytes /*frame*/,
                             Instant /*now*/) {}
};

struct ClientCounters {
  std::uint64_t datagrams_in = 0;
  std::uint64_t datagrams_out = 0;
  std::uint64_t broadcasts = 0;
  std::uint64_t malformed = 0;
  std::uint64_t send_failures = 0;
};

class Client {
 public:
  Client(ClientSettings settings, io::Network& network, ClientOwner& owner);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // Takes the port.
  Result<void> open();
  io::Task<void> run();
  void close();
  // Calls the owner's work() soon.
  void wake() { wake_.set(); }
  // Before run(): until then, wake() or close().
  [[nodiscard]] auto wait(Instant until) { return wake_.wait_until(until); }

  // For who is called by the client, in work() or answered(). The asker hears of it once, unless this fails.
  Result<void> ask(Asker& asker, std::uint64_t tag, const Binding& device, ConfirmedService service,
                   Bytes parameters, bool once = false);
  // The parameters of the acknowledgement; an error for everything else.
  io::Task<Result<std::vector<std::byte>>> ask(Binding device, ConfirmedService service,
                                               std::vector<std::byte> parameters, bool once = false);
  // For services whose errors say more than class and code.
  io::Task<Reply> ask_whole(Binding device, ConfirmedService service, std::vector<std::byte> parameters,
                            bool once);
  // False: it could not be sent, for want of a route or of the registration with a BBMD.
  bool tell(const Address& to, UnconfirmedService service, Bytes parameters);

  [[nodiscard]] std::size_t outstanding(const Address& device) const { return session_.outstanding(device); }
  [[nodiscard]] std::size_t waiting() const { return session_.outstanding(); }
  [[nodiscard]] std::optional<Instant> busy_until(std::uint16_t network) const;
  [[nodiscard]] bool can_broadcast() const;
  [[nodiscard]] const std::string& complaint() const { return link_.complaint(); }
  [[nodiscard]] NetworkLayer& network_layer() { return network_layer_; }
  [[nodiscard]] std::optional<Mac> router_to(std::uint16_t network) const {
    return network == local_network ? std::nullopt : network_layer_.router_to(network);
  }
  [[nodiscard]] io::Executor& executor() { return network_.executor(); }
  [[nodiscard]] io::Endpoint local() const;
  [[nodiscard]] const ClientCounters& counters() const { return counters_; }
  [[nodiscard]] const SessionCounters& session_counters() const { return session_.counters(); }

 private:
  struct Question {
    Asker* asker = nullptr;
    std::uint64_t tag = 0;
  };
  class Waiting;

  io::Task<void> receive();
  void take(const io::Datagram& datagram, Bytes bytes, Instant now);
  void take(const IncomingApdu& incoming, Bytes frame, Instant now);
  void answer(const Answer& answer, Bytes frame, Instant now);
  void flush();
  bool send(const Address& to, Bytes apdu, bool expecting_reply, Instant now, Ticket ticket = 0);
  bool send(const OutgoingNpdu& npdu, Ticket ticket = 0);
  void send(const OutgoingDatagram& datagram);

  ClientSettings settings_;
  io::Network& network_;
  ClientOwner& owner_;
  io::TaskGroup tasks_;
  io::Signal wake_;
  io::DatagramSocketPtr socket_;
  IpLink link_;
  NetworkLayer network_layer_;
  Session session_;
  std::unordered_map<Ticket, Question> questions_;
  Ticket next_ticket_ = 1;
  std::vector<std::byte> apdu_;
  bool closing_ = false;
  ClientCounters counters_;
};

}  // namespace iw::bacnet
