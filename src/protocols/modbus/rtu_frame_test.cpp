#include "protocols/modbus/rtu_frame.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

using Octets = std::vector<std::byte>;

Octets hex(std::string_view text) { return parse_hex(text).value(); }

Octets adu(UnitId unit, Bytes pdu) {
  Octets out(max_rtu_adu);
  out.resize(encode_rtu(unit, pdu, out).value());
  return out;
}
Octets adu(unsigned unit, std::string_view pdu) {
  return adu(UnitId(static_cast<std::uint8_t>(unit)), hex(pdu));
}

template <class Framer>
void feed(Framer& framer, Bytes bytes) {
  const MutableBytes space = framer.free_space();
  REQUIRE(space.size() >= bytes.size());
  std::ranges::copy(bytes, space.begin());
  framer.filled(bytes.size());
}

std::string outcome(RtuFramer& framer) {
  const auto frame = framer.next();
  if (!frame) return "more";
  if (!frame->has_value()) return std::string(to_string(frame->error().fault));
  return to_hex((*frame)->pdu);
}

std::string outcome(RtuFramer& framer, Bytes bytes) {
  feed(framer, bytes);
  return outcome(framer);
}

// Byte by byte, as a slow line gives them.
std::string dribbled(RtuFramer& framer, Bytes bytes) {
  std::string result = "more";
  for (const std::byte b : bytes) {
    result = outcome(framer, std::array{b});
    if (result != "more") return result;
  }
  return result;
}

Octets concat(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Request read_100 = ReadRegisters{Table::holding_registers, 0x0C83, 100};

// A reply of 100 registers with a bit of everything: 205 bytes.
Octets long_reply(unsigned unit) {
  Octets pdu = hex("03 C8");
  std::uint32_t x = 12345;
  for (int i = 0; i < 200; ++i) {
    x = x * 1664525 + 1013904223;
    pdu.push_back(i % 10 == 3 ? std::byte{0} : static_cast<std::byte>(x >> 24));
  }
  return adu(UnitId(static_cast<std::uint8_t>(unit)), pdu);
}

}  // namespace

TEST_CASE("an ADU ends with the CRC of the standard, low byte first") {
  Octets out(max_rtu_adu);
  const auto size = encode_rtu(UnitId(1), ReadRegisters{Table::holding_registers, 0, 10}, out);
  CHECK(to_hex(Bytes(out).first(size.value())) == "01 03 00 00 00 0A C5 CD");
  CHECK(encode_rtu(UnitId(1), Octets(max_pdu), out).value() == max_rtu_adu);
  CHECK_FALSE(encode_rtu(UnitId(1), Octets(max_pdu + 1), out));
  CHECK_FALSE(encode_rtu(UnitId(1), Bytes{}, out));
  for (std::size_t n = 0; n < 8; ++n) {
    CHECK_FALSE(encode_rtu(UnitId(1), ReadRegisters{.count = 1}, MutableBytes(out).first(n)));
  }
}

TEST_CASE("decode_rtu takes a whole frame with a right CRC only") {
  const auto frame = hex("01 03 00 00 00 0A C5 CD");
  REQUIRE(decode_rtu(frame));
  CHECK(decode_rtu(frame)->unit == UnitId(1));
  CHECK(to_hex(decode_rtu(frame)->pdu) == "03 00 00 00 0A");
  for (std::size_t n = 0; n < frame.size(); ++n)
    CHECK_FALSE(decode_rtu(Bytes(frame).first(n)));
  CHECK_FALSE(decode_rtu(hex("01 03 00 00 00 0A CD C5")));
}

TEST_CASE("ask gives the bytes to send") {
  RtuFramer framer;
  CHECK(to_hex(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 10}).value()) ==
        "01 03 00 00 00 0A C5 CD");
  CHECK(framer.reply_length() == 25);
  CHECK_FALSE(framer.ask(UnitId(1), ReadRegisters{}));
}

