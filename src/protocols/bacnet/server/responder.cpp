#include "protocols/bacnet/server/responder.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/overloaded.hpp"
#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet::server {
namespace {

// A ComplexACK before its data: 3 octets, 5 of a segment (20.1.5).
constexpr std::size_t ack_head = 3;
constexpr std::size_t segment_head = 5;
constexpr unsigned segment_timeouts_of_a_receiver = 4;  // 5.4.5.2

// Services that may as well be carried out twice.
bool only_reads(ConfirmedService service) {
  switch (service) {
    case ConfirmedService::read_property:
    case ConfirmedService::read_property_multiple:
    case ConfirmedService::read_range:
    case ConfirmedService::get_alarm_summary:
    case ConfirmedService::get_event_information: return true;
    default: return false;
  }
}

std::size_t digest_of(ConfirmedService service, Bytes data) {
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  return std::hash<std::string_view>{}(text) * 31 + static_cast<std::size_t>(service);
}

Caller caller_of(const Address& peer, const ConfirmedRequest& request) {
  return {.peer = peer,
          .id = request.invoke_id,
          .service = request.service,
          .max_apdu = request.max_apdu,
          .takes_segments = request.segmented_response_accepted,
          .max_segments = request.max_segments};
}

}  // namespace

std::optional<Request> Responder::received(const Address& peer, const Apdu& apdu, Instant now) {
  if (const auto* request = std::get_if<ConfirmedRequest>(&apdu)) return take(peer, *request, now);
  if (const auto* ack = std::get_if<SegmentAck>(&apdu)) {
    if (!ack->from_server) take({.peer = peer, .id = ack->invoke_id}, *ack, now);
  } else if (const auto* abort = std::get_if<AbortPdu>(&apdu)) {
    const Key key{.peer = peer, .id = abort->invoke_id};
    if (!abort->from_server) {
      assemblies_.erase(key);
      deliveries_.erase(key);
    }
  }
  return std::nullopt;
}

// ---- Requests

std::optional<Request> Responder::take(const Address& peer, const ConfirmedRequest& request, Instant now) {
  const Key key{.peer = peer, .id = request.invoke_id};
  if (request.segment) return take_segment(key, request, now);
  assemblies_.erase(key);
  deliveries_.erase(key);  // who asks anew does not wait for the old answer
  return once(caller_of(peer, request), request.data, now);
}

std::optional<Request> Responder::take_segment(const Key& key, const ConfirmedRequest& request, Instant now) {
  auto found = assemblies_.find(key);
  if (found == assemblies_.end()) {
    // Segments of what is whole already, whose acknowledgement was lost, or of nothing that has begun.
    if (request.segment->sequence != 0) return std::nullopt;
    if (assemblies_.size() >= settings_.most_at_once) {
      abort(key.peer, key.id, AbortReason::out_of_resources);
      return std::nullopt;
    }
    found = assemblies_
                .emplace(key, Assembly{.receiver = SegmentReceiver(settings_.window, settings_.max_request),
                                       .caller = caller_of(key.peer, request),
                                       .deadline = {}})
                .first;
  }
  Assembly& assembly = found->second;
  assembly.deadline = now + segment_timeouts_of_a_receiver * settings_.segment_timeout;
  const auto next = assembly.receiver.received(*request.segment, request.data);
  if (next == SegmentReceiver::Next::too_long) {
    abort(key.peer, key.id, AbortReason::buffer_overflow);
    assemblies_.erase(found);
    return std::nullopt;
  }
  if (next != SegmentReceiver::Next::wait) {
    SegmentAck ack = assembly.receiver.ack();
    ack.invoke_id = key.id;
    ack.from_server = true;
    send(key.peer, ack);
  }
  if (next != SegmentReceiver::Next::complete) return std::nullopt;
  const Bytes message = assembly.receiver.message();
  whole_.assign(message.begin(), message.end());
  const Caller caller = assembly.caller;
  assemblies_.erase(found);
  return once(caller, whole_, now);
}

std::optional<Request> Responder::once(Caller caller, Bytes data, Instant now) {
  ++counters_.requests;
  if (only_reads(caller.service)) return Request{.caller = caller, .data = data};
  const Key key{.peer = caller.peer, .id = caller.id};
  const std::size_t digest = digest_of(caller.service, data);
  const auto before = executed_.find(key);
  if (before != executed_.end() && before->second.digest == digest && now < before->second.until) {
    ++counters_.repeated;
    if (!before->second.answer.empty()) {
      if (queued_ == queue_.size()) queue_.emplace_back();
      Queued& slot = queue_[queued_++];
      slot.peer = caller.peer;
      slot.expecting_reply = false;
      slot.apdu = before->second.answer;
    }
    return std::nullopt;
  }
  if (executed_.size() >= settings_.most_remembered) forget(now);
  if (before == executed_.end() && executed_.size() >= settings_.most_remembered) {
    abort(caller.peer, caller.id, AbortReason::out_of_resources);
    return std::nullopt;
  }
  executed_[key] = {.digest = digest, .answer = {}, .until = now + settings_.remembered_for};
  return Request{.caller = caller, .data = data};
}

// ---- Answers

