// BlockReader: the values of one block of the plan, from the registers of one reply into a batch. Made once,
// then it only reads: no allocation, no lookup.
#pragma once

#include <vector>

#include "model/batch.hpp"
#include "protocols/modbus/plan.hpp"
#include "protocols/modbus/registers.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::modbus {

class BlockReader {
 public:
  BlockReader(const RegisterMap& map, const Block& block);

  // Adds one sample for each point of the block. The reply is the answer to the block's request, checked
  // before.
  void read(ReadRegistersResponse reply, model::SampleBatch& into) const;
  void read(ReadBitsResponse reply, model::SampleBatch& into) const;

  // Adds one sample without a number for each point, of this quality.
  void mark(model::Quality quality, model::SampleBatch& into) const;

 private:
  // How a number is scaled and between which bounds it can be believed. Points share it: few differ.
  struct Scaling {
    Linear linear;
    double minimum;
    double maximum;

    bool operator==(const Scaling&) const = default;
  };
  // 16-bit numbers without any peculiarity, as most are: neighbouring points of neighbouring registers that
  // are scaled alike. Small, because with hundreds of devices what is read here is not in the cache.
  struct Run {
    std::uint16_t point;
    std::uint16_t offset;  // in registers, from the first of the block
    std::uint16_t count;
    std::uint16_t scaling;
    bool is_signed;
  };
  struct Column {
    std::uint16_t point;
    std::uint16_t scaling;
    Decoder decoder;
  };
  struct TextColumn {
    std::uint16_t point;
    RegisterPoint source;
  };

  void add_plain(std::uint16_t point, std::uint16_t offset, std::uint16_t scaling, bool is_signed);
  std::uint16_t scaling(const RegisterPoint& source, const Linear& linear);
  void read_run(const Run& run, Bytes registers, model::SampleBatch& into, std::size_t at) const;
  [[nodiscard]] model::Quality judge(Decoded decoded, const Column& column) const;

  std::uint16_t first_;  // address of the first register, or bit
  std::vector<Scaling> scalings_;
  std::vector<Run> runs_;
  std::size_t in_runs_ = 0;  // points
  std::vector<Column> columns_;
  std::vector<TextColumn> texts_;
};

}  // namespace iw::modbus