TEST_CASE("every kind of reply is cut by its own length, in one piece or byte by byte") {
  struct Exchange {
    Request request;
    std::string_view reply;
  };
  for (const Exchange& x : {
           Exchange{ReadBits{Table::coils, 0x13, 0x13}, "01 03 CD 6B 05"},
           Exchange{ReadBits{Table::discrete_inputs, 0xC4, 0x16}, "02 03 AC DB 35"},
           Exchange{ReadRegisters{Table::holding_registers, 0x6B, 3}, "03 06 02 2B 00 00 00 64"},
           Exchange{ReadRegisters{Table::input_registers, 8, 1}, "04 02 00 0A"},
           Exchange{WriteSingleCoil{0xAC, true}, "05 00 AC FF 00"},
           Exchange{WriteSingleRegister{1, 3}, "06 00 01 00 03"},
           Exchange{WriteMultipleCoils{0x13, std::vector<bool>(10)}, "0F 00 13 00 0A"},
           Exchange{WriteMultipleRegisters{1, {1, 2}}, "10 00 01 00 02"},
           Exchange{MaskWriteRegister{4, 0xF2, 0x25}, "16 00 04 00 F2 00 25"},
           Exchange{ReadWriteMultipleRegisters{3, 2, 14, {255}}, "17 04 00 FE 0A CD"},
           Exchange{ReadDeviceIdentification{}, "2B 0E 01 01 00 00 02 00 03 41 42 43 01 02 44 45"},
           Exchange{ReadDeviceIdentification{}, "2B 0E 01 01 00 00 00"},
       }) {
    CAPTURE(x.reply);
    const Octets reply = adu(17, x.reply);
    RtuFramer framer;
    REQUIRE(framer.ask(UnitId(17), x.request));
    CHECK(outcome(framer, reply) == x.reply);
    CHECK(outcome(framer) == "more");  // given once
    REQUIRE(framer.ask(UnitId(17), x.request));
    CHECK(dribbled(framer, reply) == x.reply);

    // Cut at any byte it is no reply, and says so at the deadline.
    for (std::size_t n = 0; n < reply.size(); ++n) {
      REQUIRE(framer.ask(UnitId(17), x.request));
      CHECK(outcome(framer, Bytes(reply).first(n)) == "more");
      CHECK(framer.incomplete().fault == (n == 0 ? RtuFault::silence : RtuFault::length));
    }

    // An exception has five bytes whatever was asked.
    auto exception = hex("00 0B");
    exception[0] = reply[1] | std::byte{exception_flag};
    REQUIRE(framer.ask(UnitId(17), x.request));
    CHECK(dribbled(framer, adu(UnitId(17), exception)) == to_hex(exception));
  }
}

TEST_CASE(
    "no flipped bit, cut, lost or added byte in a long reply ever gives a value, and the next reply is "
    "taken") {
  for (const unsigned unit : {1U, 3U, 0xF7U}) {
    const Octets good = long_reply(unit);
    REQUIRE(good.size() == 205);
    const std::string value = to_hex(Bytes(good).subspan(1, 202));
    std::size_t accepted = 0;
    std::size_t damaged = 0;
    std::size_t not_recovered = 0;

    const auto expect_nothing = [&](const Octets& bytes) {
      ++damaged;
      for (const bool slowly : {false, true}) {
        RtuFramer framer;
        REQUIRE(framer.ask(UnitId(static_cast<std::uint8_t>(unit)), read_100));
        const std::string result = slowly ? dribbled(framer, bytes) : outcome(framer, bytes);
        const bool took_frame = result.size() > 100;  // a reply in hex, not the name of a fault
        // The same value behind a spurious 0x00 or 0xFF, or before a byte that comes later, is no damage to
        // the value.
        if (took_frame && result != value) ++accepted;
        if (took_frame && !slowly && bytes[0] == good[0]) ++accepted;
        framer.resync();
        REQUIRE(framer.ask(UnitId(static_cast<std::uint8_t>(unit)), read_100));
        if (outcome(framer, good) != value) ++not_recovered;
      }
    };

    for (std::size_t i = 0; i < good.size(); ++i) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        Octets bad = good;
        bad[i] ^= std::byte{1} << bit;
        expect_nothing(bad);
      }
      expect_nothing(Octets(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i)));
      Octets lost = good;
      lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(i));
      expect_nothing(lost);
    }
    for (std::size_t i = 0; i <= good.size(); ++i) {
      for (const unsigned added : {0x00U, 0x01U, 0x03U, 0x55U, 0x80U, 0x83U, 0xC8U, 0xFFU}) {
        Octets bad = good;
        bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(i), std::byte(static_cast<std::uint8_t>(added)));
        if (i == 0 && (added == 0x00 || added == 0xFF)) continue;  // junk, see below
        expect_nothing(bad);
      }
    }
    CHECK(damaged > 205 * 18 - 10);
    CHECK(accepted == 0);
    CHECK(not_recovered == 0);
  }
}

