#include "protocols/bacnet/server/server.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace iw::bacnet::server {
namespace {

constexpr std::size_t receive_buffer = 2048;
constexpr std::string_view any_host = "0.0.0.0";
// A recipient that is named by its device is looked for by Who-Is, so often and for so long.
constexpr Duration look_every = 10s;
constexpr Duration found_within = 30s;
constexpr Ticket event_ticket = 0;  // of all confirmed event notifications: nobody waits for one of them

// After which somebody may have to be told something.
bool moves_others(ConfirmedService service) {
  return service == ConfirmedService::subscribe_cov || service == ConfirmedService::subscribe_cov_property ||
         service == ConfirmedService::acknowledge_alarm ||
         service == ConfirmedService::device_communication_control;
}

}  // namespace

Server::Server(Device& device, Plant& plant, ServerSettings settings, io::Network& network)
    : device_(device),
      settings_(std::move(settings)),
      network_(network),
      tasks_(network.executor()),
      wake_(network.executor()),
      link_(settings_.link),
      session_(settings_.session),
      responder_(settings_.responder),
      services_(device, plant, settings_.services,
                {.later =
                     [this](const Caller& caller, const Reply& reply) {
                       const Instant now = network_.executor().now();
                       responder_.reply(caller, reply, now);
                       flush(now);
                       if (moves_others(caller.service)) wake_.set();
                     },
                 .changed = [this](const Object& object) { changed(object); },
                 .wall_now = [this] { return network_.executor().clock().wall_now(); }}),
      apdu_(max_apdu_ip) {
  device_.self().compute(
      PropertyId::active_cov_subscriptions,
      [this](ParameterWriter& out) { services_.subscriptions().write_all(out, network_.executor().now()); },
      Shape::list);
  const auto utc = [this] { return to_date_time(services_.wall_now(), Duration{}); };
  device_.self().compute(PropertyId::local_date,
                         [utc](ParameterWriter& out) { out.application(utc().date); });
  device_.self().compute(PropertyId::local_time,
                         [utc](ParameterWriter& out) { out.application(utc().time); });
  device_.self().list_properties();
}

Server::~Server() {
  // What is made up asks us.
  Object& self = device_.self();
  self.set_list(PropertyId::active_cov_subscriptions, {}, Shape::list);
  self.set(PropertyId::local_date, Date{});
  self.set(PropertyId::local_time, Time{});
}

Result<io::Endpoint> Server::open() {
  auto socket = network_.bind(settings_.listen);
  if (!socket) {
    Error error = std::move(socket).error();
    if (error.kind == ErrorKind::busy) error.remedy = "another BACnet program uses this port";
    return fail(std::move(error).in("BACnet server"));
  }
  socket_ = std::move(*socket);
  if (settings_.listen.host != any_host && !settings_.link.foreign) {
    const auto& [a, b, c, d] = settings_.link.broadcast.host;
    // Where there are none to be heard, devices that know our address still find us.
    if (auto more =
            network_.bind({.host = fmt::format("{}.{}.{}.{}", a, b, c, d), .port = socket_->local().port}))
      broadcasts_ = std::move(*more);
  }
  return socket_->local();
}

void Server::close() {
  closing_ = true;
  if (socket_) socket_->close();
  if (broadcasts_) broadcasts_->close();
  wake_.close();
}

io::Task<void> Server::run() {
  tasks_.spawn(receive(*socket_));
  if (broadcasts_) tasks_.spawn(receive(*broadcasts_));
  io::Executor& executor = network_.executor();
  for (bool announced = !settings_.announce; !closing_;) {
    const Instant now = executor.now();
    while (const auto expired = session_.expired(now))
      answered(*expired, now);
    responder_.expire(now);
    services_.subscriptions().expire(now);
    if (const auto upkeep = link_.upkeep(now)) send(*upkeep);
    if (!announced && link_.can_broadcast(now)) {
      tell(global_broadcast, services_.i_am(), now);
      announced = true;
    }
    notify(now);
    tell_events(now);
    flush(now);
    if (closing_) break;
    const Instant searching = homeless_.empty() ? never : now + look_every;
    co_await wake_.wait_until(std::min({session_.next_deadline(), responder_.next_deadline(),
                                        services_.next_deadline(now), link_.next_upkeep(), searching}));
  }
  co_await tasks_.join();
}

io::Task<void> Server::receive(io::DatagramSocket& socket) {
  std::vector<std::byte> buffer(receive_buffer);
  while (!closing_) {
    const auto datagram = co_await socket.receive(buffer);
    if (!datagram) {
      if (datagram.error().kind == ErrorKind::cancelled) co_return;
      continue;  // ICMP said that a peer is not there
    }
    ++counters_.datagrams_in;
    const Instant now = network_.executor().now();
    take(*datagram, Bytes(buffer).first(std::min(datagram->size, buffer.size())), now);
    flush(now);
  }
}

