// The PDU of Modbus (MODBUS Application Protocol 6): requests and responses, bytes <-> structs.
//
// Pure: no IO, no state, no exception. A request owns its values; a response of a read is a view into the
// bytes it was decoded from. A response is always decoded against its request: what does not answer that
// request is malformed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "protocols/modbus/exception.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

constexpr std::size_t max_pdu = 253;
constexpr std::size_t max_tcp_adu = 260;
constexpr std::size_t max_rtu_adu = 256;

constexpr std::uint16_t max_read_bits = 2000;
constexpr std::uint16_t max_read_registers = 125;
constexpr std::uint16_t max_write_bits = 1968;
constexpr std::uint16_t max_write_registers = 123;
constexpr std::uint16_t max_read_write_registers = 121;  // written by ReadWriteMultipleRegisters

enum class FunctionCode : std::uint8_t {
  read_coils = 0x01,
  read_discrete_inputs = 0x02,
  read_holding_registers = 0x03,
  read_input_registers = 0x04,
  write_single_coil = 0x05,
  write_single_register = 0x06,
  write_multiple_coils = 0x0F,
  write_multiple_registers = 0x10,
  mask_write_register = 0x16,
  read_write_multiple_registers = 0x17,
  read_device_identification = 0x2B,  // encapsulated interface transport, MEI type 0x0E
};

constexpr std::uint8_t exception_flag = 0x80;  // in the function code of a response
constexpr std::uint8_t mei_read_device_identification = 0x0E;

// "Read Holding Registers"; an unknown one keeps its number: "function 0x63".
std::string to_string(FunctionCode function);

// ---- Requests

struct ReadBits {
  Table table = Table::coils;  // coils or discrete_inputs
  std::uint16_t address = 0;
  std::uint16_t count = 0;

  friend bool operator==(const ReadBits&, const ReadBits&) = default;
};

struct ReadRegisters {
  Table table = Table::holding_registers;  // holding_registers or input_registers
  std::uint16_t address = 0;
  std::uint16_t count = 0;

  friend bool operator==(const ReadRegisters&, const ReadRegisters&) = default;
};

struct WriteSingleCoil {
  std::uint16_t address = 0;
  bool on = false;

  friend bool operator==(const WriteSingleCoil&, const WriteSingleCoil&) = default;
};

struct WriteSingleRegister {
  std::uint16_t address = 0;
  std::uint16_t value = 0;

  friend bool operator==(const WriteSingleRegister&, const WriteSingleRegister&) = default;
};

struct WriteMultipleCoils {
  std::uint16_t address = 0;
  std::vector<bool> values;

  friend bool operator==(const WriteMultipleCoils&, const WriteMultipleCoils&) = default;
};

struct WriteMultipleRegisters {
  std::uint16_t address = 0;
  std::vector<std::uint16_t> values;

  friend bool operator==(const WriteMultipleRegisters&, const WriteMultipleRegisters&) = default;
};

struct MaskWriteRegister {
  std::uint16_t address = 0;
  std::uint16_t and_mask = 0xFFFF;
  std::uint16_t or_mask = 0;

  // What the register holds afterwards (6.16).
  [[nodiscard]] constexpr std::uint16_t applied_to(std::uint16_t current) const {
    return static_cast<std::uint16_t>((current & and_mask) | (or_mask & ~and_mask));
  }

  friend bool operator==(const MaskWriteRegister&, const MaskWriteRegister&) = default;
};

// The write is done first (6.17).
struct ReadWriteMultipleRegisters {
  std::uint16_t read_address = 0;
  std::uint16_t read_count = 0;
  std::uint16_t write_address = 0;
  std::vector<std::uint16_t> values;

  friend bool operator==(const ReadWriteMultipleRegisters&, const ReadWriteMultipleRegisters&) = default;
};

// ReadDevId code (6.21): a stream of all objects of a level, or a single object.
enum class DeviceIdLevel : std::uint8_t { basic = 1, regular = 2, extended = 3, single = 4 };

struct ReadDeviceIdentification {
  DeviceIdLevel level = DeviceIdLevel::basic;
  std::uint8_t object = 0;  // where to begin, or the one that is meant

  friend bool operator==(const ReadDeviceIdentification&, const ReadDeviceIdentification&) = default;
};

