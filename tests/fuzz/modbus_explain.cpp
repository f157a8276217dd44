// Any bytes can be explained in printable words, and bytes that are a frame are called one.
#include <algorithm>
#include <array>

#include "fuzzing.hpp"
#include "protocols/modbus/explain.hpp"
#include "protocols/modbus/rtu_frame.hpp"
#include "protocols/modbus/tcp_frame.hpp"

using namespace iw;
using namespace iw::modbus;
using iw::fuzzing::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzzing::copied(std::as_bytes(std::span(data, size)));
  const std::string text = explain_frame(bytes);
  const auto printable = [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); };
  require(!text.empty() && std::ranges::all_of(text, printable), "an explanation can be printed");
  require(text.find("Modbus RTU") == std::string::npos || decode_rtu(bytes).has_value(),
          "only a right CRC is RTU");

  // The same bytes as a PDU, framed both ways.
  std::array<std::byte, max_tcp_adu> adu;
  if (const auto n = encode_tcp(7, UnitId(1), bytes, adu)) {
    require(explain_frame(Bytes(adu).first(*n)).starts_with("Modbus TCP, transaction 7, unit 1\n"),
            "a frame of TCP is known as one");
  }
  if (const auto n = encode_rtu(UnitId(1), bytes, adu)) {
    require(explain_frame(Bytes(adu).first(*n)).find("Modbus RTU, unit 1") != std::string::npos,
            "a frame of RTU is known as one");
  }
  return 0;
}
