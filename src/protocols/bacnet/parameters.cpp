#include "protocols/bacnet/parameters.hpp"

#include <array>
#include <bit>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

template <class T>
Decoded<T> wrong_encoding() {
  return tl::unexpected(RejectReason::invalid_data_encoding);
}

std::size_t octets_of(std::uint64_t value) {
  return value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8;
}

std::size_t octets_of(std::int64_t value) {
  // One bit more, for the sign.
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  return static_cast<std::size_t>(std::bit_width(magnitude)) / 8 + 1;
}

void put_big(Writer& out, std::uint64_t value, std::size_t octets) {
  for (std::size_t i = octets; i-- > 0;)
    out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint32_t content_size(const Value& value) {
  const std::size_t size = std::visit(
      overloaded{[](Null) -> std::size_t { return 0; }, [](bool) -> std::size_t { return 1; },
                 [](Unsigned v) { return octets_of(v.value); }, [](Signed v) { return octets_of(v.value); },
                 [](float) -> std::size_t { return 4; }, [](double) -> std::size_t { return 8; },
                 [](OctetString v) { return v.bytes.size(); },
                 [](CharacterString v) { return 1 + v.bytes.size(); },
                 [](BitString v) { return 1 + v.bytes.size(); },
                 [](Enumerated v) { return octets_of(std::uint64_t{v.value}); },
                 [](Date) -> std::size_t { return 4; }, [](Time) -> std::size_t { return 4; },
                 [](ObjectId) -> std::size_t { return 4; }},
      value);
  return static_cast<std::uint32_t>(size);
}

void write_content(Writer& out, const Value& value) {
  std::visit(
      overloaded{[](Null) {}, [&](bool v) { out.u8(v ? 1 : 0); },
                 [&](Unsigned v) { put_big(out, v.value, octets_of(v.value)); },
                 [&](Signed v) { put_big(out, static_cast<std::uint64_t>(v.value), octets_of(v.value)); },
                 [&](float v) { out.u32be(std::bit_cast<std::uint32_t>(v)); },
                 [&](double v) { out.u64be(std::bit_cast<std::uint64_t>(v)); },
                 [&](OctetString v) { out.bytes(v.bytes); },
                 [&](CharacterString v) {
                   out.u8(static_cast<std::uint8_t>(v.set));
                   out.bytes(v.bytes);
                 },
                 [&](BitString v) {
                   out.u8(v.unused);
                   out.bytes(v.bytes);
                 },
                 [&](Enumerated v) { put_big(out, v.value, octets_of(std::uint64_t{v.value})); },
                 [&](Date v) {
                   out.u8(v.year);
                   out.u8(v.month);
                   out.u8(v.day);
                   out.u8(v.weekday);
                 },
                 [&](Time v) {
                   out.u8(v.hour);
                   out.u8(v.minute);
                   out.u8(v.second);
                   out.u8(v.hundredths);
                 },
                 [&](ObjectId v) { out.u32be(v.bits()); }},
      value);
}

template <class T>
Decoded<Value> as_value(Bytes content) {
  return decode_content<T>(content).map([](T v) { return Value(v); });
}

Decoded<Value> decode_application(Tag tag, Bytes content) {
  switch (static_cast<DataType>(tag.number)) {
    case DataType::null: return as_value<Null>(content);
    case DataType::boolean:
      if (tag.length > 1) return wrong_encoding<Value>();
      return Value(tag.length == 1);
    case DataType::unsigned_integer: return as_value<Unsigned>(content);
    case DataType::signed_integer: return as_value<Signed>(content);
    case DataType::real: return as_value<float>(content);
    case DataType::double_real: return as_value<double>(content);
    case DataType::octet_string: return as_value<OctetString>(content);
    case DataType::character_string: return as_value<CharacterString>(content);
    case DataType::bit_string: return as_value<BitString>(content);
    case DataType::enumerated: return as_value<Enumerated>(content);
    case DataType::date: return as_value<Date>(content);
    case DataType::time: return as_value<Time>(content);
    case DataType::object_id: return as_value<ObjectId>(content);
  }
  return tl::unexpected(RejectReason::invalid_tag);
}

}  // namespace

