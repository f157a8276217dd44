// The write of one value: what the device holds of it, the request that makes it hold another, and what
// became of that (verified_write.hpp). Unit and point outlive the tasks.
#pragma once

#include <optional>
#include <vector>

#include "io/executor.hpp"
#include "io/task.hpp"
#include "model/command.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::modbus {

// What the device holds: the words of the point as they are, its value, and the exponent of its scale
// register.
struct Held {
  std::vector<std::uint16_t> words = {};  // empty: not known
  Decoded value = {};
  std::optional<int> exponent = {};
};

// Reads the point, with its scale factor in the same reply.
Request read_request(const RegisterPoint& point);
io::Task<Result<Held>> read_held(UnitAccess& unit, const RegisterPoint& point);

// The request that writes the words, and the words that the device must hold afterwards: those of the point
// from `first` on, all of their bits or a few.
struct Writing {
  Request request;
  std::vector<std::uint16_t> expected;
  std::size_t first = 0;
  std::uint16_t bits = 0xFFFF;
};
Result<Writing> make_writing(const RegisterPoint& point, const DeviceLimits& limits, const Held& before,
                             double value);

// Whether the device holds already what would be written.
bool holds(const Held& held, const Writing& writing);

// Sends it once, and reads the point back.
io::Task<model::WriteResult> write_point(UnitAccess& unit, io::Executor& executor, const RegisterPoint& point,
                                         Writing writing, std::vector<std::uint16_t> before);

}  // namespace iw::modbus
