// Parameters of services: ParameterReader takes them one after the other, ParameterWriter puts them.
//
//   ParameterReader in(bytes);
//   const auto object = in.context<ObjectId>(0);
//   const auto property = in.context<Enumerated>(1);
//   const auto index = in.optional<Unsigned>(2);
//   if (auto wrong = in.finished(); !wrong) ...
//
// A reader never reads past its bytes. What is not there, or not as it should be, gives a zero and makes ok()
// false for good; fault() keeps the first reason, in the words in which a server has to reject (20.1.8).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/bacnet/error.hpp"
#include "protocols/bacnet/tag.hpp"
#include "protocols/bacnet/value.hpp"

namespace iw::bacnet {

// The content of a primitive, without its tag. An application-tagged Boolean is not one: it has none.
template <class T>
Decoded<T> decode_content(Bytes content) = delete;
template <>
Decoded<Null> decode_content(Bytes content);
template <>
Decoded<bool> decode_content(Bytes content);
template <>
Decoded<Unsigned> decode_content(Bytes content);
template <>
Decoded<Signed> decode_content(Bytes content);
template <>
Decoded<float> decode_content(Bytes content);
template <>
Decoded<double> decode_content(Bytes content);
template <>
Decoded<OctetString> decode_content(Bytes content);
template <>
Decoded<CharacterString> decode_content(Bytes content);
template <>
Decoded<BitString> decode_content(Bytes content);
template <>
Decoded<Enumerated> decode_content(Bytes content);
template <>
Decoded<Date> decode_content(Bytes content);
template <>
Decoded<Time> decode_content(Bytes content);
template <>
Decoded<ObjectId> decode_content(Bytes content);

class ParameterReader {
 public:
  explicit ParameterReader(Bytes bytes) : in_(bytes) {}

  [[nodiscard]] bool ok() const { return !fault_.has_value(); }
  [[nodiscard]] std::optional<RejectReason> fault() const { return fault_; }
  [[nodiscard]] bool at_end() const { return in_.remaining() == 0; }
  // More is to come: neither the end nor a fault. The condition of a loop.
  [[nodiscard]] bool more() const { return ok() && !at_end(); }
  [[nodiscard]] std::size_t remaining() const { return in_.remaining(); }

  // What comes next, without taking it.
  [[nodiscard]] bool next_is(std::uint8_t context_tag) const;
  [[nodiscard]] bool next_opens(std::uint8_t context_tag) const;
  [[nodiscard]] bool next_closes(std::uint8_t context_tag) const;
  [[nodiscard]] std::optional<DataType> next_type() const;  // of an application-tagged value

  // A context-tagged primitive.
  template <class T>
  T context(std::uint8_t tag) {
    return kept(decode_content<T>(primitive(tag)));
  }
  template <class T>
  std::optional<T> optional(std::uint8_t tag) {
    if (!next_is(tag)) return std::nullopt;
    return context<T>(tag);
  }
  std::uint32_t context_u32(std::uint8_t tag) { return narrow(context<Unsigned>(tag).value); }
  std::optional<std::uint32_t> optional_u32(std::uint8_t tag) {
    if (!next_is(tag)) return std::nullopt;
    return context_u32(tag);
  }

  // An application-tagged primitive: any, or of that type.
  Value value();
  template <class T>
  T application() {
    const Value v = value();
    if (const T* typed = std::get_if<T>(&v)) return *typed;
    failed(RejectReason::invalid_parameter_data_type);
    return {};
  }
  std::uint32_t application_u32() { return narrow(application<Unsigned>().value); }

  // One constructed or primitive element of any tag, tags included, undecoded.
  Bytes element();

  void open(std::uint8_t tag);
  void close(std::uint8_t tag);
  // What stands between the opening and the closing tag, which match and nest well.
  Bytes enclosed(std::uint8_t tag);

  void failed(RejectReason why);
  // Everything was as it should be, and nothing is left over.
  [[nodiscard]] Decoded<void> finished();

 private:
  [[nodiscard]] std::optional<Tag> peek() const;
  Bytes primitive(std::uint8_t context_tag);
  std::uint32_t narrow(std::uint64_t number);

  template <class T>
  T kept(Decoded<T> decoded) {
    if (decoded && ok()) return *std::move(decoded);
    if (!decoded) failed(decoded.error());
    return T{};
  }

  Reader in_;
  std::optional<RejectReason> fault_;
};

// What was decoded, if the reader took everything and found nothing wrong.
template <class T>
Decoded<T> checked(ParameterReader& in, T decoded) {
  if (auto end = in.finished(); !end) return tl::unexpected(end.error());
  return decoded;
}

// Puts into a fixed span; what does not fit makes ok() false.
class ParameterWriter {
 public:
  explicit ParameterWriter(MutableBytes into) : out_(into) {}

  [[nodiscard]] bool ok() const { return out_.ok(); }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] Bytes written() const { return out_.written(); }

  void application(const Value& value);
  void context(std::uint8_t tag, const Value& value);
  void open(std::uint8_t tag) { write_tag(out_, {.kind = TagKind::opening, .number = tag}); }
  void close(std::uint8_t tag) { write_tag(out_, {.kind = TagKind::closing, .number = tag}); }
  void enclosed(std::uint8_t tag, Bytes content) {
    open(tag);
    raw(content);
    close(tag);
  }
  void raw(Bytes encoded) { out_.bytes(encoded); }

  // For what stands before the parameters: the head of the APDU.
  [[nodiscard]] Writer& bytes() { return out_; }

 private:
  Writer out_;
};

// The value as it stands in a property: application-tagged, in bytes of its own.
std::vector<std::byte> encoded(const Value& value);

}  // namespace iw::bacnet
