// Quality: how far a value can be trusted, after IEC 61850-7-3 6.2.1 and CIM Quality61850, with what a
// gateway adds.
//
// validity says whether to use the value, the detail bits say why not. A default Quality is good. merge() is
// the rule for a value computed from others: the worst validity, all details.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace iw::model {

enum class Validity : std::uint8_t {
  good = 0,
  questionable = 1,
  invalid = 2
};  // in the order of getting worse

enum class Detail : std::uint32_t {
  overflow = 1U << 2,
  out_of_range = 1U << 3,
  bad_reference = 1U << 4,  // the device does not have it: a sentinel, a missing scale factor
  oscillatory = 1U << 5,
  failure = 1U << 6,  // the device, or the road to it, failed
  old_data = 1U << 7,
  inconsistent = 1U << 8,
  inaccurate = 1U << 9,
  substituted = 1U << 10,  // source: not from the process
  test = 1U << 11,
  operator_blocked = 1U << 12,
  suspect = 1U << 13,
  estimator_replaced = 1U << 14,
  clock_failure = 1U << 15,
  clock_not_synchronized = 1U << 16,
  interpolated = 1U << 17,
  filtered = 1U << 18,
  derived = 1U << 19,
  forecast = 1U << 20,
  historical = 1U << 21,
  no_connection = 1U << 22,  // with failure or old_data: nobody answered
};

class Quality {
 public:
  constexpr Quality() = default;
  constexpr explicit Quality(Validity validity) : bits_(static_cast<std::uint32_t>(validity)) {}
  static constexpr Quality from_bits(std::uint32_t bits) {
    Quality q;
    q.bits_ = bits;
    return q;
  }

  [[nodiscard]] constexpr Validity validity() const { return static_cast<Validity>(bits_ & 3U); }
  [[nodiscard]] constexpr bool good() const { return validity() == Validity::good; }
  [[nodiscard]] constexpr bool has(Detail detail) const {
    return (bits_ & static_cast<std::uint32_t>(detail)) != 0;
  }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

  [[nodiscard]] constexpr Quality with(Detail detail) const {
    return from_bits(bits_ | static_cast<std::uint32_t>(detail));
  }

  friend constexpr bool operator==(Quality, Quality) = default;

 private:
  std::uint32_t bits_ = 0;
};

// For a value computed from two others.
constexpr Quality merge(Quality a, Quality b) {
  const auto worst = a.validity() > b.validity() ? a.validity() : b.validity();
  return Quality::from_bits(((a.bits() | b.bits()) & ~3U) | static_cast<std::uint32_t>(worst));
}

std::string_view to_string(Validity validity);

// "good", "invalid: failure, no connection", the details in the order of the alphabet.
std::string to_string(Quality quality);

}  // namespace iw::model
