// Responder: the server's side of transactions (5.4.5) with any number of clients, without IO: APDUs and
// `now` in, whole requests and APDUs out.
//
//   if (auto request = responder.received(peer, apdu, now)) ... responder.reply(request->caller, answer,
//   now); while (auto out = responder.next_to_send()) ...        // after every call responder.expire(now);
//   // at next_deadline()
//
// Requests and answers that are too long for one APDU travel in segments. A request that changes something is
// carried out once: who repeats it, because the answer was lost, gets that answer again (5.3.5.3). A read is
// simply done again, so that it costs no memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/segmentation.hpp"
#include "protocols/bacnet/server/reply.hpp"
#include "protocols/bacnet/session.hpp"

namespace iw::bacnet::server {

// Who asked for what, and what he takes as an answer.
struct Caller {
  Address peer;
  InvokeId id = 0;
  ConfirmedService service{};
  std::uint16_t max_apdu = min_apdu;
  bool takes_segments = false;
  unsigned max_segments = 0;  // 0: not specified
};

struct Request {
  Caller caller;
  Bytes data;  // good until the next call
};

struct ResponderSettings {
  std::uint16_t max_apdu = max_apdu_ip;
  std::uint8_t window = 16;
  Duration segment_timeout = 2s;
  unsigned retries = 3;                // of a window
  std::size_t max_request = 1U << 16;  // octets, put together
  std::size_t most_at_once = 64;       // segmented messages under way, each way
  std::size_t most_remembered = 1024;  // requests that changed something
  Duration remembered_for = 20s;
};

struct ResponderCounters {
  std::uint64_t requests = 0;
  std::uint64_t repeated = 0;  // and not carried out again
  std::uint64_t aborted = 0;
};

class Responder {
 public:
  explicit Responder(ResponderSettings settings = {}) : settings_(settings) {}

  // None: a segment of a request that is not whole, a repetition, or no affair of a server.
  std::optional<Request> received(const Address& peer, const Apdu& apdu, Instant now);
  // Once for each request, at once or later.
  void reply(const Caller& caller, const Reply& reply, Instant now);

  void expire(Instant now);
  [[nodiscard]] Instant next_deadline() const;
  std::optional<OutgoingApdu> next_to_send();

  [[nodiscard]] const ResponderCounters& counters() const { return counters_; }

 private:
  struct Key {
    Address peer;
    InvokeId id = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // A request that comes in segments.
  struct Assembly {
    SegmentReceiver receiver;
    Caller caller;
    Instant deadline;
  };
  // An answer that leaves in segments.
  struct Delivery {
    std::vector<std::byte> message;
    SegmentSender sender;
    Caller caller;
    Instant deadline;
    unsigned tries_left = 0;
  };
  // A request that changed something.
  struct Executed {
    std::size_t digest = 0;         // of service and parameters
    std::vector<std::byte> answer;  // the APDU; empty: not known yet
    Instant until;
  };
  struct Queued {
    Address peer;
    bool expecting_reply = false;
    std::vector<std::byte> apdu;
  };

  std::optional<Request> take(const Address& peer, const ConfirmedRequest& request, Instant now);
  std::optional<Request> take_segment(const Key& key, const ConfirmedRequest& request, Instant now);
  void take(const Key& key, const SegmentAck& ack, Instant now);
  std::optional<Request> once(Caller caller, Bytes data, Instant now);
  void deliver(const Caller& caller, Bytes data, Instant now);
  void send_segments(Delivery& delivery);
  void send(const Address& peer, const Apdu& apdu);
  void abort(const Address& peer, InvokeId id, AbortReason reason);
  void forget(Instant now);

  ResponderSettings settings_;
  std::map<Key, Assembly> assemblies_;
  std::map<Key, Delivery> deliveries_;
  std::map<Key, Executed> executed_;
  std::vector<std::byte> whole_;  // the request that was put together last
  std::vector<Queued> queue_;     // of which `queued_` are to be sent; the slots are used again
  std::size_t queued_ = 0;
  std::size_t taken_ = 0;
  ResponderCounters counters_;
};

}  // namespace iw::bacnet::server
