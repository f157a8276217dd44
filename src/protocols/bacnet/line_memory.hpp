// What a line has to know after a restart, as a text: where devices are, how far their trend logs were read,
// what is commanded. A line of the text that is not understood is passed over: the worst that follows is a
// question asked again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/session.hpp"
#include "protocols/bacnet/trend_reader.hpp"

namespace iw::bacnet {

struct RememberedDevice {
  std::uint32_t instance = 0;
  Address address;
  std::optional<Mac> router = {};  // to a network that is not ours
  PeerLimits limits;
  WallTime answered;  // the last time

  friend bool operator==(const RememberedDevice&, const RememberedDevice&) = default;
};

struct RememberedTrend {
  std::uint32_t device = 0;
  std::uint32_t log = 0;
  TrendCursor cursor;

  friend bool operator==(const RememberedTrend&, const RememberedTrend&) = default;
};

struct RememberedClaim {
  std::uint32_t device = 0;
  ObjectId object;
  std::uint8_t priority = 0;

  friend bool operator==(const RememberedClaim&, const RememberedClaim&) = default;
};

struct LineMemory {
  std::vector<RememberedDevice> devices;
  std::vector<RememberedTrend> trends;
  std::vector<RememberedClaim> claims;

  friend bool operator==(const LineMemory&, const LineMemory&) = default;
};

// One thing a line, fields between tabs.
std::string to_text(const LineMemory& memory);
LineMemory parse_memory(std::string_view text);

}  // namespace iw::bacnet
