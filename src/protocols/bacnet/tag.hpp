// Tags: what stands before every piece of a BACnet service (clause 20.2.1).
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "protocols/bacnet/error.hpp"

namespace iw::bacnet {

enum class TagKind : std::uint8_t { application, context, opening, closing };

struct Tag {
  TagKind kind = TagKind::application;
  std::uint8_t number = 0;   // a DataType, or the parameter's
  std::uint32_t length = 0;  // octets of content; the value itself of an application-tagged Boolean

  // Octets that follow the tag.
  [[nodiscard]] constexpr std::uint32_t content() const {
    return kind == TagKind::application && number == 1 ? 0 : length;
  }
  friend constexpr bool operator==(const Tag&, const Tag&) = default;
};

// Takes one tag; its content, which is known to be there, comes next.
Decoded<Tag> read_tag(Reader& in);
void write_tag(Writer& out, Tag tag);

// Nesting of constructed values beyond this is refused: no type of the standard comes near.
constexpr std::size_t max_nesting = 16;

// Takes everything up to the tag that closes what `opening` opened, and that tag: the octets between.
Decoded<Bytes> read_enclosed(Reader& in, std::uint8_t opening);

}  // namespace iw::bacnet
