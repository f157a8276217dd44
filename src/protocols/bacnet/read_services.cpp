#include "protocols/bacnet/read_services.hpp"

#include <array>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

std::int32_t application_count(ParameterReader& in) {
  const std::int64_t count = in.application<Signed>().value;
  if (count < INT32_MIN || count > INT32_MAX) in.failed(RejectReason::parameter_out_of_range);
  return in.ok() ? static_cast<std::int32_t>(count) : 0;
}

Range read_range(ParameterReader& in) {
  Range range;
  if (in.next_opens(3)) {
    in.open(3);
    range = ByPosition{.index = in.application_u32(), .count = application_count(in)};
    in.close(3);
  } else if (in.next_opens(6)) {
    in.open(6);
    range = BySequenceNumber{.sequence = in.application_u32(), .count = application_count(in)};
    in.close(6);
  } else if (in.next_opens(7)) {
    in.open(7);
    range = ByTime{.reference = read_date_time(in), .count = application_count(in)};
    in.close(7);
  }
  return range;
}

void write_range(ParameterWriter& out, const Range& range) {
  std::visit(overloaded{[](std::monostate) {},
                        [&](const ByPosition& r) {
                          out.open(3);
                          out.application(Unsigned{r.index});
                          out.application(Signed{r.count});
                          out.close(3);
                        },
                        [&](const BySequenceNumber& r) {
                          out.open(6);
                          out.application(Unsigned{r.sequence});
                          out.application(Signed{r.count});
                          out.close(6);
                        },
                        [&](const ByTime& r) {
                          out.open(7);
                          write_date_time(out, r.reference);
                          out.application(Signed{r.count});
                          out.close(7);
                        }},
             range);
}

BacnetError read_error(ParameterReader& in) {
  return {.error_class = static_cast<ErrorClass>(in.application<Enumerated>().value),
          .code = static_cast<ErrorCode>(in.application<Enumerated>().value)};
}

}  // namespace

Decoded<BacnetError> decode_error(Bytes data) {
  ParameterReader in(data);
  return checked(in, read_error(in));
}

void write_error(ParameterWriter& out, BacnetError error) {
  out.application(Enumerated{static_cast<std::uint32_t>(error.error_class)});
  out.application(Enumerated{static_cast<std::uint32_t>(error.code)});
}

PropertyReference read_property_reference(ParameterReader& in, std::uint8_t property_tag,
                                          std::uint8_t index_tag) {
  PropertyReference property{.property = static_cast<PropertyId>(in.context<Enumerated>(property_tag).value)};
  property.index = in.optional_u32(index_tag);
  return property;
}

void write_property_reference(ParameterWriter& out, const PropertyReference& property,
                              std::uint8_t property_tag, std::uint8_t index_tag) {
  out.context(property_tag, Enumerated{static_cast<std::uint32_t>(property.property)});
  if (property.index) out.context(index_tag, Unsigned{*property.index});
}

DateTime read_date_time(ParameterReader& in) {
  return {.date = in.application<Date>(), .time = in.application<Time>()};
}

void write_date_time(ParameterWriter& out, const DateTime& time) {
  out.application(time.date);
  out.application(time.time);
}

// ---- ReadProperty

Decoded<ReadProperty> ReadProperty::decode(Bytes data) {
  ParameterReader in(data);
  const ReadProperty request{.object = in.context<ObjectId>(0),
                             .property = read_property_reference(in, 1, 2)};
  return checked(in, request);
}

void ReadProperty::encode(ParameterWriter& out) const {
  out.context(0, object);
  write_property_reference(out, property, 1, 2);
}

Decoded<ReadPropertyAck> ReadPropertyAck::decode(Bytes data) {
  ParameterReader in(data);
  const ReadPropertyAck ack{.object = in.context<ObjectId>(0),
                            .property = read_property_reference(in, 1, 2),
                            .value = in.enclosed(3)};
  return checked(in, ack);
}

void ReadPropertyAck::encode(ParameterWriter& out) const {
  out.context(0, object);
  write_property_reference(out, property, 1, 2);
  out.enclosed(3, value);
}

// ---- ReadPropertyMultiple

void write_read_property_multiple(ParameterWriter& out, std::span<const ObjectPropertyReference> properties) {
  for (std::size_t i = 0; i < properties.size();) {
    const ObjectId object = properties[i].object;
    out.context(0, object);
    out.open(1);
    for (; i < properties.size() && properties[i].object == object; ++i)
      write_property_reference(out, properties[i].property, 0, 1);
    out.close(1);
  }
}

std::optional<ObjectPropertyReference> ReadAccessReader::next() {
  if (!inside_) {
    if (!in_.more()) return std::nullopt;
    object_ = in_.context<ObjectId>(0);
    in_.open(1);
    inside_ = true;
  }
  const ObjectPropertyReference reference{.object = object_, .property = read_property_reference(in_, 0, 1)};
  if (in_.next_closes(1)) {
    in_.close(1);
    inside_ = false;
  }
  if (!in_.ok()) return std::nullopt;
  return reference;
}