template <>
Decoded<Null> decode_content<Null>(Bytes content) {
  if (!content.empty()) return wrong_encoding<Null>();
  return Null{};
}

template <>
Decoded<bool> decode_content<bool>(Bytes content) {
  if (content.size() != 1 || std::to_integer<unsigned>(content[0]) > 1) return wrong_encoding<bool>();
  return content[0] == std::byte{1};
}

template <>
Decoded<Unsigned> decode_content<Unsigned>(Bytes content) {
  if (content.empty() || content.size() > 8) return wrong_encoding<Unsigned>();
  std::uint64_t value = 0;
  for (const std::byte b : content)
    value = value << 8 | std::to_integer<std::uint64_t>(b);
  return Unsigned{value};
}

template <>
Decoded<Signed> decode_content<Signed>(Bytes content) {
  const auto magnitude = decode_content<Unsigned>(content);
  if (!magnitude) return tl::unexpected(magnitude.error());
  const auto shift = 8 * (8 - content.size());
  return Signed{static_cast<std::int64_t>(magnitude->value << shift) >> shift};
}

template <>
Decoded<float> decode_content<float>(Bytes content) {
  if (content.size() != 4) return wrong_encoding<float>();
  return std::bit_cast<float>(Reader(content).u32be());
}

template <>
Decoded<double> decode_content<double>(Bytes content) {
  if (content.size() != 8) return wrong_encoding<double>();
  return std::bit_cast<double>(Reader(content).u64be());
}

template <>
Decoded<OctetString> decode_content<OctetString>(Bytes content) {
  return OctetString{content};
}

template <>
Decoded<CharacterString> decode_content<CharacterString>(Bytes content) {
  if (content.empty()) return wrong_encoding<CharacterString>();
  return CharacterString{.set = static_cast<CharacterSet>(content[0]), .bytes = content.subspan(1)};
}

template <>
Decoded<BitString> decode_content<BitString>(Bytes content) {
  if (content.empty()) return wrong_encoding<BitString>();
  const auto unused = std::to_integer<std::uint8_t>(content[0]);
  if (unused > 7 || (unused > 0 && content.size() == 1)) return wrong_encoding<BitString>();
  return BitString{.bytes = content.subspan(1), .unused = unused};
}

template <>
Decoded<Enumerated> decode_content<Enumerated>(Bytes content) {
  const auto number = decode_content<Unsigned>(content);
  if (!number) return tl::unexpected(number.error());
  if (number->value > 0xFFFFFFFF) return wrong_encoding<Enumerated>();
  return Enumerated{static_cast<std::uint32_t>(number->value)};
}

template <>
Decoded<Date> decode_content<Date>(Bytes content) {
  if (content.size() != 4) return wrong_encoding<Date>();
  Reader in(content);
  return Date{.year = in.u8(), .month = in.u8(), .day = in.u8(), .weekday = in.u8()};
}

template <>
Decoded<Time> decode_content<Time>(Bytes content) {
  if (content.size() != 4) return wrong_encoding<Time>();
  Reader in(content);
  return Time{.hour = in.u8(), .minute = in.u8(), .second = in.u8(), .hundredths = in.u8()};
}

template <>
Decoded<ObjectId> decode_content<ObjectId>(Bytes content) {
  if (content.size() != 4) return wrong_encoding<ObjectId>();
  return ObjectId::from_bits(Reader(content).u32be());
}

// ---- ParameterReader

std::optional<Tag> ParameterReader::peek() const {
  if (!more()) return std::nullopt;
  Reader copy = in_;
  const auto tag = read_tag(copy);
  return tag ? std::optional(*tag) : std::nullopt;
}

bool ParameterReader::next_is(std::uint8_t context_tag) const {
  const auto tag = peek();
  return tag && tag->kind == TagKind::context && tag->number == context_tag;
}

bool ParameterReader::next_opens(std::uint8_t context_tag) const {
  return peek() == Tag{.kind = TagKind::opening, .number = context_tag};
}

bool ParameterReader::next_closes(std::uint8_t context_tag) const {
  return peek() == Tag{.kind = TagKind::closing, .number = context_tag};
}

std::optional<DataType> ParameterReader::next_type() const {
  const auto tag = peek();
  if (!tag || tag->kind != TagKind::application) return std::nullopt;
  return static_cast<DataType>(tag->number);
}

