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
  struct Column {
    std::uint16_t point = 0;
    Decoder decoder;
    double minimum;
    double maximum;
    // A 16-bit number without any peculiarity, as most are: read without asking the decoder.
    bool plain = false;
    bool is_signed = false;
  };
  struct TextColumn {
    std::uint16_t point = 0;
    RegisterPoint source;
  };

  [[nodiscard]] Decoded decode(const Column& column, Bytes registers) const;

  std::uint16_t first_;  // address of the first register, or bit
  std::vector<Column> columns_;
  std::vector<TextColumn> texts_;
};

}  // namespace iw::modbus