TEST_CASE("the faults have names") {
  RtuFramer framer;
  const auto fault = [&](const Octets& bytes) {
    REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
    return outcome(framer, bytes);
  };
  CHECK(fault(adu(1, "03 04 00 01 00 02")) == "03 04 00 01 00 02");
  CHECK(fault(adu(2, "03 04 00 01 00 02")) == "wrong unit");
  CHECK(fault(adu(1, "04 04 00 01 00 02")) == "wrong function");
  CHECK(fault(adu(1, "84 02")) == "wrong function");
  CHECK(fault(adu(1, "03 02 00 01")) == "wrong byte count");
  CHECK(fault(hex("01 03 04 00 01 00 02 00 00")) == "CRC error");
  CHECK(fault(concat({adu(1, "03 04 00 01 00 02"), hex("00")})) == "bytes behind the frame");
  CHECK(fault(concat({adu(1, "83 02"), hex("00")})) == "bytes behind the frame");

  REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
  CHECK(framer.incomplete().error.kind == ErrorKind::timeout);
  CHECK(framer.incomplete().error.message == "unit 1 does not answer");
  feed(framer, hex("01 03 04 00"));
  CHECK(framer.incomplete().error.message == "4 of 9 bytes came from unit 1, then silence");
}

TEST_CASE("after a fault all bytes are dropped until resync, then the same reply is expected again") {
  RtuFramer framer;
  REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
  CHECK(outcome(framer, hex("07")) == "wrong unit");
  for (int i = 0; i < 100; ++i)
    CHECK(outcome(framer, adu(1, "03 04 00 01 00 02")) == "more");
  CHECK(framer.resync() == 9);
  CHECK(outcome(framer, adu(1, "03 04 00 01 00 02")) == "03 04 00 01 00 02");
}

TEST_CASE("spurious bytes before the frame are skipped when the CRC fits behind them") {
  const Octets reply = adu(1, "03 04 00 01 00 02");
  for (const char* junk : {"00", "FF", "00 FF 00", "00 00 00 00 00 00 00 00"}) {
    CAPTURE(junk);
    RtuFramer framer;
    REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
    CHECK(outcome(framer, concat({hex(junk), reply})) == "03 04 00 01 00 02");
    REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
    CHECK(dribbled(framer, concat({hex(junk), reply})) == "03 04 00 01 00 02");
  }
  RtuFramer framer;
  REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
  CHECK(outcome(framer, concat({hex("AA"), reply})) == "wrong unit");
  REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
  Octets bad = concat({hex("00"), reply});
  bad.back() ^= std::byte{1};
  CHECK(outcome(framer, bad) == "CRC error");
  REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 2}));
  CHECK(outcome(framer, Octets(9)) == "wrong unit");
  // A unit that is itself 0xFF is not junk, unless the CRC says so.
  REQUIRE(framer.ask(UnitId(0xFF), ReadRegisters{Table::holding_registers, 0, 2}));
  CHECK(dribbled(framer, adu(0xFF, "03 04 00 01 00 02")) == "03 04 00 01 00 02");
  REQUIRE(framer.ask(UnitId(0xFF), ReadRegisters{Table::holding_registers, 0, 2}));
  CHECK(dribbled(framer, concat({hex("FF"), adu(0xFF, "03 04 00 01 00 02")})) == "03 04 00 01 00 02");
}

