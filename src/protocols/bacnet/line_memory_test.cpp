#include "protocols/bacnet/line_memory.hpp"

#include <array>

#include <doctest/doctest.h>

namespace iw::bacnet {
namespace {

LineMemory some() {
  const std::array octets{std::byte{0}, std::byte{0x13}, std::byte{0x8A}};
  LineMemory memory;
  memory.devices.push_back({.instance = 1234,
                            .address = {.mac = to_mac({.host = {10, 0, 0, 7}, .port = 47809})},
                            .limits = {.max_apdu = 480, .receives_segments = true},
                            .answered = WallTime(std::chrono::seconds(1'795'000'000))});
  memory.devices.push_back({.instance = 5,
                            .address = {.network = 2709, .mac = Mac(Bytes(octets))},
                            .router = to_mac({.host = {10, 0, 0, 1}}),
                            .limits = {.max_apdu = 50},
                            .answered = {}});
  memory.trends.push_back(
      {.device = 5, .log = 3, .cursor = {.sequence = 99, .time = WallTime(std::chrono::seconds(7))}});
  memory.claims.push_back({.device = 5, .object = {ObjectType::analog_output, 1}, .priority = 8});
  return memory;
}

}  // namespace

TEST_CASE("what a line has to know is read as it was written") {
  CHECK(parse_memory(to_text(some())) == some());
  CHECK(parse_memory("") == LineMemory{});
}

TEST_CASE("a memory that is cut or spoilt keeps what can be understood") {
  const std::string text = to_text(some());
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(parse_memory(text.substr(0, size)).devices.size() <= 2);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string spoilt = text;
    spoilt[at] = '\xFF';
    const LineMemory memory = parse_memory(spoilt);
    CHECK(memory.devices.size() + memory.trends.size() + memory.claims.size() >= 2);
  }
  CHECK(parse_memory("device\t1234\t0\t10.0.0.7:47808\t-\t1476\t0\t99999999999999999\n") == LineMemory{});
  CHECK(parse_memory("claim\t5\t4194305\t17\n") == LineMemory{});
  CHECK(parse_memory("device\t9999999\t0\t5\t-\t50\t0\t0\n") == LineMemory{});
}

}  // namespace iw::bacnet