void Server::take(const io::Datagram& datagram, Bytes bytes, Instant now) {
  const auto from = parse_ip(datagram.peer.host, datagram.peer.port);
  if (!from) return;
  if (!any_contains(settings_.allow, from->host)) {
    ++counters_.refused;
    return;
  }
  sender_ = from->host;
  const auto npdu = link_.received(*from, bytes, now);
  if (!npdu) return;
  // Of what a BBMD forwards, the origin has to be allowed too: there the answer would go.
  const auto origin = to_ip(npdu->source);
  if (!origin || !any_contains(settings_.allow, origin->host)) {
    ++counters_.refused;
    return;
  }
  const auto incoming = network_layer_.received(npdu->source, npdu->npdu, now);
  if (const auto* apdu = std::get_if<IncomingApdu>(&incoming)) {
    IncomingApdu whole = *apdu;
    whole.broadcast = whole.broadcast || npdu->broadcast;
    take(whole, now);
  }
}

void Server::take(const IncomingApdu& incoming, Instant now) {
  const auto apdu = decode_apdu(incoming.apdu);
  if (!apdu) {
    ++counters_.malformed;
    return;
  }
  if (const auto* unconfirmed = std::get_if<UnconfirmedRequest>(&*apdu)) {
    if (unconfirmed->service == UnconfirmedService::i_am) return heard_i_am(incoming.source, *unconfirmed);
    if (const auto told = services_.heard(incoming.source, *unconfirmed, may_write(incoming.source), now))
      tell(incoming.source, *told, now);
    return;
  }
  if (std::holds_alternative<ConfirmedRequest>(*apdu) && incoming.broadcast) return;
  if (const auto request = responder_.received(incoming.source, *apdu, now)) {
    const auto reply = services_.answer(*request, may_write(incoming.source), now);
    if (reply) responder_.reply(request->caller, *reply, now);
    if (moves_others(request->caller.service)) wake_.set();
  } else if (const auto ended = session_.received(incoming.source, *apdu, now)) {
    answered(*ended, now);
  } else if (std::holds_alternative<SegmentAck>(*apdu) || std::holds_alternative<ConfirmedRequest>(*apdu)) {
    wake_.set();  // segments have deadlines
  }
}

// Routed or forwarded: who wrote is known by the datagram that came.
bool Server::may_write(const Address& peer) const {
  if (!any_contains(settings_.write, sender_)) return false;
  const auto ip = peer.network == local_network ? to_ip(peer.mac) : std::nullopt;
  return !ip || any_contains(settings_.write, ip->host);
}

// ---- Change of value

void Server::changed(const Object& object) {
  if (services_.subscriptions().changed(object, network_.executor().now())) wake_.set();
}

void Server::removed(ObjectId object) { services_.subscriptions().removed(object); }

void Server::notify(Instant now) {
  if (!services_.may_initiate(now)) return;
  const auto find = [this](ObjectId id) { return device_.find(id); };
  while (const auto* due = services_.subscriptions().next_due(find, now))
    notify(*due, now);
}

void Server::notify(const Subscriptions::Subscription& due, Instant now) {
  const Object* object = device_.find(due.object);
  std::array<std::byte, max_apdu_ip> values;
  ParameterWriter list(values);
  write_notified_values(list, due, *object);
  std::array<std::byte, max_apdu_ip> data;
  ParameterWriter out(data);
  CovNotification{.process = due.process,
                  .device = device_.id(),
                  .object = due.object,
                  .time_remaining = due.seconds_left(now),
                  .values = list.written()}
      .encode(out);
  ++counters_.notifications;
  if (!due.confirmed)
    return tell(due.subscriber,
                {.service = UnconfirmedService::unconfirmed_cov_notification, .data = out.written()}, now);
  const Ticket ticket = next_ticket_++;
  const auto asked = session_.request(ticket, due.subscriber, {},
                                      ConfirmedService::confirmed_cov_notification, out.written(), now);
  if (asked) {
    notified_.emplace(ticket, due.id);
  } else {
    services_.subscriptions().answered(due.id, false, now);
  }
}

// ---- Events

void Server::look(Object& object, std::string_view text) {
  Reporting* reporting = services_.reporting();
  if (reporting != nullptr && reporting->look(object, text, services_.wall_now())) wake_.set();
}