TEST_CASE("a two-wire echo of our own request is skipped") {
  for (const bool slowly : {false, true}) {
    RtuFramer framer;
    const auto exchange = [&](const Request& request, const Octets& reply) {
      const Bytes sent = framer.ask(UnitId(1), request).value();
      const Octets bytes = concat({Octets(sent.begin(), sent.end()), reply});
      return slowly ? dribbled(framer, bytes) : outcome(framer, bytes);
    };
    CHECK(exchange(ReadRegisters{Table::holding_registers, 0x0400, 2}, adu(1, "03 04 00 01 00 02")) ==
          "03 04 00 01 00 02");
    CHECK(framer.echoes());
    CHECK(exchange(WriteMultipleRegisters{1, {1, 2}}, adu(1, "10 00 01 00 02")) == "10 00 01 00 02");
    // The echo of a single write looks like its answer: alone it is none.
    CHECK(exchange(WriteSingleRegister{1, 3}, {}) == "more");
    CHECK(framer.incomplete().fault == RtuFault::silence);
    CHECK(framer.incomplete().error.message.find("echo") != std::string::npos);
    CHECK(exchange(WriteSingleRegister{1, 3}, adu(1, "06 00 01 00 03")) == "06 00 01 00 03");
    CHECK(exchange(WriteSingleRegister{1, 3}, adu(1, "86 03")) == "86 03");
    CHECK(exchange(ReadRegisters{Table::holding_registers, 0, 2}, adu(1, "83 02")) == "83 02");
    CHECK(exchange(ReadRegisters{Table::holding_registers, 0, 2}, adu(2, "03 04 00 01 00 02")) ==
          "wrong unit");
    CHECK(framer.echoes());
  }
}

TEST_CASE("an echo that comes byte by byte is waited for, though it can not be a reply") {
  RtuFramer framer;
  const Bytes sent = framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0x0100, 2}).value();
  const Octets echo(sent.begin(), sent.end());
  CHECK(dribbled(framer, concat({echo, adu(1, "03 04 00 01 00 02")})) == "03 04 00 01 00 02");
  CHECK(framer.echoes());

  // A write whose first eight bytes pass for its own reply: the echo is not taken for it half-way.
  for (unsigned address = 0;; ++address) {
    REQUIRE(address < 0x10000);
    const auto reply = adu(1, fmt::format("10 {:04X} 0001", address));
    if (reply[6] != std::byte{2}) continue;  // the byte count of one register
    const auto high = std::to_integer<unsigned>(reply[7]);
    const Bytes write =
        framer
            .ask(UnitId(1), WriteMultipleRegisters{static_cast<std::uint16_t>(address),
                                                   {static_cast<std::uint16_t>(high << 8 | 0x34)}})
            .value();
    REQUIRE(std::ranges::equal(write.first(8), reply));
    CHECK(dribbled(framer, Octets(write.begin(), write.end())) == "more");
    CHECK(dribbled(framer, reply) == fmt::format("10 {:02X} {:02X} 00 01", address >> 8, address & 0xFF));
    break;
  }
}

TEST_CASE("on a line without echo the answer to a single write is its answer") {
  RtuFramer framer;
  REQUIRE(framer.ask(UnitId(1), ReadRegisters{Table::holding_registers, 0, 1}));
  CHECK(outcome(framer, adu(1, "03 02 00 01")) == "03 02 00 01");
  REQUIRE(framer.ask(UnitId(1), WriteSingleRegister{1, 3}));
  CHECK(outcome(framer, adu(1, "06 00 01 00 03")) == "06 00 01 00 03");
  CHECK_FALSE(framer.echoes());
}

TEST_CASE("a line that stops to echo is believed at the next read") {
  RtuFramer framer;
  const Request read = ReadRegisters{Table::holding_registers, 0, 1};
  const Bytes sent = framer.ask(UnitId(1), read).value();
  CHECK(outcome(framer, concat({Octets(sent.begin(), sent.end()), adu(1, "03 02 00 01")})) == "03 02 00 01");
  CHECK(framer.echoes());
  REQUIRE(framer.ask(UnitId(1), read));
  CHECK(dribbled(framer, adu(1, "03 02 00 01")) == "03 02 00 01");
  CHECK_FALSE(framer.echoes());
}

