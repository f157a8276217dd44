// A device answers a SunSpec discovery with any registers, exceptions and silence: the discovery ends, stays
// within the limits of Modbus, and the map of whatever it found lies within the models.
//
// Input: one byte for each read. 0 to 239: the registers come from the input; 240 to 247: exception; else:
// time-out.
#include <algorithm>
#include <cstdint>
#include <variant>

#include "fuzzing.hpp"
#include "protocols/sunspec/discovery.hpp"
#include "protocols/sunspec/map.hpp"

using namespace iw;
using namespace iw::sunspec;

namespace {

constexpr std::size_t max_reads = 20'000;

void check(const Chain& chain) {
  std::uint32_t end = std::uint32_t{chain.base} + 2;
  for (const ModelBlock& block : chain.models) {
    fuzzing::require(block.address == end, "models follow each other");
    fuzzing::require(block.length > 0, "no model is empty");
    fuzzing::require(block.sub_device < chain.sub_devices.size(), "each model belongs to a sub-device");
    end = std::uint32_t{block.address} + 2 + block.length;
    fuzzing::require(end <= 0x10000, "models end before the address space does");
  }
  for (const modbus::RegisterPoint& point : make_map(chain).points) {
    const std::uint32_t last = std::uint32_t{point.address} + modbus::register_count(point);
    fuzzing::require(point.address >= chain.base + 2U && last <= end, "points lie within the chain");
    if (point.scale_register)
      fuzzing::require(point.scale_register->address < end, "scale factors lie within the chain");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(std::as_bytes(std::span(data, size)));
  Discovery discovery;
  for (std::size_t reads = 0;; ++reads) {
    const auto action = discovery.next();
    const auto* read = std::get_if<ReadRegisters>(&action);
    if (read == nullptr) {
      if (std::holds_alternative<Done>(action)) check(discovery.chain());
      return 0;
    }
    fuzzing::require(reads < max_reads, "a discovery ends");
    fuzzing::require(read->count >= 1 && read->count <= 125, "a read asks for 1 to 125 registers");
    fuzzing::require(std::uint32_t{read->address} + read->count <= 0x10000,
                     "a read stays in the address space");
    const std::uint8_t kind = in.u8();
    if (!in.ok() || kind >= 248) {
      discovery.on_timeout();
    } else if (kind >= 240) {
      discovery.on_exception(kind & 0x0FU);
    } else {
      discovery.on_registers(
          fuzzing::copied(in.bytes(std::min<std::size_t>(in.remaining(), read->count * 2U))));
    }
  }
}
