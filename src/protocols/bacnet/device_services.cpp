#include "protocols/bacnet/device_services.hpp"

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

std::uint16_t narrow_u16(ParameterReader& in, std::uint32_t number) {
  if (number > 0xFFFF) in.failed(RejectReason::parameter_out_of_range);
  return static_cast<std::uint16_t>(number);
}

// Both limits, or none (16.10).
std::optional<InstanceRange> read_instance_range(ParameterReader& in) {
  if (!in.next_is(0)) return std::nullopt;
  const InstanceRange range{.low = in.context_u32(0), .high = in.context_u32(1)};
  if (range.low > wildcard_instance || range.high > wildcard_instance)
    in.failed(RejectReason::parameter_out_of_range);
  return range;
}

void write_instance_range(ParameterWriter& out, const std::optional<InstanceRange>& range) {
  if (!range) return;
  out.context(0, Unsigned{range->low});
  out.context(1, Unsigned{range->high});
}

template <class E>
E read_enumeration(ParameterReader& in, std::uint8_t tag, E last) {
  const std::uint32_t number = in.context<Enumerated>(tag).value;
  if (number > static_cast<std::uint32_t>(last)) in.failed(RejectReason::undefined_enumeration);
  return in.ok() ? static_cast<E>(number) : E{};
}

}  // namespace

Decoded<WhoIs> WhoIs::decode(Bytes data) {
  ParameterReader in(data);
  return checked(in, WhoIs{read_instance_range(in)});
}

void WhoIs::encode(ParameterWriter& out) const { write_instance_range(out, range); }

Decoded<IAm> IAm::decode(Bytes data) {
  ParameterReader in(data);
  const auto object = in.application<ObjectId>();
  IAm message{.instance = object.instance, .max_apdu = in.application_u32()};
  const std::uint32_t segmentation = in.application<Enumerated>().value;
  message.segmentation = static_cast<Segmentation>(segmentation);
  message.vendor = narrow_u16(in, in.application_u32());
  if (object.type != ObjectType::device || object.instance > max_instance ||
      segmentation > static_cast<std::uint32_t>(Segmentation::none))
    in.failed(RejectReason::parameter_out_of_range);
  return checked(in, message);
}

void IAm::encode(ParameterWriter& out) const {
  out.application(device_object(instance));
  out.application(Unsigned{max_apdu});
  out.application(Enumerated{static_cast<std::uint32_t>(segmentation)});
  out.application(Unsigned{vendor});
}

Decoded<WhoHas> WhoHas::decode(Bytes data) {
  ParameterReader in(data);
  WhoHas message{.range = read_instance_range(in), .object = {}};
  if (in.next_is(3)) {
    message.object = in.context<CharacterString>(3);
  } else {
    message.object = in.context<ObjectId>(2);
  }
  return checked(in, message);
}

void WhoHas::encode(ParameterWriter& out) const {
  write_instance_range(out, range);
  std::visit(overloaded{[&](ObjectId id) { out.context(2, id); },
                        [&](CharacterString name) { out.context(3, name); }},
             object);
}

Decoded<IHave> IHave::decode(Bytes data) {
  ParameterReader in(data);
  const IHave message{.device = in.application<ObjectId>(),
                      .object = in.application<ObjectId>(),
                      .name = in.application<CharacterString>()};
  return checked(in, message);
}

void IHave::encode(ParameterWriter& out) const {
  out.application(device);
  out.application(object);
  out.application(name);
}

Decoded<TimeSynchronization> TimeSynchronization::decode(Bytes data) {
  ParameterReader in(data);
  return checked(in, TimeSynchronization{read_date_time(in)});
}

void TimeSynchronization::encode(ParameterWriter& out) const { write_date_time(out, time); }

