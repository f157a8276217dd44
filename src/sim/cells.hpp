// Cells: a device's register map as a table: where, how, in which steps, and from what of the physics.
//
//   constexpr Cell<Branch> cells[] = {
//       {0x5B00, u32, 0.1, [](const Branch& b) { return b.voltage[0]; }},
//
// This is deliberately not the decoder of protocols/modbus turned round: that one is tested against this.
#pragma once

#include <span>
#include <string_view>

#include "sim/register_bank.hpp"

namespace iw::sim {

template <class Source>
struct Cell {
  std::uint16_t address = 0;
  modbus::ValueType type{};
  double step = 1;  // value = raw x step; a negative step turns the sign
  double (*value)(const Source&) = nullptr;
};

// The number as registers, high word first. Whole numbers are rounded and saturate at the ends of their type.
// Types: u16 i16 u32 i32 u64 i64 f32; another throws std::invalid_argument.
void put(RegisterBank& bank, Table table, std::uint16_t address, modbus::ValueType type, double raw);

// Two characters a register, the rest NUL.
void put_text(RegisterBank& bank, Table table, std::uint16_t address, std::size_t registers,
              std::string_view text);

template <class Source>
void add_cells(RegisterBank& bank, Table table, std::span<const Cell<Source>> cells) {
  for (const Cell<Source>& cell : cells)
    bank.add(table, cell.address, modbus::register_count(cell.type));
}

template <class Source>
void fill_cells(RegisterBank& bank, Table table, std::span<const Cell<Source>> cells, const Source& source) {
  for (const Cell<Source>& cell : cells)
    put(bank, table, cell.address, cell.type, cell.value(source) / cell.step);
}

}  // namespace iw::sim
