#include "protocols/bacnet/session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

// A confirmed request before its parameters: 4 octets, 6 of a segment (20.1.2).
constexpr std::size_t request_head = 4;
constexpr std::size_t segment_head = 6;
constexpr unsigned segment_timeouts_of_a_receiver = 4;  // 5.4.4.4
constexpr Duration rest_of_an_id = 30s;

std::optional<InvokeId> invoke_id_of(const Apdu& apdu) {
  using Id = std::optional<InvokeId>;
  return std::visit(
      overloaded{[](const ConfirmedRequest&) { return Id(); }, [](const UnconfirmedRequest&) { return Id(); },
                 [](const SegmentAck& pdu) { return pdu.from_server ? Id(pdu.invoke_id) : Id(); },
                 [](const AbortPdu& pdu) { return pdu.from_server ? Id(pdu.invoke_id) : Id(); },
                 [](const auto& pdu) { return Id(pdu.invoke_id); }},
      apdu);
}

bool is_of_service(const Apdu& apdu, ConfirmedService service) {
  return std::visit(overloaded{[&](const SimpleAck& pdu) { return pdu.service == service; },
                               [&](const ComplexAck& pdu) { return pdu.service == service; },
                               [&](const ErrorPdu& pdu) { return pdu.service == service; },
                               [](const auto&) { return true; }},
                    apdu);
}

// Class and code stand at the front of every error, in some services within a context tag.
BacnetError error_in(Bytes data) {
  ParameterReader in(data);
  if (in.next_opens(0)) in.open(0);
  const BacnetError error{.error_class = static_cast<ErrorClass>(in.application<Enumerated>().value),
                          .code = static_cast<ErrorCode>(in.application<Enumerated>().value)};
  return in.ok() ? error : BacnetError{};
}

}  // namespace

struct Session::Transaction {
  Peer* peer = nullptr;
  Ticket ticket = 0;
  InvokeId id = 0;
  ConfirmedService service{};
  PeerLimits limits;
  std::vector<std::byte> parameters;
  unsigned tries_left = 0;
  bool live = false;
  Instant deadline = never;
  std::optional<SegmentSender> sender;
  std::optional<SegmentReceiver> receiver;
};

struct Session::Peer {
  struct Resting {
    InvokeId id;
    Instant until;
  };

  Address address;
  InvokeId next_id = 0;
  std::vector<Transaction*> live;
  std::vector<Resting> resting;

  [[nodiscard]] bool is_free(InvokeId id) const {
    return std::ranges::find(live, id, &Transaction::id) == live.end() &&
           std::ranges::find(resting, id, &Resting::id) == resting.end();
  }
  std::optional<InvokeId> take_id(Instant now) {
    std::erase_if(resting, [now](const Resting& r) { return r.until <= now; });
    for (unsigned tried = 0; tried < 256; ++tried) {
      const InvokeId id = next_id++;
      if (is_free(id)) return id;
    }
    return std::nullopt;
  }
};

std::optional<Error> error_of(const Outcome& outcome) {
  using Maybe = std::optional<Error>;
  return std::visit(overloaded{[](const Acknowledged&) { return Maybe(); },
                               [](const ErrorAnswer& answer) { return Maybe(to_error(answer.error)); },
                               [](NoAnswer) {
                                 return Maybe(Error{ErrorKind::timeout, "the device did not answer",
                                                    "is it switched on, and is its address right?"});
                               },
                               [](const Error& error) { return Maybe(error); },
                               [](auto reason) { return Maybe(to_error(reason)); }},
                    outcome);
}

bool is_silenced(const Outcome& outcome) {
  const auto* answer = std::get_if<ErrorAnswer>(&outcome);
  return answer != nullptr && answer->error.code == ErrorCode::communication_disabled;
}

Session::Session(SessionSettings settings) : settings_(settings) {}
Session::~Session() = default;

// ---- Requests

Result<void> Session::request(Ticket ticket, const Address& address, PeerLimits limits,
                              ConfirmedService service, Bytes parameters, Instant now, bool once) {
  limits.max_apdu = std::max(limits.max_apdu, min_apdu);
  if (request_head + parameters.size() > limits.max_apdu && !limits.receives_segments) {
    return fail(ErrorKind::exhausted,
                fmt::format("a request of {} octets does not fit: the device takes {}, and no segments",
                            request_head + parameters.size(), limits.max_apdu),
                "ask for less at once");
  }
  auto& peer = peers_[address];
  if (!peer) peer = std::make_unique<Peer>(Peer{.address = address, .live = {}, .resting = {}});
  const auto id = peer->take_id(now);
  if (!id)
    return fail(ErrorKind::exhausted, fmt::format("all invoke ids of {} are in use", to_string(address)));

  Transaction& transaction = start(*peer, *id);
  transaction.ticket = ticket;
  transaction.service = service;
  transaction.limits = limits;
  transaction.parameters.assign(parameters.begin(), parameters.end());
  transaction.tries_left = once ? 1 : 1 + settings_.retries;
  ++counters_.requests;
  send_request(transaction, now);
  return {};
}