void ParameterReader::failed(RejectReason why) {
  if (!fault_) fault_ = why;
  in_ = Reader({});
}

Bytes ParameterReader::primitive(std::uint8_t context_tag) {
  if (at_end()) failed(RejectReason::missing_required_parameter);
  if (!ok()) return {};
  const auto tag = read_tag(in_);
  if (!tag) {
    failed(tag.error());
    return {};
  }
  if (tag->kind == TagKind::context && tag->number == context_tag) return in_.bytes(tag->content());
  // A later parameter, or the end of the list, stands where this one should.
  const bool missing =
      tag->kind != TagKind::application && (tag->kind == TagKind::closing || tag->number > context_tag);
  failed(missing ? RejectReason::missing_required_parameter : RejectReason::invalid_tag);
  return {};
}

Value ParameterReader::value() {
  if (at_end()) failed(RejectReason::missing_required_parameter);
  if (!ok()) return Null{};
  const auto tag = read_tag(in_);
  if (!tag) {
    failed(tag.error());
    return Null{};
  }
  if (tag->kind != TagKind::application) {
    failed(RejectReason::invalid_tag);
    return Null{};
  }
  return kept(decode_application(*tag, in_.bytes(tag->content())));
}

Bytes ParameterReader::element() {
  if (at_end()) failed(RejectReason::missing_required_parameter);
  if (!ok()) return {};
  Reader scan = in_;
  const auto tag = read_tag(scan);
  if (!tag || tag->kind == TagKind::closing) {
    failed(RejectReason::invalid_tag);
    return {};
  }
  if (tag->kind == TagKind::opening) {
    if (const auto inside = read_enclosed(scan, tag->number); !inside) {
      failed(inside.error());
      return {};
    }
  } else {
    scan.bytes(tag->content());
  }
  return in_.bytes(in_.remaining() - scan.remaining());
}

void ParameterReader::open(std::uint8_t tag) {
  if (at_end()) failed(RejectReason::missing_required_parameter);
  if (!ok()) return;
  const auto found = read_tag(in_);
  if (!found || *found != Tag{.kind = TagKind::opening, .number = tag}) failed(RejectReason::invalid_tag);
}

void ParameterReader::close(std::uint8_t tag) {
  if (!ok()) return;
  if (at_end()) return failed(RejectReason::invalid_tag);
  const auto found = read_tag(in_);
  if (!found || *found != Tag{.kind = TagKind::closing, .number = tag}) failed(RejectReason::invalid_tag);
}

Bytes ParameterReader::enclosed(std::uint8_t tag) {
  open(tag);
  if (!ok()) return {};
  const auto inside = read_enclosed(in_, tag);
  if (!inside) {
    failed(inside.error());
    return {};
  }
  return *inside;
}

std::uint32_t ParameterReader::narrow(std::uint64_t number) {
  if (number > 0xFFFFFFFF) failed(RejectReason::parameter_out_of_range);
  return ok() ? static_cast<std::uint32_t>(number) : 0;
}

Decoded<void> ParameterReader::finished() {
  if (more()) failed(RejectReason::too_many_arguments);
  if (!ok()) return tl::unexpected(*fault_);
  return {};
}

// ---- ParameterWriter

void ParameterWriter::application(const Value& value) {
  Tag tag{.kind = TagKind::application, .number = static_cast<std::uint8_t>(type_of(value))};
  if (const bool* boolean = std::get_if<bool>(&value)) {
    tag.length = *boolean ? 1 : 0;
    return write_tag(out_, tag);
  }
  tag.length = content_size(value);
  write_tag(out_, tag);
  write_content(out_, value);
}

void ParameterWriter::context(std::uint8_t tag, const Value& value) {
  write_tag(out_, {.kind = TagKind::context, .number = tag, .length = content_size(value)});
  write_content(out_, value);
}

std::vector<std::byte> encoded(const Value& value) {
  std::vector<std::byte> bytes(std::size_t{content_size(value)} + 6);
  ParameterWriter out(bytes);
  out.application(value);
  bytes.resize(out.size());
  return bytes;
}

}  // namespace iw::bacnet