Decoded<DeviceCommunicationControl> DeviceCommunicationControl::decode(Bytes data) {
  ParameterReader in(data);
  DeviceCommunicationControl request;
  if (const auto minutes = in.optional_u32(0)) request.minutes = narrow_u16(in, *minutes);
  request.state = read_enumeration(in, 1, CommunicationState::disable_initiation);
  request.password = in.optional<CharacterString>(2);
  return checked(in, request);
}

void DeviceCommunicationControl::encode(ParameterWriter& out) const {
  if (minutes) out.context(0, Unsigned{*minutes});
  out.context(1, Enumerated{static_cast<std::uint32_t>(state)});
  if (password) out.context(2, *password);
}

Decoded<ReinitializeDevice> ReinitializeDevice::decode(Bytes data) {
  ParameterReader in(data);
  const ReinitializeDevice request{.state = read_enumeration(in, 0, ReinitializedState::activate_changes),
                                   .password = in.optional<CharacterString>(1)};
  return checked(in, request);
}

void ReinitializeDevice::encode(ParameterWriter& out) const {
  out.context(0, Enumerated{static_cast<std::uint32_t>(state)});
  if (password) out.context(1, *password);
}

Decoded<PrivateTransfer> PrivateTransfer::decode(Bytes data) {
  ParameterReader in(data);
  PrivateTransfer transfer{.vendor = narrow_u16(in, in.context_u32(0)), .service = in.context_u32(1)};
  if (in.next_opens(2)) transfer.parameters = in.enclosed(2);
  return checked(in, transfer);
}

void PrivateTransfer::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{vendor});
  out.context(1, Unsigned{service});
  if (parameters) out.enclosed(2, *parameters);
}

Decoded<WriteGroup> WriteGroup::decode(Bytes data) {
  ParameterReader in(data);
  WriteGroup message{.group = in.context_u32(0)};
  const std::uint32_t priority = in.context_u32(1);
  if (in.ok() && (priority < 1 || priority > 16)) in.failed(RejectReason::parameter_out_of_range);
  message.priority = static_cast<std::uint8_t>(priority);
  in.open(2);
  while (in.more() && !in.next_closes(2)) {
    GroupValue value{.channel = in.context_u32(0)};
    if (const auto overriding = in.optional_u32(1))
      value.overriding_priority = static_cast<std::uint8_t>(*overriding);
    value.value = in.element();
    message.values.push_back(value);
  }
  in.close(2);
  message.inhibit_delay = in.optional<bool>(3);
  return checked(in, std::move(message));
}

void WriteGroup::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{group});
  out.context(1, Unsigned{priority});
  out.open(2);
  for (const GroupValue& value : values) {
    out.context(0, Unsigned{value.channel});
    if (value.overriding_priority) out.context(1, Unsigned{*value.overriding_priority});
    out.raw(value.value);
  }
  out.close(2);
  if (inhibit_delay) out.context(3, *inhibit_delay);
}

Decoded<WhoAmI> WhoAmI::decode(Bytes data) {
  ParameterReader in(data);
  const WhoAmI message{.vendor = narrow_u16(in, in.application_u32()),
                       .model = in.application<CharacterString>(),
                       .serial_number = in.application<CharacterString>()};
  return checked(in, message);
}

void WhoAmI::encode(ParameterWriter& out) const {
  out.application(Unsigned{vendor});
  out.application(model);
  out.application(serial_number);
}

Decoded<YouAre> YouAre::decode(Bytes data) {
  ParameterReader in(data);
  YouAre message{.vendor = narrow_u16(in, in.application_u32()),
                 .model = in.application<CharacterString>(),
                 .serial_number = in.application<CharacterString>()};
  if (in.next_type() == DataType::object_id) message.device = in.application<ObjectId>();
  if (in.next_type() == DataType::octet_string) message.mac = in.application<OctetString>();
  return checked(in, message);
}

void YouAre::encode(ParameterWriter& out) const {
  out.application(Unsigned{vendor});
  out.application(model);
  out.application(serial_number);
  if (device) out.application(*device);
  if (mac) out.application(*mac);
}

}  // namespace iw::bacnet
