// Mrid: the identity of an asset or a point that outlives the process, a UUID (CIM IdentifiedObject.mRID).
//
// An mRID is not stored, it is derived: version 5 of the mRID of the owner and the name (RFC 9562 5.5), so
// that the same site and names give the same mRIDs after a restart, on another machine, and when a device is
// replaced. Anybody can check one: uuidgen --sha1 --namespace <site> --name <asset>.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iw::model {

class Mrid {
 public:
  constexpr Mrid() = default;  // the nil UUID: no identity
  constexpr explicit Mrid(std::array<std::byte, 16> bytes) : bytes_(bytes) {}

  [[nodiscard]] constexpr std::span<const std::byte, 16> bytes() const { return bytes_; }
  [[nodiscard]] constexpr bool nil() const { return *this == Mrid{}; }

  // In the order of the bytes, which is the order of the text.
  friend constexpr auto operator<=>(const Mrid&, const Mrid&) = default;

 private:
  std::array<std::byte, 16> bytes_{};  // as on the wire, RFC 9562 4
};

std::string to_string(const Mrid& mrid);         // "2ed6657d-e927-568b-95e1-2665a8aea6a2"
Result<Mrid> parse_mrid(std::string_view text);  // any case; "urn:uuid:" in front is allowed

// UUID version 5: the SHA-1 of the name space's bytes and the name.
Mrid derive(const Mrid& name_space, std::string_view name);

}  // namespace iw::model

template <>
struct std::hash<iw::model::Mrid> {
  std::size_t operator()(const iw::model::Mrid& mrid) const noexcept {
    const auto bytes = mrid.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
};