void Server::acknowledged(Object& object, std::string_view by) {
  Reporting* reporting = services_.reporting();
  if (reporting == nullptr) return;
  reporting->acknowledged(object, by, services_.wall_now());
  wake_.set();
}

void Server::tell_events(Instant now) {
  Reporting* reporting = services_.reporting();
  if (reporting == nullptr || !services_.may_initiate(now)) return;
  std::deque<Homeless> waiting = std::exchange(homeless_, {});
  while (auto event = reporting->next_to_send()) {
    if (const auto* address = std::get_if<Address>(&event->to.recipient)) {
      tell_event(*event, *address, now);
    } else {
      const std::uint32_t instance = std::get<ObjectId>(event->to.recipient).instance;
      waiting.push_back({.event = *std::move(event), .instance = instance, .until = now + found_within});
    }
  }
  for (Homeless& one : waiting) {
    if (const auto found = bound_.find(one.instance); found != bound_.end()) {
      tell_event(one.event, found->second, now);
    } else if (one.until <= now) {
      ++counters_.events_failed;
    } else {
      look_for(one.instance, now);
      homeless_.push_back(std::move(one));
    }
  }
}

// Who is not allowed to ask is not told either.
void Server::tell_event(const OutgoingEvent& event, const Address& to, Instant now) {
  const auto ip = to.network == local_network ? to_ip(to.mac) : std::nullopt;
  if (ip && !any_contains(settings_.allow, ip->host)) {
    ++counters_.events_failed;
    return;
  }
  ++counters_.events;
  if (!event.to.confirmed || to.is_broadcast())
    return tell(to, {.service = UnconfirmedService::unconfirmed_event_notification, .data = event.data}, now);
  const auto asked =
      session_.request(event_ticket, to, {}, ConfirmedService::confirmed_event_notification, event.data, now);
  if (!asked) ++counters_.events_failed;
}

void Server::look_for(std::uint32_t instance, Instant now) {
  const auto [last, is_new] = looked_for_.try_emplace(instance, now);
  if (!is_new && now - last->second < look_every) return;
  last->second = now;
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  WhoIs{InstanceRange{.low = instance, .high = instance}}.encode(out);
  tell(global_broadcast, {.service = UnconfirmedService::who_is, .data = out.written()}, now);
}

void Server::heard_i_am(const Address& from, const UnconfirmedRequest& request) {
  const auto message = IAm::decode(request.data);
  // Only whom we look for, or did: nobody fills our memory with devices.
  if (!message || !looked_for_.contains(message->instance)) return;
  bound_.insert_or_assign(message->instance, from);
  wake_.set();
}

void Server::answered(const Answer& answer, Instant now) {
  if (answer.ticket == event_ticket) {
    if (!std::holds_alternative<Acknowledged>(answer.outcome)) ++counters_.events_failed;
    return;
  }
  const auto found = notified_.find(answer.ticket);
  if (found == notified_.end()) return;
  const std::uint64_t id = found->second;
  notified_.erase(found);
  services_.subscriptions().answered(id, std::holds_alternative<Acknowledged>(answer.outcome), now);
  wake_.set();
}

// ---- Sending

void Server::flush(Instant now) {
  while (const auto out = responder_.next_to_send())
    send(out->peer, out->apdu, out->expecting_reply, now);
  while (const auto out = session_.next_to_send())
    send(out->peer, out->apdu, out->expecting_reply, now);
  while (const auto question = network_layer_.next_to_send())
    send(*question);
}

void Server::tell(const Address& to, const Services::Told& told, Instant now) {
  Writer out(apdu_);
  write_apdu(out, UnconfirmedRequest{.service = told.service, .data = told.data});
  if (out.ok()) send(to, out.written(), false, now);
}

bool Server::send(const Address& to, Bytes apdu, bool expecting_reply, Instant now) {
  const auto npdu = network_layer_.wrap(to, apdu, expecting_reply, now);
  if (npdu) send(*npdu);
  return npdu.has_value();
}

void Server::send(const OutgoingNpdu& npdu) {
  if (npdu.to.empty() && !link_.can_broadcast(network_.executor().now())) return;
  if (const auto datagram = link_.wrap(npdu.to, npdu.npdu)) send(*datagram);
}

void Server::send(const OutgoingDatagram& datagram) {
  if (!socket_) return;
  const auto& [a, b, c, d] = datagram.to.host;
  ++counters_.datagrams_out;
  // What does not leave is as good as lost on the way: the client asks again.
  (void)socket_->send(datagram.bytes,
                      {.host = fmt::format("{}.{}.{}.{}", a, b, c, d), .port = datagram.to.port});
}

}  // namespace iw::bacnet::server
