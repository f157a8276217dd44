// Any registers give a finite number or none, and what is given can be written back to the same number.
// Input: type, order, bit, bits, scale, flags, offset in the reply; then the registers.
#include <array>
#include <cmath>

#include "fuzzing.hpp"
#include "protocols/modbus/value.hpp"

using namespace iw;
using namespace iw::modbus;
using iw::fuzzing::require;

namespace {

constexpr std::uint16_t first = 1000;
constexpr std::array scales{1.0, 0.1, 0.01, 0.001, 10.0, 1000.0, -1.0, 0.36};
constexpr double exact = 9007199254740992.0;  // whole numbers beyond 2^53 are rounded

std::vector<std::byte> bytes_of(const std::vector<std::uint16_t>& words) {
  std::vector<std::byte> bytes;
  for (const std::uint16_t word : words) {
    bytes.push_back(static_cast<std::byte>(word >> 8));
    bytes.push_back(static_cast<std::byte>(word));
  }
  return bytes;
}

RegisterPoint point_from(Reader& in) {
  RegisterPoint p;
  p.type = static_cast<ValueType>(in.u8() % 22);
  p.order = static_cast<ByteOrder>(in.u8() % 6);
  p.bit = in.u8() % 64;
  p.bits = in.u8() % 65;
  p.scale = scales[in.u8() % scales.size()];
  const std::uint8_t flags = in.u8();
  if ((flags & 1) == 0) p.bits = 0;
  p.zero_is_sentinel = (flags & 2) != 0;
  if ((flags & 4) != 0) p.sentinels = {0x8000, 0xFFFFFFFF};
  p.address = static_cast<std::uint16_t>(first + in.u8() % 8);
  if ((flags & 8) != 0) p.scale_register = ScaleRegister{static_cast<std::uint16_t>(first + (flags >> 4))};
  p.string_registers = flags;
  return p;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(std::as_bytes(std::span(data, size)));
  const RegisterPoint p = point_from(in);
  const auto reply = fuzzing::copied(in.rest());

  if (const auto text = decode_text(p, reply, first)) {
    for (const char c : *text)
      require(c >= ' ' && c <= '~', "a text can be printed");
    require(text->size() <= 2U * register_count(p), "a text is no longer than its registers");
    require(encode_text(p, *text).has_value(), "a text that was read can be written");
  }

  const Decoder decoder = compile(p);
  const Decoded decoded = decoder.decode(reply, first);
  require(std::isfinite(decoded.value) == decoded.good(), "a good value is finite, any other is NaN");
  if (!decoded.good() || is_partial(p) || p.scale_register || std::abs(decoded.value / p.scale) >= exact)
    return 0;
  const auto words = encode_value(p, decoded.value);
  if (!words) return 0;  // zero that is a sentinel, or the highest of a float times its scale
  require(words->size() == register_count(p), "a value fills its registers");
  const Decoded again = decoder.decode(bytes_of(*words), p.address);
  require(!again.good() || std::abs(again.value - decoded.value) <= 1e-9 * std::abs(decoded.value) + 1e-300,
          "decode(encode(x)) is x");
  return 0;
}
