// Plan: which requests read all points of a device. Pure; no time, no IO.
//
// Points of the same table and rate are joined into blocks when the gap between them is small and the block
// stays within the device's limits. A value is never torn: all its registers, and its scale register, lie in
// one block. When a device refuses a joined block (exceptions 02 and 03) the block is halved until the part
// that is missing is found; the hole is remembered, the rest is joined again. A point that is refused alone
// is not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

// One request of the plan.
struct Block {
  Table table{};
  std::uint16_t address = 0;
  std::uint16_t count = 0;  // registers, or bits of coils and discrete inputs
  Duration period{};
  std::vector<std::uint16_t> points;  // indexes into the RegisterMap, ascending by address

  friend bool operator==(const Block&, const Block&) = default;
};

class Plan {
 public:
  Plan() = default;
  // periods[i]: how often point i is wanted.
  Plan(const RegisterMap& map, std::span<const Duration> periods);

  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }

  // Points that can not be read in one request within the limits (a scale register too far away, a long
  // string).
  [[nodiscard]] std::span<const std::uint16_t> unreadable() const { return unreadable_; }
  // Points that the device refused when asked for them alone.
  [[nodiscard]] std::span<const std::uint16_t> missing() const { return missing_; }

  // What became of a block. Both may change blocks(): indexes are valid until then. True when they did.
  bool accepted(std::size_t block);
  bool refused(std::size_t block);

 private:
  // The registers one point needs, its scale register included.
  struct Item {
    std::uint16_t point = 0;
    Table table{};
    Duration period{};
    std::uint32_t first = 0;
    std::uint32_t end = 0;
    bool cut_before = false;  // may not be joined to the item before it: there is a hole between them
    bool missing = false;
  };
  // A refused range of items, halved: what is known about the halves.
  struct Halving {
    std::size_t first = 0;
    std::size_t middle = 0;
    std::size_t end = 0;
    bool left_accepted = false;
    bool right_accepted = false;
  };
  // The items a block was made of. A trial is a half of a refused block, not yet known to be accepted.
  struct Range {
    std::size_t first = 0;
    std::size_t end = 0;
    bool trial = false;
  };

  void join();
  [[nodiscard]] bool joinable(const Range& range, const Item& next) const;
  [[nodiscard]] Block make_block(const Range& range) const;
  void finish_trial();

  std::uint16_t max_registers_ = 125;
  std::uint16_t max_bits_ = 2000;
  std::uint16_t max_gap_ = 0;
  std::vector<Item> items_;    // sorted by (table, period, first register)
  std::vector<Range> ranges_;  // beside blocks_
  std::vector<Block> blocks_;
  std::vector<Halving> halvings_;
  std::vector<std::uint16_t> unreadable_;
  std::vector<std::uint16_t> missing_;
};

}  // namespace iw::modbus
