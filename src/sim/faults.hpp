// Faults: how a simulated device misbehaves. All of it may change while the device runs.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/time.hpp"

namespace iw::sim {

struct Faults {
  Duration delay{};                   // slow: every reply comes so much later; requests meanwhile are taken
  bool silent = false;                // reads what it is sent, and never answers
  double late_rate = 0;               // this part of the replies ...
  Duration late_by = 1500ms;          // ... comes so late that the client has given up
  double garble_rate = 0;             // this part of the replies has one flipped bit
  std::uint32_t reset_every = 0;      // hangs up instead of answering every n-th request; 0: never
  bool wrong_transaction = false;     // Modbus TCP: the reply carries another transaction id
  bool wrong_unit = false;            // the reply carries another unit id
  bool dribble = false;               // sends byte by byte, a millisecond between
  bool busy = false;                  // answers everything with exception 06
  bool one_at_a_time = false;         // drops what is sent before its reply is out
  std::uint16_t max_registers = 125;  // reads of more are refused with exception 03

  friend bool operator==(const Faults&, const Faults&) = default;
};

// As people write them on a command line: "silent", "delay=200ms,garble=0.01", "reset=50",
// "max_registers=40".
Result<Faults> parse_faults(std::string_view text);

}  // namespace iw::sim
