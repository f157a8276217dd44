// ReadAhead: a unit as one write sees it. The first question for a register that lies close to others of the
// write reads them all; later ones are answered from that, as long as nothing was written there. What was
// written is always asked of the device itself: a read-back is never an answer from memory.
//
// For one write, one task at a time; the unit outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/modbus/line.hpp"

namespace iw::modbus {

class ReadAhead final : public UnitAccess {
 public:
  // Of a point and all that is set with it, as far as the device lets them be read together.
  ReadAhead(UnitAccess& unit, const RegisterPoint& point, const DeviceLimits& limits);

  io::Task<Result<ReplyPdu>> ask(Request request) override;

 private:
  io::Task<Result<ReplyPdu>> from_memory(ReadRegisters read);
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool meets(const Range& other) const { return first < other.end && other.first < end; }
    [[nodiscard]] bool holds(const Range& other) const { return first <= other.first && other.end <= end; }
  };

  static std::vector<Range> ranges_of(const RegisterPoint& point);
  static std::optional<Range> written_by(const Request& request);
  [[nodiscard]] bool may_be_known(const ReadRegisters& read) const;
  [[nodiscard]] ReplyPdu part(const ReadRegisters& read) const;

  UnitAccess& unit_;
  Range ahead_ = {};                                 // empty: each is asked for itself
  std::optional<std::vector<std::uint16_t>> known_;  // the registers of ahead_
  std::vector<Range> written_;
};

}  // namespace iw::modbus
