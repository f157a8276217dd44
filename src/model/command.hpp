// WriteCommand: the wish that a point takes a value, on its way to the device; WriteResult: what became of
// it.
//
// A command is called confirmed only when the device itself showed the value, in a read after the write. An
// acknowledgement of the protocol says that the bytes arrived, no more: that is `sent`. A device that shows
// another value is not_followed, one that shows its own lower bound is limited, one that can not be asked is
// unknown. A command past its expiry is never sent, and is never replayed from a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/ids.hpp"

namespace iw::model {

// What the device is to do by itself when the point is not written again.
struct Revert {
  Duration after{};  // so long after the last write; 0: it holds what it was told
  double to = 0;     // where the device takes such a value (Fallback::to_value)

  friend bool operator==(const Revert&, const Revert&) = default;
};

struct WriteCommand {
  PointId point;
  double value = 0;   // in the canonical unit of the point's quantity
  std::string owner;  // who wants it: for the audit trail, and for whom the point is refused
  std::uint64_t id = 0;
  Instant expiry = never;
  std::optional<Revert> revert = {};  // none: as it is set in the device

  [[nodiscard]] bool expired(Instant now) const { return now >= expiry; }
};

enum class WriteState : std::uint8_t {
  requested,     // accepted, not yet sent
  sent,          // the device acknowledged the write; what it does is not yet known
  confirmed,     // read back as wished
  not_followed,  // read back as something else
  limited,       // read back as a bound of the device instead
  unknown,       // sent, but the answer or the read-back is missing
  refused,       // not sent, or the device said no: see the error
  expired,       // too late to be sent
};

std::string_view to_string(WriteState state);  // "not followed"

// Whether this is the last word on the command.
constexpr bool is_final(WriteState state) {
  return state != WriteState::requested && state != WriteState::sent;
}

struct WriteResult {
  std::uint64_t id = 0;
  WriteState state = WriteState::requested;
  std::optional<double> read_back = {};  // in the canonical unit
  std::optional<Error> error = {};
  std::optional<Error> unguarded = {};  // why the device would not fall back by itself, as was wished
};

}  // namespace iw::model
