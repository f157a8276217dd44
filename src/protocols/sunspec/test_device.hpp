// A scripted device for the tests of this room: registers at addresses, exception 02 elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/sunspec/discovery.hpp"
#include "protocols/sunspec/image.hpp"

namespace iw::sunspec {

inline std::vector<std::byte> to_bytes(std::span<const std::uint16_t> registers) {
  std::vector<std::byte> bytes;
  for (const std::uint16_t r : registers) {
    bytes.push_back(static_cast<std::byte>(r >> 8U));
    bytes.push_back(static_cast<std::byte>(r & 0xFFU));
  }
  return bytes;
}

struct TestDevice {
  std::map<std::uint32_t, std::uint16_t> registers;
  std::set<std::uint32_t> silent;  // a read of these gets no answer
  std::vector<ReadRegisters> reads;

  TestDevice() = default;
  explicit TestDevice(const Image& image) { put(image.base(), image.registers()); }

  void put(std::uint32_t address, const std::vector<std::uint16_t>& values) {
    for (const std::uint16_t value : values)
      registers[address++] = value;
  }

  // Lets the discovery read until it is done; the last action is Done or an Error.
  DiscoveryAction answer(Discovery& discovery) {
    for (;;) {
      auto action = discovery.next();
      const auto* read = std::get_if<ReadRegisters>(&action);
      if (read == nullptr) return action;
      answer(discovery, *read);
    }
  }
  void answer(Discovery& discovery, const ReadRegisters& read) {
    reads.push_back(read);
    std::vector<std::uint16_t> values;
    bool quiet = false;
    for (std::uint32_t a = read.address; a < std::uint32_t{read.address} + read.count; ++a) {
      quiet = quiet || silent.contains(a);
      if (const auto found = registers.find(a); found != registers.end()) values.push_back(found->second);
    }
    if (quiet) {
      discovery.on_timeout();
    } else if (values.size() == read.count) {
      discovery.on_registers(to_bytes(values));
    } else {
      discovery.on_exception(0x02);
    }
  }
};

}  // namespace iw::sunspec
