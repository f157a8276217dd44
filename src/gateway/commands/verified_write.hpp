// Verified write: once, and then the device itself is asked what it holds. The words of the outcome are those
// of model::WriteState: confirmed is only what was read back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/executor.hpp"
#include "io/task.hpp"
#include "model/command.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::gateway {

// What is to be written, and where it shows: `count` words from `offset` on in the answer to `read`.
struct WritePlan {
  modbus::Request read;
  std::size_t offset = 0;
  std::size_t count = 0;
  modbus::Request write;
  std::vector<std::uint16_t> expected;  // count words; coils are 0 or 1
};

// The words where a plan will write.
struct Place {
  modbus::Request read;
  std::size_t offset = 0;
  std::size_t count = 0;
  std::optional<std::size_t> scale_offset = {};  // of the scale register in the answer
};

struct WriteOutcome {
  model::WriteState state = model::WriteState::requested;
  std::vector<std::uint16_t> read_back;  // empty when nothing could be read
  std::optional<Error> error;
};

// Where the point lies, with its scale register.
Place place_of(const modbus::RegisterPoint& point);
Place place_of(modbus::Table table, std::uint16_t address, std::size_t count);

// What the device holds: the whole answer, `count` words of which are the place.
io::Task<Result<std::vector<std::uint16_t>>> read_place(modbus::UnitAccess& unit, Place place);

// The write that gives the point its value; `held` is the answer of read_place, empty when it could not be
// read.
Result<WritePlan> plan_value(const modbus::RegisterPoint& point, const modbus::DeviceLimits& limits,
                             double value, const std::vector<std::uint16_t>& held);
// The words as they are. write_single: one register with Write Single Register (06).
WritePlan plan_words(modbus::Table table, std::uint16_t address, std::vector<std::uint16_t> words,
                     bool write_single);
WritePlan plan_mask(modbus::MaskWriteRegister mask, const std::vector<std::uint16_t>& held);

// `held`: what the place showed before, to tell "not followed" from "limited".
io::Task<WriteOutcome> write_verified(modbus::UnitAccess& unit, io::Executor& executor, WritePlan plan,
                                      std::vector<std::uint16_t> held);

}  // namespace iw::gateway
