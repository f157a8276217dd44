// Destination: who hears of the events of a Notification Class (12.21, BACnetDestination), and when.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/parameters.hpp"

namespace iw::bacnet {

// In the order of BACnetEventTransitionBits.
enum class Transition : std::uint8_t { to_offnormal = 0, to_fault = 1, to_normal = 2 };
using TransitionBits = std::array<bool, 3>;

struct Destination {
  std::array<bool, 7> days{true, true, true, true, true, true, true};  // from Monday
  Time from{.hour = 0, .minute = 0, .second = 0, .hundredths = 0};
  Time to{.hour = 23, .minute = 59, .second = 59, .hundredths = 99};
  std::variant<ObjectId, Address> recipient = Address{};  // a device, wherever it is, or an address
  std::uint32_t process = 0;
  bool confirmed = false;
  TransitionBits transitions{true, true, true};

  // At a day and time of the device that reports.
  [[nodiscard]] bool wants(Transition transition, const DateTime& now) const;
  friend bool operator==(const Destination&, const Destination&) = default;
};

// Recipient_List.
Decoded<std::vector<Destination>> decode_destinations(Bytes data);
std::vector<std::byte> encoded(const std::vector<Destination>& destinations);
// "192.0.2.7:47808 process 1, device 99 process 5": who they are, not when they want to hear.
std::string to_string(const std::vector<Destination>& destinations);

}  // namespace iw::bacnet
