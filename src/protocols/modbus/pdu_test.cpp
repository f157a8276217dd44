#include "protocols/modbus/pdu.hpp"

#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

using Buffer = std::array<std::byte, max_pdu>;

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

std::string encoded(const Request& request) {
  Buffer buffer;
  const auto size = encode(request, buffer);
  return size ? to_hex(Bytes(buffer).first(*size)) : size.error().message;
}

template <class Write>
std::string written(Write write) {
  Buffer buffer;
  Writer out(buffer);
  write(out);
  REQUIRE(out.ok());
  return to_hex(out.written());
}

std::string message_of(const Request& request, std::string_view reply) {
  const auto bytes = hex(reply);
  const auto response = decode_response(request, bytes);
  return response ? "accepted" : response.error().message;
}

template <class T>
T decoded(const Request& request, Bytes reply) {
  auto response = decode_response(request, reply);
  REQUIRE(response.has_value());
  REQUIRE(std::holds_alternative<T>(*response));
  return std::get<T>(std::move(*response));
}

struct Exchange {
  Request request;
  std::string_view request_hex;
  std::string_view response_hex;
};

// The examples of MODBUS Application Protocol 6, where it has one.
const std::vector<Exchange>& exchanges() {
  static const std::vector<Exchange> list{
      {ReadBits{Table::coils, 0x13, 0x13}, "01 00 13 00 13", "01 03 CD 6B 05"},
      {ReadBits{Table::discrete_inputs, 0xC4, 0x16}, "02 00 C4 00 16", "02 03 AC DB 35"},
      {ReadRegisters{Table::holding_registers, 0x6B, 3}, "03 00 6B 00 03", "03 06 02 2B 00 00 00 64"},
      {ReadRegisters{Table::input_registers, 8, 1}, "04 00 08 00 01", "04 02 00 0A"},
      {WriteSingleCoil{0xAC, true}, "05 00 AC FF 00", "05 00 AC FF 00"},
      {WriteSingleCoil{0xAC, false}, "05 00 AC 00 00", "05 00 AC 00 00"},
      {WriteSingleRegister{1, 3}, "06 00 01 00 03", "06 00 01 00 03"},
      {WriteMultipleCoils{0x13, {true, false, true, true, false, false, true, true, true, false}},
       "0F 00 13 00 0A 02 CD 01", "0F 00 13 00 0A"},
      {WriteMultipleRegisters{1, {0x000A, 0x0102}}, "10 00 01 00 02 04 00 0A 01 02", "10 00 01 00 02"},
      {MaskWriteRegister{4, 0x00F2, 0x0025}, "16 00 04 00 F2 00 25", "16 00 04 00 F2 00 25"},
      {ReadWriteMultipleRegisters{3, 6, 0x0E, {0xFF, 0xFF, 0xFF}},
       "17 00 03 00 06 00 0E 00 03 06 00 FF 00 FF 00 FF", "17 0C 00 FE 0A CD 00 01 00 03 00 0D 00 FF"},
      {ReadDeviceIdentification{DeviceIdLevel::basic, 0}, "2B 0E 01 00",
       "2B 0E 01 01 00 00 03 00 03 41 42 43 01 02 44 45 02 04 56 31 2E 30"},
  };
  return list;
}

}  // namespace

TEST_CASE("every request has the bytes of the standard, both ways") {
  for (const Exchange& x : exchanges()) {
    CAPTURE(x.request_hex);
    CHECK(encoded(x.request) == x.request_hex);
    const auto request = decode_request(hex(x.request_hex));
    REQUIRE(request.has_value());
    CHECK(*request == x.request);
    CHECK(static_cast<unsigned>(function_of(x.request)) == std::to_integer<unsigned>(hex(x.request_hex)[0]));
  }
}

TEST_CASE("every response of the standard is taken for its own request only") {
  for (const Exchange& x : exchanges()) {
    for (const Exchange& y : exchanges()) {
      CAPTURE(x.request_hex);
      CAPTURE(y.response_hex);
      CHECK(decode_response(x.request, hex(y.response_hex)).has_value() == (&x == &y));
    }
  }
}

TEST_CASE("a request or response cut at any byte, or with a byte too many, is refused") {
  for (const Exchange& x : exchanges()) {
    CAPTURE(x.request_hex);
    auto request = hex(x.request_hex);
    auto response = hex(x.response_hex);
    for (std::size_t n = 0; n < request.size(); ++n)
      CHECK_FALSE(decode_request(Bytes(request).first(n)));
    for (std::size_t n = 0; n < response.size(); ++n) {
      CHECK_FALSE(decode_response(x.request, Bytes(response).first(n)));
    }
    request.push_back(std::byte{0});
    response.push_back(std::byte{0});
    CHECK(decode_request(request).error().code == ExceptionCode::illegal_data_value);
    CHECK(decode_response(x.request, response).error().kind == ErrorKind::malformed);
  }
}

