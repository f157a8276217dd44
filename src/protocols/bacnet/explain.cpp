#include "protocols/bacnet/explain.hpp"

#include <fmt/format.h>

#include "base/hex.hpp"
#include "base/overloaded.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/bvlc.hpp"
#include "protocols/bacnet/cov_services.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/npdu.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet {
namespace {

std::string indented(std::string_view text) {
  std::string out = "  ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

// Encoded values one after the other; what is constructed with its tags.
std::string values_of(Bytes encoded) {
  std::string text;
  ParameterReader in(encoded);
  while (in.more()) {
    if (!text.empty()) text += ", ";
    const auto type = in.next_type();
    const Bytes element = in.element();
    if (!in.ok()) break;
    if (!type) {
      text += to_hex(element);
      continue;
    }
    ParameterReader one(element);
    const Value value = one.value();
    text += one.ok() ? fmt::format("{} {}", bacnet::to_string(*type), to_string(value)) : to_hex(element);
  }
  return in.ok() ? text : fmt::format("{} (broken: {})", to_hex(encoded), to_string(*in.fault()));
}

std::string priority_of(std::optional<std::uint8_t> priority) {
  return priority ? fmt::format(" at priority {}", *priority) : std::string();
}

std::string words(const ReadProperty& s) { return to_string(ObjectPropertyReference{s.object, s.property}); }
std::string words(const ReadPropertyAck& s) {
  return fmt::format("{} = {}", to_string(ObjectPropertyReference{s.object, s.property}), values_of(s.value));
}
std::string words(const WriteProperty& s) {
  return fmt::format("{} := {}{}", to_string(ObjectPropertyReference{s.object, s.property}),
                     values_of(s.value), priority_of(s.priority));
}
std::string words(const WhoIs& s) {
  return s.range ? fmt::format("devices {} to {}", s.range->low, s.range->high) : std::string("all devices");
}
std::string words(const IAm& s) {
  return fmt::format("device {}, takes {} octets, {}, vendor {}", s.instance, s.max_apdu,
                     name_or_number(segmentation_names(), static_cast<std::uint32_t>(s.segmentation)),
                     s.vendor);
}
std::string words(const SubscribeCov& s) {
  if (s.cancels()) return fmt::format("process {} no longer wants {}", s.process, to_string(s.object));
  return fmt::format("process {} wants {}, {}confirmed, for {} s", s.process, to_string(s.object),
                     s.confirmed.value_or(false) ? "" : "un", s.lifetime.value_or(0));
}
std::string words(const CovNotification& s) {
  std::string text = fmt::format("to process {} from {}: {}, {} s left", s.process, to_string(s.device),
                                 to_string(s.object), s.time_remaining);
  PropertyValueReader in(s.values);
  while (const auto each = in.next())
    text += fmt::format("\n{} = {}", to_string(each->property), values_of(each->value));
  return text;
}
std::string words(const EventNotification& s) {
  return fmt::format("{} of {}: {} to {}, priority {}{}", name_or_number(event_type_names(), s.event_type),
                     to_string(s.object),
                     s.from_state
                         ? name_or_number(event_state_names(), static_cast<std::uint32_t>(*s.from_state))
                         : std::string("?"),
                     name_or_number(event_state_names(), static_cast<std::uint32_t>(s.to_state)), s.priority,
                     s.message ? fmt::format(", \"{}\"", s.message->text()) : std::string());
}
std::string words(const ReadRangeAck& s) {
  return fmt::format("{}: {} items", to_string(ObjectPropertyReference{s.object, s.property}), s.count);
}

// What the parameters say, or where they break.
template <class Service>
std::string decoded(Bytes data) {
  const auto service = Service::decode(data);
  return service ? words(*service) : fmt::format("broken: {}", to_string(service.error()));
}

template <class ListReader, class Show>
std::string listed(Bytes data, Show show) {
  ListReader in(data);
  std::string text;
  while (const auto each = in.next())
    text += (text.empty() ? "" : "\n") + show(*each);
  if (const auto end = in.finished(); !end) text += fmt::format("\nbroken: {}", to_string(end.error()));
  return text;
}

std::string request_of(ConfirmedService service, Bytes data) {
  switch (service) {
    case ConfirmedService::read_property: return decoded<ReadProperty>(data);
    case ConfirmedService::read_property_multiple:
      return listed<ReadAccessReader>(data, [](const ObjectPropertyReference& r) { return to_string(r); });
    case ConfirmedService::write_property: return decoded<WriteProperty>(data);
    case ConfirmedService::write_property_multiple:
      return listed<WriteAccessReader>(data, [](const WriteProperty& w) { return words(w); });
    case ConfirmedService::subscribe_cov: return decoded<SubscribeCov>(data);
    case ConfirmedService::confirmed_cov_notification: return decoded<CovNotification>(data);
    case ConfirmedService::confirmed_event_notification: return decoded<EventNotification>(data);
    default: return values_of(data);
  }
}

std::string ack_of(ConfirmedService service, Bytes data) {
  switch (service) {
    case ConfirmedService::read_property: return decoded<ReadPropertyAck>(data);
    case ConfirmedService::read_range: return decoded<ReadRangeAck>(data);
    case ConfirmedService::read_property_multiple:
      return listed<ReadResultReader>(data, [](const ReadResult& r) {
        const std::string what = to_string(ObjectPropertyReference{r.object, r.property});
        return r.error ? fmt::format("{}: {}", what, to_string(*r.error))
                       : fmt::format("{} = {}", what, values_of(r.value));
      });
    default: return values_of(data);
  }
}

std::string unconfirmed_of(UnconfirmedService service, Bytes data) {
  switch (service) {
    case UnconfirmedService::i_am: return decoded<IAm>(data);
    case UnconfirmedService::who_is: return decoded<WhoIs>(data);
    case UnconfirmedService::unconfirmed_cov_notification: return decoded<CovNotification>(data);
    case UnconfirmedService::unconfirmed_event_notification: return decoded<EventNotification>(data);
    default: return values_of(data);
  }
}

std::string with_parameters(std::string head, const std::string& parameters) {
  return parameters.empty() ? head : std::move(head) + "\n" + indented(parameters);
}

std::string segment_of(const std::optional<Segment>& segment) {
  if (!segment) return "";
  return fmt::format(", segment {} (window {}{})", segment->sequence, segment->window,
                     segment->more_follows ? ", more follow" : ", the last");
}

std::string explain_apdu(Bytes bytes) {
  const auto apdu = decode_apdu(bytes);
  if (!apdu) return fmt::format("APDU is broken: {}", to_hex(bytes));
  return std::visit(
      overloaded{[](const ConfirmedRequest& p) {
                   const std::string head =
                       fmt::format("{} request, invoke id {}{}, takes {} octets{}", to_string(p.service),
                                   p.invoke_id, segment_of(p.segment), p.max_apdu,
                                   p.segmented_response_accepted ? " and segments" : "");
                   return with_parameters(head, p.segment ? to_hex(p.data) : request_of(p.service, p.data));
                 },
                 [](const UnconfirmedRequest& p) {
                   return with_parameters(to_string(p.service), unconfirmed_of(p.service, p.data));
                 },
                 [](const SimpleAck& p) {
                   return fmt::format("{} done, invoke id {}", to_string(p.service), p.invoke_id);
                 },
                 [](const ComplexAck& p) {
                   const std::string head = fmt::format("{} answer, invoke id {}{}", to_string(p.service),
                                                        p.invoke_id, segment_of(p.segment));
                   return with_parameters(head, p.segment ? to_hex(p.data) : ack_of(p.service, p.data));
                 },
                 [](const SegmentAck& p) {
                   return fmt::format("SegmentACK of the {}, invoke id {}: {} segment {}, window {}",
                                      p.from_server ? "server" : "client", p.invoke_id,
                                      p.negative ? "again after" : "up to", p.sequence, p.window);
                 },
                 [](const ErrorPdu& p) {
                   const auto error = decode_error(p.data);
                   return fmt::format("{} error, invoke id {}: {}", to_string(p.service), p.invoke_id,
                                      error ? to_string(*error) : values_of(p.data));
                 },
                 [](const RejectPdu& p) {
                   return fmt::format("Reject, invoke id {}: {}", p.invoke_id, to_string(p.reason));
                 },
                 [](const AbortPdu& p) {
                   return fmt::format("Abort by the {}, invoke id {}: {}",
                                      p.from_server ? "server" : "client", p.invoke_id, to_string(p.reason));
                 }},
      *apdu);
}

std::string networks_of(const std::vector<std::uint16_t>& networks) {
  std::string text;
  for (const std::uint16_t network : networks)
    text += fmt::format(" {}", network);
  return text.empty() ? " all" : text;
}

std::string explain_network_message(const Npdu& npdu) {
  const auto message = decode_network_message(npdu);
  if (!message)
    return fmt::format("network layer message {} is broken", static_cast<unsigned>(*npdu.message));
  return std::visit(
      overloaded{
          [](const WhoIsRouterToNetwork& m) {
            return m.network ? fmt::format("Who-Is-Router-To-Network {}", *m.network)
                             : std::string("Who-Is-Router-To-Network, any");
          },
          [](const IAmRouterToNetwork& m) { return "I-Am-Router-To-Network" + networks_of(m.networks); },
          [](const RouterBusyToNetwork& m) { return "Router-Busy-To-Network" + networks_of(m.networks); },
          [](const RouterAvailableToNetwork& m) {
            return "Router-Available-To-Network" + networks_of(m.networks);
          },
          [](const RejectMessageToNetwork& m) {
            return fmt::format("Reject-Message-To-Network {}: {}", m.network, to_string(m.reason));
          },
          [](const WhatIsNetworkNumber&) { return std::string("What-Is-Network-Number"); },
          [](const NetworkNumberIs& m) {
            return fmt::format("Network-Number-Is {} ({})", m.network,
                               m.configured ? "configured" : "learned");
          },
          [&](const auto&) {
            return fmt::format("network layer message {}: {}", static_cast<unsigned>(*npdu.message),
                               to_hex(npdu.payload));
          }},
      *message);
}

std::string explain_npdu(Bytes bytes) {
  const auto npdu = decode_npdu(bytes);
  if (!npdu) return fmt::format("NPDU is broken: {}", to_hex(bytes));
  std::string text = "NPDU";
  if (npdu->source) text += fmt::format(" from {}", to_string(*npdu->source));
  if (npdu->destination)
    text += fmt::format(" to {}, {} hops left", to_string(*npdu->destination), npdu->hops);
  if (npdu->expecting_reply) text += ", expecting a reply";
  return text + "\n" + indented(npdu->message ? explain_network_message(*npdu) : explain_apdu(npdu->payload));
}

}  // namespace

bool is_frame(Bytes datagram) { return decode_bvlc(datagram).has_value(); }

std::string explain_frame(Bytes datagram) {
  const auto bvlc = decode_bvlc(datagram);
  if (!bvlc)
    return "no BACnet/IP datagram: it does not begin with 81, its length is wrong, or its function unknown";
  const auto carrying = [](std::string head, Bytes npdu) {
    return std::move(head) + "\n" + indented(explain_npdu(npdu));
  };
  return std::visit(
      overloaded{[&](const OriginalUnicastNpdu& m) { return carrying("Original-Unicast-NPDU", m.npdu); },
                 [&](const OriginalBroadcastNpdu& m) { return carrying("Original-Broadcast-NPDU", m.npdu); },
                 [&](const DistributeBroadcastToNetwork& m) {
                   return carrying("Distribute-Broadcast-To-Network", m.npdu);
                 },
                 [&](const ForwardedNpdu& m) {
                   return carrying(fmt::format("Forwarded-NPDU of {}", to_string(m.origin)), m.npdu);
                 },
                 [](const BvlcResult& m) {
                   return fmt::format("BVLC-Result {:04X} ({})", static_cast<unsigned>(m.code),
                                      m.code == BvlcResultCode::successful ? "successful" : "refused");
                 },
                 [](const RegisterForeignDevice& m) {
                   return fmt::format("Register-Foreign-Device for {} s", m.time_to_live);
                 },
                 [](const DeleteForeignDeviceTableEntry& m) {
                   return fmt::format("Delete-Foreign-Device-Table-Entry {}", to_string(m.device));
                 },
                 [](const ReadBroadcastDistributionTable&) {
                   return std::string("Read-Broadcast-Distribution-Table");
                 },
                 [](const ReadForeignDeviceTable&) { return std::string("Read-Foreign-Device-Table"); },
                 [](const WriteBroadcastDistributionTable& m) {
                   return fmt::format("Write-Broadcast-Distribution-Table, {} entries", m.entries.size());
                 },
                 [](const ReadBroadcastDistributionTableAck& m) {
                   std::string text = "Read-Broadcast-Distribution-Table-Ack";
                   for (const BdtEntry& entry : m.entries)
                     text += "\n  " + to_string(entry.bbmd);
                   return text;
                 },
                 [](const ReadForeignDeviceTableAck& m) {
                   std::string text = "Read-Foreign-Device-Table-Ack";
                   for (const FdtEntry& entry : m.entries)
                     text += fmt::format("\n  {} for {} s, {} s left", to_string(entry.device),
                                         entry.time_to_live, entry.remaining);
                   return text;
                 }},
      *bvlc);
}

}  // namespace iw::bacnet