TEST_CASE("a broadcast has no reply, and nothing can be read by it") {
  RtuFramer framer;
  CHECK_FALSE(framer.ask(UnitId(0), ReadRegisters{Table::holding_registers, 0, 1}));
  REQUIRE(framer.ask(UnitId(0), WriteSingleRegister{1, 3}));
  CHECK(outcome(framer, adu(0, "06 00 01 00 03")) == "more");
}

TEST_CASE("a device identification that can not fit a frame is a fault, not a long wait") {
  RtuFramer framer;
  REQUIRE(framer.ask(UnitId(1), ReadDeviceIdentification{}));
  CHECK(outcome(framer, hex("01 2B 0E 01 01 00 00 02 00 FF")) == "reply ended early");
}

// ---- The server's side

TEST_CASE("a server takes every kind of request, in one piece or byte by byte") {
  const std::vector<std::string_view> pdus{"01 00 13 00 13",
                                           "02 00 C4 00 16",
                                           "03 00 6B 00 03",
                                           "04 00 08 00 01",
                                           "05 00 AC FF 00",
                                           "06 00 01 00 03",
                                           "0F 00 13 00 0A 02 CD 01",
                                           "10 00 01 00 02 04 00 0A 01 02",
                                           "16 00 04 00 F2 00 25",
                                           "17 00 03 00 06 00 0E 00 01 02 00 FF",
                                           "2B 0E 01 00",
                                           "63 01 02"};
  RtuServerFramer framer;
  for (const std::string_view pdu : pdus) {
    CAPTURE(pdu);
    const Octets bytes = adu(5, pdu);
    feed(framer, bytes);
    const auto whole = framer.next();
    REQUIRE(whole);
    CHECK(whole->unit == UnitId(5));
    CHECK(to_hex(whole->pdu) == pdu);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      CHECK_FALSE(framer.next());
      feed(framer, Bytes(bytes).subspan(i, 1));
    }
    const auto slow = framer.next();
    REQUIRE(slow);
    CHECK(to_hex(slow->pdu) == pdu);
  }
  CHECK(framer.crc_errors() == 0);
}

TEST_CASE("a server drops a bad CRC without an answer, counts it, and takes the next request") {
  RtuServerFramer framer;
  const Octets good = adu(5, "03 00 6B 00 03");
  Octets bad = good;
  bad[4] ^= std::byte{1};
  feed(framer, bad);
  CHECK_FALSE(framer.next());
  CHECK(framer.crc_errors() == 1);
  feed(framer, good);
  CHECK(framer.next());
  // A byte count that no frame can have.
  feed(framer, hex("05 10 00 00 00 01 FF"));
  CHECK_FALSE(framer.next());
  CHECK(framer.crc_errors() == 2);
  // An unfinished request is forgotten after silence.
  feed(framer, Bytes(good).first(5));
  CHECK_FALSE(framer.next());
  framer.resync();
  feed(framer, good);
  CHECK(framer.next());
}

TEST_CASE("a server has room again after any noise") {
  RtuServerFramer framer;
  for (int i = 0; i < 2000; ++i) {
    feed(framer, std::array{std::byte{0x63}});
    CHECK_FALSE(framer.next());
  }
  CHECK(framer.crc_errors() > 0);
}

// ---- Time on the wire

TEST_CASE("silences are 1.5 and 3.5 characters, and fixed above 19200 baud") {
  constexpr Duration at_9600 = 1'145'833ns;  // 11 bits
  CHECK(rtu_silence(9600, at_9600).t3_5 == 4'010'415ns);
  CHECK(rtu_silence(9600, at_9600).t1_5 == 1'718'749ns);
  CHECK(rtu_silence(19200, 572'916ns).t3_5 == 2'005'206ns);
  CHECK(rtu_silence(38400, 286'458ns).t3_5 == 1750us);
  CHECK(rtu_silence(115200, 95'486ns).t1_5 == 750us);
  CHECK(airtime(at_9600, 213) == 213 * at_9600);
}