TEST_CASE("an exception is an answer to every request; its length is checked") {
  for (const Exchange& x : exchanges()) {
    auto reply = hex("00 02");
    reply[0] = hex(x.request_hex)[0] | std::byte{exception_flag};
    CHECK(decoded<ExceptionResponse>(x.request, reply).code == ExceptionCode::illegal_data_address);
    CHECK_FALSE(decode_response(x.request, Bytes(reply).first(1)));
    reply.push_back(std::byte{0});
    CHECK_FALSE(decode_response(x.request, reply));
  }
  CHECK(message_of(ReadRegisters{Table::holding_registers, 0, 1}, "84 02") ==
        "Read Holding Registers: expected function 0x03 in the reply, got 0x84");
}

TEST_CASE("the values of a read are a view into the reply") {
  const auto registers = hex("03 06 02 2B 00 00 00 64");
  const auto read =
      decoded<ReadRegistersResponse>(ReadRegisters{Table::holding_registers, 0x6B, 3}, registers);
  CHECK(read.count() == 3);
  CHECK(read.at(0) == 0x022B);
  CHECK(read.at(1) == 0);
  CHECK(read.at(2) == 100);
  CHECK(read.registers.data() == registers.data() + 2);

  const auto coils = hex("01 03 CD 6B 05");
  const auto bits = decoded<ReadBitsResponse>(ReadBits{Table::coils, 0x13, 0x13}, coils);
  std::string text;
  for (std::size_t i = 0; i < bits.count; ++i)
    text += bits.at(i) ? '1' : '0';
  CHECK(text == "1011001111010110101");
}

TEST_CASE("registers_of and bits_of take what decode_response takes, and nothing else") {
  const ReadRegisters request{Table::holding_registers, 0x6B, 3};
  const auto good = hex("03 06 02 2B 00 00 00 64");
  CHECK(registers_of(request, good)->at(2) == 100);
  for (const char* bad : {"", "03", "03 06 02 2B 00 00 00", "03 06 02 2B 00 00 00 64 00",
                          "03 04 02 2B 00 00 00 64", "04 06 02 2B 00 00 00 64", "83 02"}) {
    CHECK_FALSE(registers_of(request, hex(bad)));
  }
  const ReadBits bits{Table::discrete_inputs, 0, 9};
  CHECK(bits_of(bits, hex("02 02 00 01"))->at(8));
  CHECK_FALSE(bits_of(bits, hex("02 01 00")));
  CHECK_FALSE(bits_of(bits, hex("01 02 00 01")));
}

TEST_CASE("a reply that does not fit says what was expected and what came") {
  const ReadRegisters read{Table::holding_registers, 0, 10};
  CHECK(message_of(read, "03 04 00 01 00 02") == "Read Holding Registers: expected byte count 20, got 4");
  CHECK(message_of(read, "03 14 00 01") == "Read Holding Registers: expected 20 data bytes, got 2");
  CHECK(message_of(WriteSingleRegister{1, 3}, "06 00 01 00 04") ==
        "Write Single Register: expected value 0x0003 back, got 0x0004");
  CHECK(message_of(WriteSingleRegister{1, 3}, "06 00 02 00 03") ==
        "Write Single Register: expected address 0x0001 back, got 0x0002");
  CHECK(message_of(WriteMultipleRegisters{1, {1, 2}}, "10 00 01 00 01") ==
        "Write Multiple Registers: expected value 0x0002 back, got 0x0001");
}

