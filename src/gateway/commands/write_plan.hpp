// Write plan: a value of a point, words as they are, or a mask, as one write and the read that verifies it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "io/task.hpp"
#include "protocols/modbus/verified_write.hpp"

namespace iw::gateway {

// The words where a plan will write.
struct Place {
  modbus::Request read;
  std::size_t offset = 0;
  std::size_t count = 0;
  std::optional<std::size_t> scale_offset = {};  // of the scale register in the answer
};

// Where the point lies, with its scale register.
Place place_of(const modbus::RegisterPoint& point);
Place place_of(modbus::Table table, std::uint16_t address, std::size_t count);

// What the device holds: the whole answer, `count` words of which are the place.
io::Task<Result<std::vector<std::uint16_t>>> read_place(modbus::UnitAccess& unit, Place place);

// The write that gives the point its value; `held` is the answer of read_place, empty when it could not be
// read.
Result<modbus::WritePlan> plan_value(const modbus::RegisterPoint& point, const modbus::DeviceLimits& limits,
                                     double value, const std::vector<std::uint16_t>& held);
// The words as they are. write_single: one register with Write Single Register (06).
modbus::WritePlan plan_words(modbus::Table table, std::uint16_t address, std::vector<std::uint16_t> words,
                             bool write_single);
modbus::WritePlan plan_mask(modbus::MaskWriteRegister mask, const std::vector<std::uint16_t>& held);

}  // namespace iw::gateway