std::optional<ReadResult> ReadResultReader::next() {
  while (!inside_ || in_.next_closes(1)) {
    if (inside_) in_.close(1);
    inside_ = false;
    if (!in_.more()) return std::nullopt;
    object_ = in_.context<ObjectId>(0);
    in_.open(1);
    inside_ = in_.ok();
  }
  ReadResult result{.object = object_, .property = read_property_reference(in_, 2, 3)};
  if (in_.next_opens(5)) {
    in_.open(5);
    result.error = read_error(in_);
    in_.close(5);
  } else {
    result.value = in_.enclosed(4);
  }
  if (!in_.ok()) return std::nullopt;
  return result;
}

void ReadResultWriter::put(const ReadResult& result) {
  if (object_ != result.object) {
    finish();
    object_ = result.object;
    out_.context(0, result.object);
    out_.open(1);
  }
  write_property_reference(out_, result.property, 2, 3);
  if (result.error) {
    out_.open(5);
    write_error(out_, *result.error);
    out_.close(5);
  } else {
    out_.enclosed(4, result.value);
  }
}

void ReadResultWriter::finish() {
  if (object_) out_.close(1);
  object_.reset();
}

// ---- ReadRange

Decoded<ReadRange> ReadRange::decode(Bytes data) {
  ParameterReader in(data);
  const ReadRange request{.object = in.context<ObjectId>(0),
                          .property = read_property_reference(in, 1, 2),
                          .range = read_range(in)};
  return checked(in, request);
}

void ReadRange::encode(ParameterWriter& out) const {
  out.context(0, object);
  write_property_reference(out, property, 1, 2);
  write_range(out, range);
}

Decoded<ReadRangeAck> ReadRangeAck::decode(Bytes data) {
  ParameterReader in(data);
  ReadRangeAck ack{.object = in.context<ObjectId>(0), .property = read_property_reference(in, 1, 2)};
  const auto flags = in.context<BitString>(3);
  ack.first_item = flags.at(0);
  ack.last_item = flags.at(1);
  ack.more_items = flags.at(2);
  ack.count = in.context_u32(4);
  ack.items = in.enclosed(5);
  ack.first_sequence = in.optional_u32(6);
  return checked(in, ack);
}

void ReadRangeAck::encode(ParameterWriter& out) const {
  const std::array flags{static_cast<std::byte>((first_item ? 0x80U : 0U) | (last_item ? 0x40U : 0U) |
                                                (more_items ? 0x20U : 0U))};
  out.context(0, object);
  write_property_reference(out, property, 1, 2);
  out.context(3, BitString{.bytes = flags, .unused = 5});
  out.context(4, Unsigned{count});
  out.enclosed(5, items);
  if (first_sequence) out.context(6, Unsigned{*first_sequence});
}

LogDatum LogRecordReader::datum() {
  if (in_.next_is(0)) return LogStatus{in_.context<BitString>(0)};
  if (in_.next_is(1)) return Value(in_.context<bool>(1));
  if (in_.next_is(2)) return Value(in_.context<float>(2));
  if (in_.next_is(3)) return Value(in_.context<Enumerated>(3));
  if (in_.next_is(4)) return Value(in_.context<Unsigned>(4));
  if (in_.next_is(5)) return Value(in_.context<Signed>(5));
  if (in_.next_is(6)) return Value(in_.context<BitString>(6));
  if (in_.next_is(7)) return Value(in_.context<Null>(7));
  if (in_.next_is(9)) return TimeChange{in_.context<float>(9)};
  if (in_.next_opens(8)) {
    in_.open(8);
    const BacnetError error = read_error(in_);
    in_.close(8);
    return error;
  }
  return RawDatum{in_.enclosed(10)};
}

std::optional<LogRecord> LogRecordReader::next() {
  if (!in_.more()) return std::nullopt;
  LogRecord record;
  in_.open(0);
  record.time = read_date_time(in_);
  in_.close(0);
  in_.open(1);
  record.datum = datum();
  in_.close(1);
  record.status_flags = in_.optional<BitString>(2);
  if (!in_.ok()) return std::nullopt;
  return record;
}

void write_log_record(ParameterWriter& out, const LogRecord& record) {
  out.open(0);
  write_date_time(out, record.time);
  out.close(0);
  out.open(1);
  std::visit(overloaded{[&](const LogStatus& status) { out.context(0, status.flags); },
                        [&](const TimeChange& change) { out.context(9, change.seconds); },
                        [&](const RawDatum& raw) { out.enclosed(10, raw.value); },
                        [&](const BacnetError& error) {
                          out.open(8);
                          write_error(out, error);
                          out.close(8);
                        },
                        [&](const Value& value) {
                          switch (type_of(value)) {
                            case DataType::boolean: return out.context(1, value);
                            case DataType::real: return out.context(2, value);
                            case DataType::enumerated: return out.context(3, value);
                            case DataType::unsigned_integer: return out.context(4, value);
                            case DataType::signed_integer: return out.context(5, value);
                            case DataType::bit_string: return out.context(6, value);
                            case DataType::null: return out.context(7, value);
                            default:
                              out.open(10);
                              out.application(value);
                              out.close(10);
                          }
                        }},
             record.datum);
  out.close(1);
  if (record.status_flags) out.context(2, *record.status_flags);
}

}  // namespace iw::bacnet