TEST_CASE("requests beyond the limits of the standard are not sent") {
  CHECK(encoded(ReadRegisters{Table::holding_registers, 0, 125}) == "03 00 00 00 7D");
  CHECK(encoded(ReadRegisters{Table::holding_registers, 0, 126}) ==
        "Read Holding Registers: 126 registers at once; the standard allows 1 to 125");
  CHECK(encoded(ReadRegisters{Table::holding_registers, 0, 0}).find("allows") != std::string::npos);
  CHECK(encoded(ReadRegisters{Table::holding_registers, 65535, 1}) == "03 FF FF 00 01");
  CHECK(encoded(ReadRegisters{Table::holding_registers, 65535, 2}) ==
        "Read Holding Registers: 2 registers from address 65535 go past 65535");
  CHECK(encoded(ReadRegisters{Table::coils, 0, 1}).find("registers only") != std::string::npos);
  CHECK(encoded(ReadBits{Table::input_registers, 0, 1}).find("discrete inputs only") != std::string::npos);

  struct Limit {
    std::size_t most = 0;
    Request (*make)(std::size_t);
    std::size_t size = 0;  // of the largest PDU
  };
  for (const Limit& limit : {
           Limit{2000,
                 [](std::size_t n) -> Request {
                   return ReadBits{Table::coils, 0, static_cast<std::uint16_t>(n)};
                 },
                 5},
           Limit{1968, [](std::size_t n) -> Request { return WriteMultipleCoils{0, std::vector<bool>(n)}; },
                 252},
           Limit{123,
                 [](std::size_t n) -> Request {
                   return WriteMultipleRegisters{0, std::vector<std::uint16_t>(n)};
                 },
                 252},
           Limit{121,
                 [](std::size_t n) -> Request {
                   return ReadWriteMultipleRegisters{0, 1, 0, std::vector<std::uint16_t>(n)};
                 },
                 252},
       }) {
    Buffer buffer;
    CHECK(encode(limit.make(limit.most), buffer).value() == limit.size);
    CHECK_FALSE(encode(limit.make(limit.most + 1), buffer));
    CHECK_FALSE(encode(limit.make(0), buffer));
    CHECK_FALSE(encode(limit.make(limit.most), MutableBytes(buffer).first(limit.size - 1)));
  }
  CHECK(encoded(ReadDeviceIdentification{DeviceIdLevel{5}, 0}).find("levels 1 to 4, not 5") !=
        std::string::npos);
}

TEST_CASE("a server answers what it can not do with the exception of the standard") {
  const auto code = [](std::string_view request) {
    const auto decoded_request = decode_request(hex(request));
    REQUIRE_FALSE(decoded_request);
    return static_cast<int>(decoded_request.error().code);
  };
  CHECK(code("63") == 1);              // unknown function
  CHECK(code("2B 0D 00 00") == 1);     // another MEI type
  CHECK(code("03 FF FF 00 02") == 2);  // past the last address
  CHECK(code("0F FF FF 00 02 01 03") == 2);
  CHECK(code("03 00 00 00 00") == 3);  // count
  CHECK(code("03 00 00 00 7E") == 3);
  CHECK(code("01 00 00 07 D1") == 3);
  CHECK(code("05 00 00 12 34") == 3);                 // no coil value
  CHECK(code("10 00 00 00 01 04 00 00 00 00") == 3);  // byte count against count
  CHECK(code("10 00 00 00 02 04 00 00") == 3);        // byte count against bytes
  CHECK(code("17 00 00 00 7E 00 00 00 01 02 00 00") == 3);
  CHECK(code("17 00 00 00 01 FF FF 00 02 04 00 00 00 00") == 2);
  CHECK(code("2B 0E 05 00") == 3);  // level
  CHECK(code("03 00") == 3);        // short
}

TEST_CASE("responses for servers have the bytes of the standard") {
  CHECK(written([](Writer& w) {
          write_exception(w, FunctionCode::read_coils, ExceptionCode::illegal_function);
        }) == "81 01");
  CHECK(written([](Writer& w) { write_exception(w, FunctionCode{0x63}, ExceptionCode::illegal_function); }) ==
        "E3 01");
  CHECK(written([](Writer& w) {
          write_response(w, ReadBits{Table::coils, 0x13, 10},
                         {true, false, true, true, false, false, true, true, true, false});
        }) == "01 02 CD 01");
  CHECK(written([](Writer& w) {
          write_response(w, ReadRegisters{Table::input_registers, 8, 2},
                         std::array<std::uint16_t, 2>{0x000A, 0xFFFE});
        }) == "04 04 00 0A FF FE");
  CHECK(written([](Writer& w) {
          write_response(w, ReadWriteMultipleRegisters{3, 1, 4, {5}}, std::array<std::uint16_t, 1>{0x1234});
        }) == "17 02 12 34");
  CHECK(written([](Writer& w) { write_response(w, WriteSingleCoil{0xAC, true}); }) == "05 00 AC FF 00");
  CHECK(written([](Writer& w) { write_response(w, WriteSingleRegister{1, 3}); }) == "06 00 01 00 03");
  CHECK(written([](Writer& w) { write_response(w, WriteMultipleCoils{0x13, std::vector<bool>(10)}); }) ==
        "0F 00 13 00 0A");
  CHECK(written([](Writer& w) { write_response(w, WriteMultipleRegisters{1, {1, 2}}); }) == "10 00 01 00 02");
  CHECK(written([](Writer& w) { write_response(w, MaskWriteRegister{4, 0xF2, 0x25}); }) ==
        "16 00 04 00 F2 00 25");
}