using Request = std::variant<ReadBits, ReadRegisters, WriteSingleCoil, WriteSingleRegister,
                             WriteMultipleCoils, WriteMultipleRegisters, MaskWriteRegister,
                             ReadWriteMultipleRegisters, ReadDeviceIdentification>;

FunctionCode function_of(const Request& request);

// Does it change the device?
bool is_write(const Request& request);

// "Read Holding Registers: 10 registers from address 0".
std::string describe(const Request& request);

// Writes the PDU into `out` and gives its length. Refuses counts beyond the limits of the standard and
// address ranges that go past 65535.
Result<std::size_t> encode(const Request& request, MutableBytes out);

// Why a server can not do a request, as the exception that it must answer and in words.
struct Refusal {
  ExceptionCode code{};
  std::string message;
};

// For servers. Function not known: 01; range past 65535: 02; bad count, value, or length: 03.
tl::expected<Request, Refusal> decode_request(Bytes pdu);

// ---- Responses

struct ReadBitsResponse {
  Bytes data;  // eight bits a byte, lowest first
  std::uint16_t count = 0;

  [[nodiscard]] bool at(std::size_t i) const {
    return (std::to_integer<unsigned>(data[i / 8]) >> (i % 8) & 1U) != 0;
  }
};

struct ReadRegistersResponse {
  Bytes registers;  // two bytes each, high byte first

  [[nodiscard]] std::size_t count() const { return registers.size() / 2; }
  [[nodiscard]] std::uint16_t at(std::size_t i) const {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(registers[2 * i]) << 8 |
                                      std::to_integer<unsigned>(registers[2 * i + 1]));
  }
};

// The device took the write; its echo was compared with the request.
struct WriteResponse {};

struct DeviceObject {
  std::uint8_t id =
      0;  // 0 VendorName, 1 ProductCode, 2 MajorMinorRevision, 3 VendorUrl, 4 ProductName, 5 ModelName
  std::string text;

  friend bool operator==(const DeviceObject&, const DeviceObject&) = default;
};

struct DeviceIdentificationResponse {
  std::uint8_t conformity = 0;  // highest level that the device has; + 0x80: single access too
  bool more_follows = false;    // ask again, from next_object
  std::uint8_t next_object = 0;
  std::vector<DeviceObject> objects;

  friend bool operator==(const DeviceIdentificationResponse&, const DeviceIdentificationResponse&) = default;
};

struct ExceptionResponse {
  ExceptionCode code{};
};

using Response = std::variant<ReadBitsResponse, ReadRegistersResponse, WriteResponse,
                              DeviceIdentificationResponse, ExceptionResponse>;

// The response to `request`, or malformed with what was expected and what came.
Result<Response> decode_response(const Request& request, Bytes pdu);

// The short way for the common case: the registers (or bits) of a reply that is right in every byte,
// otherwise none: then decode_response says why.
std::optional<ReadRegistersResponse> registers_of(const ReadRegisters& request, Bytes pdu);
std::optional<ReadBitsResponse> bits_of(const ReadBits& request, Bytes pdu);

// ---- Responses, for servers. The Writer's ok() says whether it fitted.

void write_exception(Writer& out, FunctionCode function, ExceptionCode code);
void write_response(Writer& out, const ReadBits& request, const std::vector<bool>& bits);
void write_response(Writer& out, const ReadRegisters& request, std::span<const std::uint16_t> registers);
void write_response(Writer& out, const ReadWriteMultipleRegisters& request,
                    std::span<const std::uint16_t> registers);
void write_response(Writer& out, const ReadDeviceIdentification& request,
                    const DeviceIdentificationResponse& response);
// The echo that answers a write which was done.
void write_response(Writer& out, const WriteSingleCoil& request);
void write_response(Writer& out, const WriteSingleRegister& request);
void write_response(Writer& out, const WriteMultipleCoils& request);
void write_response(Writer& out, const WriteMultipleRegisters& request);
void write_response(Writer& out, const MaskWriteRegister& request);

// What a server that has `objects` (sorted by id) answers: those of the level that fit, and where to go on
// (6.21). A single object that it does not have is exception 02.
tl::expected<DeviceIdentificationResponse, ExceptionCode> identification(
    const ReadDeviceIdentification& request, std::span<const DeviceObject> objects);

}  // namespace iw::modbus
