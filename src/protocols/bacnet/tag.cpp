#include "protocols/bacnet/tag.hpp"

#include <array>

namespace iw::bacnet {
namespace {

constexpr std::uint8_t class_bit = 0x08;
constexpr std::uint8_t extended_length = 5;
constexpr std::uint8_t opening_code = 6;
constexpr std::uint8_t closing_code = 7;
constexpr std::uint8_t extended_number = 15;
constexpr std::uint8_t length_in_2_octets = 254;
constexpr std::uint8_t length_in_4_octets = 255;

tl::unexpected<RejectReason> invalid_tag() { return tl::unexpected(RejectReason::invalid_tag); }

std::uint32_t read_length(Reader& in, std::uint8_t code) {
  if (code < extended_length) return code;
  const std::uint8_t length = in.u8();
  if (length == length_in_4_octets) return in.u32be();
  return length == length_in_2_octets ? in.u16be() : length;
}

void write_head(Writer& out, Tag tag, std::uint8_t code) {
  const std::uint8_t tag_class = tag.kind == TagKind::application ? 0 : class_bit;
  const std::uint8_t number = tag.number < extended_number ? tag.number : extended_number;
  out.u8(static_cast<std::uint8_t>(number << 4 | tag_class | code));
  if (number == extended_number) out.u8(tag.number);
}

}  // namespace

Decoded<Tag> read_tag(Reader& in) {
  const std::uint8_t first = in.u8();
  Tag tag;
  tag.number = first >> 4;
  if (tag.number == extended_number) {
    tag.number = in.u8();
    if (tag.number == 0xFF) return invalid_tag();
  }
  const std::uint8_t code = first & 7U;
  if ((first & class_bit) == 0) {
    if (code >= opening_code) return invalid_tag();
    tag.kind = TagKind::application;
  } else if (code >= opening_code) {
    tag.kind = code == opening_code ? TagKind::opening : TagKind::closing;
    if (!in.ok()) return invalid_tag();
    return tag;
  } else {
    tag.kind = TagKind::context;
  }
  tag.length = read_length(in, code);
  if (!in.ok() || tag.content() > in.remaining()) return invalid_tag();
  return tag;
}

void write_tag(Writer& out, Tag tag) {
  if (tag.kind == TagKind::opening || tag.kind == TagKind::closing) {
    write_head(out, tag, tag.kind == TagKind::opening ? opening_code : closing_code);
  } else if (tag.length < extended_length) {
    write_head(out, tag, static_cast<std::uint8_t>(tag.length));
  } else {
    write_head(out, tag, extended_length);
    if (tag.length < length_in_2_octets) {
      out.u8(static_cast<std::uint8_t>(tag.length));
    } else if (tag.length <= 0xFFFF) {
      out.u8(length_in_2_octets);
      out.u16be(static_cast<std::uint16_t>(tag.length));
    } else {
      out.u8(length_in_4_octets);
      out.u32be(tag.length);
    }
  }
}

Decoded<Bytes> read_enclosed(Reader& in, std::uint8_t opening) {
  std::array<std::uint8_t, max_nesting> open{opening};
  std::size_t depth = 1;
  Reader scan = in;
  for (;;) {
    const std::size_t before_tag = scan.remaining();
    if (before_tag == 0) return invalid_tag();
    const Decoded<Tag> tag = read_tag(scan);
    if (!tag) return tl::unexpected(tag.error());
    if (tag->kind == TagKind::opening) {
      if (depth == open.size()) return invalid_tag();
      open[depth++] = tag->number;
    } else if (tag->kind == TagKind::closing) {
      if (tag->number != open[--depth]) return invalid_tag();
      if (depth == 0) {
        const Bytes enclosed = in.bytes(in.remaining() - before_tag);
        in = scan;
        return enclosed;
      }
    } else {
      scan.bytes(tag->content());
    }
  }
}

}  // namespace iw::bacnet
