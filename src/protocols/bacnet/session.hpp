// Session: the client's side of transactions (5.4.4) with any number of peers, without IO: requests, APDUs
// and `now` in, answers and APDUs out.
//
//   session.request(ticket, peer, service, parameters, now);
//   while (auto out = session.next_to_send()) ...          // after every call
//   if (auto answer = session.received(peer, apdu, now)) ...
//   while (auto answer = session.expired(now)) ...         // at next_deadline()
//
// Each peer has invoke ids of its own. An answer belongs to a request when peer, id and service are right;
// the id of a request that was not answered rests for a while, so that an answer that comes late is nobody's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/segmentation.hpp"

namespace iw::bacnet {

using Ticket = std::uint64_t;  // the caller's name of a request

struct SessionSettings {
  Duration timeout = 3s;          // for an answer, each time
  unsigned retries = 2;           // after the first time
  Duration segment_timeout = 2s;  // for an acknowledgement; a silent sender gets four times that
  std::uint8_t window = 16;       // segments that we propose, and take, before an acknowledgement
  std::uint16_t max_apdu = max_apdu_ip;
  std::size_t max_message = 1U << 18;  // octets of a reassembled answer

  friend bool operator==(const SessionSettings&, const SessionSettings&) = default;
};

// What the peer said in its I-Am, or what is safe until it did.
struct PeerLimits {
  std::uint16_t max_apdu = max_apdu_ip;
  bool receives_segments = false;

  friend bool operator==(const PeerLimits&, const PeerLimits&) = default;
};

// SimpleACK has no data. Views are good until the next call.
struct Acknowledged {
  Bytes data = {};
};
struct ErrorAnswer {
  BacnetError error;
  Bytes data = {};  // as it came: some services say more
};
struct NoAnswer {};  // not within all retries
// Reject and Abort as they came; Error: it could not be sent, or the network rejected it.
using Outcome = std::variant<Acknowledged, ErrorAnswer, RejectReason, AbortReason, NoAnswer, Error>;

// For people; of an Acknowledged: none.
std::optional<Error> error_of(const Outcome& outcome);
// The device says that DeviceCommunicationControl has silenced it: no request is to blame.
bool is_silenced(const Outcome& outcome);

struct Answer {
  Ticket ticket = 0;
  Outcome outcome;
};

struct OutgoingApdu {
  Ticket ticket = 0;  // of the request; 0: it belongs to an answer
  Address peer;
  bool expecting_reply = false;
  Bytes apdu;  // good until the next call
};

struct SessionCounters {
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t late = 0;  // answers that nobody waited for
};

class Session {
 public:
  explicit Session(SessionSettings settings = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Refused: it does not fit into what the peer takes, or all invoke ids are in use. `once`: it is not
  // repeated, because doing it twice is not the same as once.
  Result<void> request(Ticket ticket, const Address& peer, PeerLimits limits, ConfirmedService service,
                       Bytes parameters, Instant now, bool once = false);

  // An APDU that answers a request: SimpleACK, ComplexACK, SegmentACK, Error, Reject, Abort. Others are the
  // caller's.
  std::optional<Answer> received(const Address& peer, const Apdu& apdu, Instant now);

  std::optional<Answer> expired(Instant now);
  [[nodiscard]] Instant next_deadline();

  // One of the requests to stations of this network ends so (Reject-Message-To-Network); none when there is
  // no other.
  std::optional<Answer> rejected(std::uint16_t network, const Error& why);

  std::optional<OutgoingApdu> next_to_send();

  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  [[nodiscard]] std::size_t outstanding(const Address& peer) const;
  [[nodiscard]] const SessionSettings& settings() const { return settings_; }
  [[nodiscard]] const SessionCounters& counters() const { return counters_; }

 private:
  struct Transaction;
  struct Peer;
  struct Pending {
    Instant deadline;
    Transaction* transaction;
    friend bool operator>(const Pending& a, const Pending& b) { return a.deadline > b.deadline; }
  };
  struct Queued {
    Ticket ticket = 0;
    Address peer;
    bool expecting_reply = false;
    std::vector<std::byte> apdu;
  };

  Transaction& start(Peer& peer, InvokeId id);
  std::optional<Answer> handle(Transaction& transaction, const ComplexAck& ack, Instant now);
  void handle(Transaction& transaction, const SegmentAck& ack, Instant now);
  std::optional<Answer> expire(Transaction& transaction, Instant now);

  void send_request(Transaction& transaction, Instant now);
  void send_segments(Transaction& transaction);
  void send(const Address& peer, const Apdu& apdu, Ticket ticket = 0);
  void abort(const Address& peer, InvokeId id, AbortReason reason);
  void arm(Transaction& transaction, Instant deadline);
  Answer finish(Transaction& transaction, Outcome outcome);
  [[nodiscard]] Transaction* find(const Address& peer, InvokeId id) const;
  // Due, or not of use any more.
  [[nodiscard]] bool is_stale(const Pending& pending) const;

  SessionSettings settings_;
  std::unordered_map<Address, std::unique_ptr<Peer>> peers_;
  std::vector<std::unique_ptr<Transaction>> transactions_;  // all there ever were
  std::vector<Transaction*> idle_;                          // to be used again, with their buffers
  // Transactions move their deadline without looking for the old one here.
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> deadlines_;
  std::vector<Queued> queue_;  // of which `queued_` are to be sent; the slots are used again
  std::size_t queued_ = 0;
  std::size_t taken_ = 0;
  std::size_t outstanding_ = 0;
  SessionCounters counters_;
};

}  // namespace iw::bacnet