Session::Transaction& Session::start(Peer& peer, InvokeId id) {
  if (idle_.empty()) {
    transactions_.push_back(std::make_unique<Transaction>());
    idle_.push_back(transactions_.back().get());
  }
  Transaction& transaction = *idle_.back();
  idle_.pop_back();
  transaction.peer = &peer;
  transaction.id = id;
  transaction.live = true;
  transaction.receiver.reset();
  peer.live.push_back(&transaction);
  ++outstanding_;
  return transaction;
}

void Session::send_request(Transaction& transaction, Instant now) {
  --transaction.tries_left;
  if (request_head + transaction.parameters.size() <= transaction.limits.max_apdu) {
    send(transaction.peer->address,
         ConfirmedRequest{.invoke_id = transaction.id,
                          .service = transaction.service,
                          .max_apdu = settings_.max_apdu,
                          .segmented_response_accepted = true,
                          .max_segments = unlimited_segments,
                          .data = transaction.parameters},
         transaction.ticket);
    return arm(transaction, now + settings_.timeout);
  }
  transaction.sender.emplace(transaction.parameters, transaction.limits.max_apdu - segment_head,
                             settings_.window);
  send_segments(transaction);
  arm(transaction, now + settings_.segment_timeout);
}

void Session::send_segments(Transaction& transaction) {
  while (const auto piece = transaction.sender->next()) {
    send(transaction.peer->address,
         ConfirmedRequest{.invoke_id = transaction.id,
                          .service = transaction.service,
                          .max_apdu = settings_.max_apdu,
                          .segmented_response_accepted = true,
                          .max_segments = unlimited_segments,
                          .segment = piece->segment,
                          .data = piece->data},
         transaction.ticket);
  }
}

void Session::send(const Address& peer, const Apdu& apdu, Ticket ticket) {
  if (queued_ == queue_.size()) queue_.emplace_back();
  Queued& slot = queue_[queued_++];
  slot.ticket = ticket;
  slot.peer = peer;
  slot.expecting_reply = std::holds_alternative<ConfirmedRequest>(apdu);
  slot.apdu.resize(max_apdu_ip + segment_head);
  Writer out(slot.apdu);
  write_apdu(out, apdu);
  slot.apdu.resize(out.size());
}

void Session::abort(const Address& peer, InvokeId id, AbortReason reason) {
  send(peer, AbortPdu{.invoke_id = id, .reason = reason, .from_server = false});
}

std::optional<OutgoingApdu> Session::next_to_send() {
  if (taken_ == queued_) {
    taken_ = 0;
    queued_ = 0;
    return std::nullopt;
  }
  const Queued& slot = queue_[taken_++];
  return OutgoingApdu{
      .ticket = slot.ticket, .peer = slot.peer, .expecting_reply = slot.expecting_reply, .apdu = slot.apdu};
}

std::size_t Session::outstanding(const Address& peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? 0 : found->second->live.size();
}

Session::Transaction* Session::find(const Address& address, InvokeId id) const {
  const auto peer = peers_.find(address);
  if (peer == peers_.end()) return nullptr;
  const auto found = std::ranges::find(peer->second->live, id, &Transaction::id);
  return found == peer->second->live.end() ? nullptr : *found;
}

// ---- Answers