void Responder::reply(const Caller& caller, const Reply& reply, Instant now) {
  const std::size_t first = queued_;
  std::visit(
      overloaded{
          [&](Done) { send(caller.peer, SimpleAck{.invoke_id = caller.id, .service = caller.service}); },
          [&](const Results& results) { deliver(caller, results.data, now); },
          [&](const BacnetError& error) {
            std::array<std::byte, 16> buffer;
            ParameterWriter out(buffer);
            write_error(out, error);
            send(caller.peer,
                 ErrorPdu{.invoke_id = caller.id, .service = caller.service, .data = out.written()});
          },
          [&](const ErrorData& error) {
            send(caller.peer,
                 ErrorPdu{.invoke_id = caller.id, .service = caller.service, .data = error.data});
          },
          [&](RejectReason reason) {
            send(caller.peer, RejectPdu{.invoke_id = caller.id, .reason = reason});
          },
          [&](AbortReason reason) { abort(caller.peer, caller.id, reason); }},
      reply);
  if (only_reads(caller.service) || queued_ == first) return;
  const auto executed = executed_.find({.peer = caller.peer, .id = caller.id});
  if (executed != executed_.end()) executed->second.answer = queue_[queued_ - 1].apdu;
}

void Responder::deliver(const Caller& caller, Bytes data, Instant now) {
  const std::size_t most = std::min(caller.max_apdu, settings_.max_apdu);
  if (ack_head + data.size() <= most) {
    return send(caller.peer, ComplexAck{.invoke_id = caller.id, .service = caller.service, .data = data});
  }
  if (!caller.takes_segments) return abort(caller.peer, caller.id, AbortReason::segmentation_not_supported);
  if (deliveries_.size() >= settings_.most_at_once)
    return abort(caller.peer, caller.id, AbortReason::out_of_resources);
  std::vector<std::byte> message(data.begin(), data.end());
  const SegmentSender sender(message, most - segment_head, settings_.window);
  const bool few_enough = caller.max_segments == 0 || caller.max_segments >= unlimited_segments ||
                          sender.count() <= caller.max_segments;
  if (!few_enough) return abort(caller.peer, caller.id, AbortReason::buffer_overflow);
  // The message keeps its place in memory when it is moved.
  Delivery& delivery =
      deliveries_
          .insert_or_assign({.peer = caller.peer, .id = caller.id}, Delivery{.message = std::move(message),
                                                                             .sender = sender,
                                                                             .caller = caller,
                                                                             .deadline = {},
                                                                             .tries_left = settings_.retries})
          .first->second;
  delivery.deadline = now + settings_.segment_timeout;
  send_segments(delivery);
}

void Responder::take(const Key& key, const SegmentAck& ack, Instant now) {
  const auto found = deliveries_.find(key);
  if (found == deliveries_.end()) return;
  Delivery& delivery = found->second;
  if (!delivery.sender.acknowledged(ack)) return;
  if (delivery.sender.done()) {
    deliveries_.erase(found);
    return;
  }
  delivery.tries_left = settings_.retries;
  delivery.deadline = now + settings_.segment_timeout;
  send_segments(delivery);
}

void Responder::send_segments(Delivery& delivery) {
  while (const auto piece = delivery.sender.next()) {
    send(delivery.caller.peer, ComplexAck{.invoke_id = delivery.caller.id,
                                          .service = delivery.caller.service,
                                          .segment = piece->segment,
                                          .data = piece->data});
  }
}

void Responder::send(const Address& peer, const Apdu& apdu) {
  if (queued_ == queue_.size()) queue_.emplace_back();
  Queued& slot = queue_[queued_++];
  slot.peer = peer;
  // A segment has to be acknowledged, and routers have to know that (6.2.2).
  const auto* ack = std::get_if<ComplexAck>(&apdu);
  slot.expecting_reply = ack != nullptr && ack->segment.has_value();
  slot.apdu.resize(max_apdu_ip);
  Writer out(slot.apdu);
  write_apdu(out, apdu);
  slot.apdu.resize(out.size());
}

void Responder::abort(const Address& peer, InvokeId id, AbortReason reason) {
  ++counters_.aborted;
  send(peer, AbortPdu{.invoke_id = id, .reason = reason, .from_server = true});
}

std::optional<OutgoingApdu> Responder::next_to_send() {
  if (taken_ == queued_) {
    taken_ = 0;
    queued_ = 0;
    return std::nullopt;
  }
  const Queued& slot = queue_[taken_++];
  return OutgoingApdu{.peer = slot.peer, .expecting_reply = slot.expecting_reply, .apdu = slot.apdu};
}

// ---- Silence

void Responder::expire(Instant now) {
  // Who does not go on has gone (5.4.5.2, 5.4.5.4).
  std::erase_if(assemblies_, [&](const auto& each) { return each.second.deadline <= now; });
  for (auto next = deliveries_.begin(); next != deliveries_.end();) {
    const auto current = next++;
    Delivery& delivery = current->second;
    if (delivery.deadline > now) continue;
    if (delivery.tries_left == 0) {
      deliveries_.erase(current);
      continue;
    }
    --delivery.tries_left;
    delivery.deadline = now + settings_.segment_timeout;
    delivery.sender.resend();
    send_segments(delivery);
  }
}

void Responder::forget(Instant now) {
  std::erase_if(executed_, [&](const auto& each) { return each.second.until <= now; });
}

Instant Responder::next_deadline() const {
  Instant next = never;
  for (const auto& [key, assembly] : assemblies_)
    next = std::min(next, assembly.deadline);
  for (const auto& [key, delivery] : deliveries_)
    next = std::min(next, delivery.deadline);
  return next;
}

}  // namespace iw::bacnet::server
