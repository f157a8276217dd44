#include "protocols/bacnet/client.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace iw::bacnet {
namespace {

// The largest datagram of BACnet/IP, and some.
constexpr std::size_t receive_buffer = 2048;

Error not_open() { return {ErrorKind::closed, "the BACnet port is not open"}; }

}  // namespace

// Somebody who awaits one answer.
class Client::Waiting final : public Asker {
 public:
  void answered(std::uint64_t /*tag*/, const Outcome& outcome, Instant /*now*/) override {
    Bytes data;
    if (const auto* ack = std::get_if<Acknowledged>(&outcome)) data = ack->data;
    if (const auto* error = std::get_if<ErrorAnswer>(&outcome)) data = error->data;
    operation->complete({.data = {data.begin(), data.end()}, .error = error_of(outcome)});
  }

  io::Operation<Reply>* operation = nullptr;
};

Client::Client(ClientSettings settings, io::Network& network, ClientOwner& owner)
    : settings_(std::move(settings)),
      network_(network),
      owner_(owner),
      tasks_(network.executor()),
      wake_(network.executor()),
      link_(settings_.link),
      session_(settings_.session),
      apdu_(max_apdu_ip) {}

Client::~Client() = default;

Result<void> Client::open() {
  auto socket = network_.bind(settings_.bind);
  if (!socket) {
    Error error = std::move(socket).error();
    if (error.kind == ErrorKind::busy)
      error.remedy = "another BACnet program uses this port: stop it, or choose another with `bind`";
    return fail(std::move(error).in("BACnet"));
  }
  socket_ = std::move(*socket);
  return {};
}

void Client::close() {
  closing_ = true;
  if (socket_) socket_->close();
  wake_.close();
}

io::Endpoint Client::local() const { return socket_ ? socket_->local() : settings_.bind; }

io::Task<void> Client::run() {
  tasks_.spawn(receive());
  while (!closing_) {
    const Instant now = executor().now();
    while (const auto expired = session_.expired(now))
      answer(*expired, {}, now);
    if (const auto upkeep = link_.upkeep(now)) send(*upkeep);
    const Instant due = owner_.work(now);
    flush();
    if (closing_) break;
    co_await wake_.wait_until(std::min({due, session_.next_deadline(), link_.next_upkeep()}));
  }
  co_await tasks_.join();
  // Nobody is left waiting.
  for (auto& [ticket, question] : std::exchange(questions_, {}))
    question.asker->answered(question.tag, Error{ErrorKind::cancelled, "the line was stopped"},
                             executor().now());
}

io::Task<void> Client::receive() {
  std::vector<std::byte> buffer(receive_buffer);
  while (!closing_) {
    const auto datagram = co_await socket_->receive(buffer);
    if (!datagram) {
      if (datagram.error().kind == ErrorKind::cancelled) co_return;
      continue;  // ICMP said that a peer is not there: its own request will time out
    }
    ++counters_.datagrams_in;
    take(*datagram, Bytes(buffer).first(std::min(datagram->size, buffer.size())), executor().now());
    flush();
    wake_.set();
  }
}

void Client::take(const io::Datagram& datagram, Bytes bytes, Instant now) {
  const auto from = parse_ip(datagram.peer.host, datagram.peer.port);
  if (!from) return;
  const auto npdu = link_.received(*from, bytes, now);
  if (!npdu) return;
  const auto incoming = network_layer_.received(npdu->source, npdu->npdu, now);
  if (const auto* apdu = std::get_if<IncomingApdu>(&incoming)) return take(*apdu, bytes, now);
  if (const auto* rejected = std::get_if<NetworkRejected>(&incoming)) {
    const Error why{ErrorKind::unreachable,
                    fmt::format("network {}: {}", rejected->network, to_string(rejected->reason)),
                    "is the network number right, and is the router configured for it?"};
    while (const auto ended = session_.rejected(rejected->network, why))
      answer(*ended, bytes, now);
  }
}