std::optional<Answer> Session::received(const Address& peer, const Apdu& apdu, Instant now) {
  const auto id = invoke_id_of(apdu);
  if (!id) return std::nullopt;
  Transaction* transaction = find(peer, *id);
  if (transaction == nullptr || !is_of_service(apdu, transaction->service)) {
    ++counters_.late;
    // A server that goes on sending segments to nobody is stopped (5.4.4.1).
    const auto* ack = std::get_if<ComplexAck>(&apdu);
    if (ack != nullptr && ack->segment) abort(peer, *id, AbortReason::invalid_apdu_in_this_state);
    return std::nullopt;
  }
  using Maybe = std::optional<Answer>;
  return std::visit(overloaded{[&](const SimpleAck&) { return Maybe(finish(*transaction, Acknowledged{})); },
                               [&](const ComplexAck& ack) { return handle(*transaction, ack, now); },
                               [&](const SegmentAck& ack) {
                                 handle(*transaction, ack, now);
                                 return Maybe();
                               },
                               [&](const ErrorPdu& pdu) {
                                 return Maybe(finish(*transaction, ErrorAnswer{.error = error_in(pdu.data),
                                                                               .data = pdu.data}));
                               },
                               [&](const RejectPdu& pdu) { return Maybe(finish(*transaction, pdu.reason)); },
                               [&](const AbortPdu& pdu) { return Maybe(finish(*transaction, pdu.reason)); },
                               [](const auto&) { return Maybe(); }},
                    apdu);
}

std::optional<Answer> Session::handle(Transaction& transaction, const ComplexAck& ack, Instant now) {
  if (!ack.segment) return finish(transaction, Acknowledged{ack.data});
  if (!transaction.receiver) transaction.receiver.emplace(settings_.window, settings_.max_message);
  SegmentReceiver& receiver = *transaction.receiver;
  const auto next = receiver.received(*ack.segment, ack.data);
  if (next == SegmentReceiver::Next::too_long) {
    abort(transaction.peer->address, transaction.id, AbortReason::buffer_overflow);
    return finish(transaction, AbortReason::buffer_overflow);
  }
  if (next != SegmentReceiver::Next::wait) {
    SegmentAck reply = receiver.ack();
    reply.invoke_id = transaction.id;
    send(transaction.peer->address, reply);
  }
  if (next == SegmentReceiver::Next::complete) return finish(transaction, Acknowledged{receiver.message()});
  arm(transaction, now + segment_timeouts_of_a_receiver * settings_.segment_timeout);
  return std::nullopt;
}

void Session::handle(Transaction& transaction, const SegmentAck& ack, Instant now) {
  if (!transaction.sender || !transaction.sender->acknowledged(ack)) return;
  send_segments(transaction);
  const bool done = transaction.sender->done();
  if (done) transaction.sender.reset();
  arm(transaction, now + (done ? settings_.timeout : settings_.segment_timeout));
}

Answer Session::finish(Transaction& transaction, Outcome outcome) {
  transaction.live = false;
  std::erase(transaction.peer->live, &transaction);
  --outstanding_;
  // The receiver is kept until the transaction is used again: the outcome looks into it.
  transaction.sender.reset();
  idle_.push_back(&transaction);
  return {.ticket = transaction.ticket, .outcome = std::move(outcome)};
}

std::optional<Answer> Session::rejected(std::uint16_t network, const Error& why) {
  for (const auto& [address, peer] : peers_) {
    if (address.network == network && !peer->live.empty()) return finish(*peer->live.front(), why);
  }
  return std::nullopt;
}

// ---- Silence

void Session::arm(Transaction& transaction, Instant deadline) {
  transaction.deadline = deadline;
  deadlines_.push({.deadline = deadline, .transaction = &transaction});
}

bool Session::is_stale(const Pending& pending) const {
  return !pending.transaction->live || pending.transaction->deadline != pending.deadline;
}

Instant Session::next_deadline() {
  while (!deadlines_.empty() && is_stale(deadlines_.top()))
    deadlines_.pop();
  return deadlines_.empty() ? never : deadlines_.top().deadline;
}

std::optional<Answer> Session::expired(Instant now) {
  while (next_deadline() <= now) {
    Transaction& transaction = *deadlines_.top().transaction;
    deadlines_.pop();
    if (auto answer = expire(transaction, now)) return answer;
  }
  return std::nullopt;
}

std::optional<Answer> Session::expire(Transaction& transaction, Instant now) {
  if (transaction.receiver) {
    abort(transaction.peer->address, transaction.id, AbortReason::tsm_timeout);
  } else if (transaction.tries_left > 0) {
    ++counters_.retries;
    if (transaction.sender) {
      --transaction.tries_left;
      transaction.sender->resend();
      send_segments(transaction);
      arm(transaction, now + settings_.segment_timeout);
    } else {
      send_request(transaction, now);
    }
    return std::nullopt;
  }
  ++counters_.timeouts;
  transaction.peer->resting.push_back({.id = transaction.id, .until = now + rest_of_an_id});
  return finish(transaction, NoAnswer{});
}

}  // namespace iw::bacnet
