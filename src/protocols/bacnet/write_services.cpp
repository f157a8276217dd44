#include "protocols/bacnet/write_services.hpp"

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

std::optional<std::uint8_t> read_priority(ParameterReader& in, std::uint8_t tag) {
  const auto priority = in.optional_u32(tag);
  if (!priority) return std::nullopt;
  if (*priority < 1 || *priority > lowest_priority) in.failed(RejectReason::parameter_out_of_range);
  return static_cast<std::uint8_t>(*priority);
}

void write_priority(ParameterWriter& out, std::uint8_t tag, std::optional<std::uint8_t> priority) {
  if (priority) out.context(tag, Unsigned{*priority});
}

// Error ::= SEQUENCE in a context tag.
BacnetError read_enclosed_error(ParameterReader& in, std::uint8_t tag) {
  in.open(tag);
  const BacnetError error{.error_class = static_cast<ErrorClass>(in.application<Enumerated>().value),
                          .code = static_cast<ErrorCode>(in.application<Enumerated>().value)};
  in.close(tag);
  return error;
}

void write_enclosed_error(ParameterWriter& out, std::uint8_t tag, BacnetError error) {
  out.open(tag);
  write_error(out, error);
  out.close(tag);
}

}  // namespace

Decoded<WriteProperty> WriteProperty::decode(Bytes data) {
  ParameterReader in(data);
  WriteProperty request{.object = in.context<ObjectId>(0),
                        .property = read_property_reference(in, 1, 2),
                        .value = in.enclosed(3)};
  request.priority = read_priority(in, 4);
  return checked(in, request);
}

void WriteProperty::encode(ParameterWriter& out) const {
  out.context(0, object);
  write_property_reference(out, property, 1, 2);
  out.enclosed(3, value);
  write_priority(out, 4, priority);
}

void write_write_property_multiple(ParameterWriter& out, std::span<const WriteProperty> writes) {
  for (std::size_t i = 0; i < writes.size();) {
    const ObjectId object = writes[i].object;
    out.context(0, object);
    out.open(1);
    for (; i < writes.size() && writes[i].object == object; ++i) {
      write_property_reference(out, writes[i].property, 0, 1);
      out.enclosed(2, writes[i].value);
      write_priority(out, 3, writes[i].priority);
    }
    out.close(1);
  }
}

std::optional<WriteProperty> WriteAccessReader::next() {
  if (!inside_) {
    if (!in_.more()) return std::nullopt;
    object_ = in_.context<ObjectId>(0);
    in_.open(1);
    inside_ = true;
  }
  WriteProperty write{
      .object = object_, .property = read_property_reference(in_, 0, 1), .value = in_.enclosed(2)};
  write.priority = read_priority(in_, 3);
  if (in_.next_closes(1)) {
    in_.close(1);
    inside_ = false;
  } else if (in_.at_end()) {
    in_.failed(RejectReason::invalid_tag);
  }
  if (!in_.ok()) return std::nullopt;
  return write;
}

Decoded<WritePropertyMultipleError> WritePropertyMultipleError::decode(Bytes data) {
  ParameterReader in(data);
  WritePropertyMultipleError failure{.error = read_enclosed_error(in, 0), .first_failed = {}};
  in.open(1);
  failure.first_failed.object = in.context<ObjectId>(0);
  failure.first_failed.property = read_property_reference(in, 1, 2);
  in.close(1);
  return checked(in, failure);
}

void WritePropertyMultipleError::encode(ParameterWriter& out) const {
  write_enclosed_error(out, 0, error);
  out.open(1);
  out.context(0, first_failed.object);
  write_property_reference(out, first_failed.property, 1, 2);
  out.close(1);
}

Decoded<ChangeList> ChangeList::decode(Bytes data) {
  ParameterReader in(data);
  const ChangeList request{.object = in.context<ObjectId>(0),
                           .property = read_property_reference(in, 1, 2),
                           .elements = in.enclosed(3)};
  return checked(in, request);
}

void ChangeList::encode(ParameterWriter& out) const {
  out.context(0, object);
  write_property_reference(out, property, 1, 2);
  out.enclosed(3, elements);
}

Decoded<ChangeListError> ChangeListError::decode(Bytes data) {
  ParameterReader in(data);
  const ChangeListError failure{.error = read_enclosed_error(in, 0), .first_failed = in.context_u32(1)};
  return checked(in, failure);
}

void ChangeListError::encode(ParameterWriter& out) const {
  write_enclosed_error(out, 0, error);
  out.context(1, Unsigned{first_failed});
}

Decoded<CreateObject> CreateObject::decode(Bytes data) {
  ParameterReader in(data);
  CreateObject request;
  in.open(0);
  if (in.next_is(1)) {
    request.object = in.context<ObjectId>(1);
  } else {
    const std::uint32_t type = in.context<Enumerated>(0).value;
    if (type > max_object_type) in.failed(RejectReason::undefined_enumeration);
    request.object = static_cast<ObjectType>(type);
  }
  in.close(0);
  if (in.next_opens(1)) {
    in.open(1);
    while (in.more() && !in.next_closes(1)) {
      InitialValue initial{.property = read_property_reference(in, 0, 1), .value = in.enclosed(2)};
      initial.priority = read_priority(in, 3);
      request.initial_values.push_back(initial);
    }
    in.close(1);
  }
  return checked(in, std::move(request));
}

void CreateObject::encode(ParameterWriter& out) const {
  out.open(0);
  std::visit(
      overloaded{[&](ObjectType type) { out.context(0, Enumerated{static_cast<std::uint32_t>(type)}); },
                 [&](ObjectId id) { out.context(1, id); }},
      object);
  out.close(0);
  if (initial_values.empty()) return;
  out.open(1);
  for (const InitialValue& initial : initial_values) {
    write_property_reference(out, initial.property, 0, 1);
    out.enclosed(2, initial.value);
    write_priority(out, 3, initial.priority);
  }
  out.close(1);
}

Decoded<CreateObjectAck> CreateObjectAck::decode(Bytes data) {
  ParameterReader in(data);
  return checked(in, CreateObjectAck{in.application<ObjectId>()});
}

void CreateObjectAck::encode(ParameterWriter& out) const { out.application(object); }

Decoded<DeleteObject> DeleteObject::decode(Bytes data) {
  ParameterReader in(data);
  return checked(in, DeleteObject{in.application<ObjectId>()});
}

void DeleteObject::encode(ParameterWriter& out) const { out.application(object); }

}  // namespace iw::bacnet