TEST_CASE("Mask Write changes the bits of the mask only: the example of 6.16") {
  CHECK(MaskWriteRegister{4, 0x00F2, 0x0025}.applied_to(0x0012) == 0x0017);
}

TEST_CASE("device identification comes in pages that a client can follow to the end") {
  std::vector<DeviceObject> objects{{0x00, "Acme"},
                                    {0x01, "PM-3"},
                                    {0x02, "V1.0"},
                                    {0x04, std::string(100, 'n')},
                                    {0x05, std::string(120, 'm')},
                                    {0x80, std::string(30, 'x')},
                                    {0x81, std::string(300, 'y')}};
  const auto ask_all = [&](DeviceIdLevel level) {
    std::vector<DeviceObject> got;
    ReadDeviceIdentification request{level, 0};
    for (int pages = 0; pages < 10; ++pages) {
      const auto page = identification(request, objects);
      REQUIRE(page.has_value());
      Buffer buffer;
      Writer out(buffer);
      write_response(out, request, *page);
      REQUIRE(out.ok());
      auto response = decoded<DeviceIdentificationResponse>(request, out.written());
      CHECK(response == *page);
      got.insert(got.end(), response.objects.begin(), response.objects.end());
      if (!response.more_follows) return got;
      request.object = response.next_object;
    }
    FAIL("the pages never end");
    return got;
  };
  CHECK(ask_all(DeviceIdLevel::basic) == std::vector(objects.begin(), objects.begin() + 3));
  CHECK(ask_all(DeviceIdLevel::regular) == std::vector(objects.begin(), objects.begin() + 5));
  objects.back().text.resize(244);  // what a PDU can carry
  CHECK(ask_all(DeviceIdLevel::extended) == objects);

  // A page may fill the PDU to the last byte: 7 + 2 x (2 + 121) = 253.
  const std::vector<DeviceObject> full{{0x00, std::string(121, 'a')}, {0x01, std::string(121, 'b')}};
  CHECK_FALSE(identification({DeviceIdLevel::basic, 0}, full)->more_follows);
  const std::vector<DeviceObject> over{{0x00, std::string(121, 'a')}, {0x01, std::string(122, 'b')}};
  CHECK(identification({DeviceIdLevel::basic, 0}, over)->next_object == 0x01);

  const auto one = identification({DeviceIdLevel::single, 0x04}, objects);
  CHECK(one->objects == std::vector{objects[3]});
  CHECK(one->conformity == 0x83);
  CHECK(identification({DeviceIdLevel::single, 0x03}, objects).error() ==
        ExceptionCode::illegal_data_address);
}

TEST_CASE("device identification that would go round in circles is malformed") {
  const ReadDeviceIdentification request{DeviceIdLevel::basic, 0};
  CHECK(message_of(request, "2B 0E 01 01 FF 01 01 00 01 41") == "accepted");
  CHECK(message_of(request, "2B 0E 01 01 FF 00 01 00 01 41").find("not behind 0") != std::string::npos);
  CHECK(message_of({ReadDeviceIdentification{DeviceIdLevel::basic, 2}}, "2B 0E 01 01 FF 02 00")
            .find("not behind 2") != std::string::npos);
  CHECK(message_of(request, "2B 0E 01 01 7F 01 01 00 01 41").find("got 0x7F") != std::string::npos);
  CHECK(message_of(request, "2B 0E 02 01 00 00 01 00 01 41").find("expected level 1") != std::string::npos);
}

TEST_CASE("requests describe themselves") {
  CHECK(describe(ReadRegisters{Table::holding_registers, 100, 10}) ==
        "Read Holding Registers: 10 registers from address 100");
  CHECK(describe(WriteSingleCoil{7, true}) == "Write Single Coil: on to address 7");
  CHECK(to_string(FunctionCode{0x63}) == "function 0x63");
  CHECK(is_write(MaskWriteRegister{}));
  CHECK(is_write(ReadWriteMultipleRegisters{}));
  CHECK_FALSE(is_write(ReadBits{}));
  CHECK_FALSE(is_write(ReadDeviceIdentification{}));
}