void Client::take(const IncomingApdu& incoming, Bytes frame, Instant now) {
  const auto apdu = decode_apdu(incoming.apdu);
  if (!apdu) {
    ++counters_.malformed;
    return;
  }
  if (const auto* unconfirmed = std::get_if<UnconfirmedRequest>(&*apdu))
    return owner_.heard(incoming.source, *unconfirmed, now);
  if (const auto* confirmed = std::get_if<ConfirmedRequest>(&*apdu)) {
    if (incoming.broadcast) return;
    auto reply = owner_.asked(incoming.source, *confirmed, now);
    if (!reply)
      reply = RejectPdu{.invoke_id = confirmed->invoke_id, .reason = RejectReason::unrecognized_service};
    Writer out(apdu_);
    write_apdu(out, *reply);
    send(incoming.source, out.written(), false, now);
    return;
  }
  if (const auto ended = session_.received(incoming.source, *apdu, now)) answer(*ended, frame, now);
}

void Client::answer(const Answer& answer, Bytes frame, Instant now) {
  owner_.request_ended(answer.ticket, answer.outcome, frame, now);
  const auto found = questions_.find(answer.ticket);
  if (found == questions_.end()) return;
  const Question question = found->second;
  questions_.erase(found);
  question.asker->answered(question.tag, answer.outcome, now);
}

Result<void> Client::ask(Asker& asker, std::uint64_t tag, const Binding& device, ConfirmedService service,
                         Bytes parameters, bool once) {
  if (!socket_ || closing_) return fail(not_open());
  const Ticket ticket = next_ticket_++;
  auto asked =
      session_.request(ticket, device.address, device.limits, service, parameters, executor().now(), once);
  if (!asked) return asked;
  questions_.emplace(ticket, Question{.asker = &asker, .tag = tag});
  owner_.request_begun(ticket, device.address, service, executor().now());
  return {};
}

io::Task<Result<std::vector<std::byte>>> Client::ask(Binding device, ConfirmedService service,
                                                     std::vector<std::byte> parameters, bool once) {
  Reply reply = co_await ask_whole(device, service, std::move(parameters), once);
  if (reply.error) co_return fail(*std::move(reply.error));
  co_return std::move(reply.data);
}

io::Task<Reply> Client::ask_whole(Binding device, ConfirmedService service, std::vector<std::byte> parameters,
                                  bool once) {
  Waiting waiting;
  co_return co_await io::awaiting<Reply>([&](io::Operation<Reply>& operation) -> std::optional<Reply> {
    waiting.operation = &operation;
    auto asked = ask(waiting, 0, device, service, parameters, once);
    if (!asked) return Reply{.error = std::move(asked).error()};
    flush();
    wake();
    return std::nullopt;
  });
}

bool Client::tell(const Address& to, UnconfirmedService service, Bytes parameters) {
  std::array<std::byte, max_apdu_ip> bytes;
  Writer out(bytes);
  write_apdu(out, UnconfirmedRequest{.service = service, .data = parameters});
  return out.ok() && send(to, out.written(), false, executor().now());
}

std::optional<Instant> Client::busy_until(std::uint16_t network) const {
  return network_layer_.busy_until(network, network_.executor().now());
}

bool Client::can_broadcast() const { return link_.can_broadcast(network_.executor().now()); }

void Client::flush() {
  const Instant now = executor().now();
  while (const auto out = session_.next_to_send())
    send(out->peer, out->apdu, out->expecting_reply, now, out->ticket);
  while (const auto question = network_layer_.next_to_send())
    send(*question);
}

// What can not be sent is repeated or given up by the session, like what was lost on the way.
bool Client::send(const Address& to, Bytes apdu, bool expecting_reply, Instant now, Ticket ticket) {
  const auto npdu = network_layer_.wrap(to, apdu, expecting_reply, now);
  return npdu && send(*npdu, ticket);
}

bool Client::send(const OutgoingNpdu& npdu, Ticket ticket) {
  if (npdu.to.empty()) {
    if (!can_broadcast()) return false;
    ++counters_.broadcasts;
  }
  const auto datagram = link_.wrap(npdu.to, npdu.npdu);
  if (datagram && ticket != 0) owner_.request_sent(ticket, datagram->bytes);
  if (datagram) send(*datagram);
  return datagram.has_value();
}

void Client::send(const OutgoingDatagram& datagram) {
  if (!socket_) return;
  const auto& [a, b, c, d] = datagram.to.host;
  const io::Endpoint to{.host = fmt::format("{}.{}.{}.{}", a, b, c, d), .port = datagram.to.port};
  ++counters_.datagrams_out;
  if (!socket_->send(datagram.bytes, to)) ++counters_.send_failures;
}

}  // namespace iw::bacnet
