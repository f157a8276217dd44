// A response decodes only against its request: what is taken has exactly the shape that was asked for, and
// the short way (registers_of, bits_of) agrees with the long one. Input: length of the request's PDU, that
// PDU, the response.
#include <algorithm>
#include <array>

#include "base/overloaded.hpp"
#include "fuzzing.hpp"
#include "protocols/modbus/pdu.hpp"

using namespace iw;
using namespace iw::modbus;
using iw::fuzzing::require;

namespace {

bool encodes_to(const Request& request, const Response& response, Bytes pdu) {
  std::array<std::byte, max_pdu> bytes;
  Writer out(bytes);
  std::visit(
      overloaded{
          [&](const ExceptionResponse& r) { write_exception(out, function_of(request), r.code); },
          [&](const ReadBitsResponse& r) {
            std::vector<bool> bits(8 * r.data.size());
            for (std::size_t i = 0; i < bits.size(); ++i)
              bits[i] = r.at(i);
            write_response(out, std::get<ReadBits>(request), bits);
          },
          [&](const ReadRegistersResponse& r) {
            std::vector<std::uint16_t> registers(r.count());
            for (std::size_t i = 0; i < registers.size(); ++i)
              registers[i] = r.at(i);
            if (const auto* both = std::get_if<ReadWriteMultipleRegisters>(&request)) {
              write_response(out, *both, registers);
            } else {
              write_response(out, std::get<ReadRegisters>(request), registers);
            }
          },
          [&](const DeviceIdentificationResponse& r) {
            write_response(out, std::get<ReadDeviceIdentification>(request), r);
            // Where nothing follows the next object means nothing; we send 0.
            if (!r.more_follows && out.size() > 5 && pdu.size() > 5) bytes[5] = pdu[5];
          },
          [&](const WriteResponse&) {
            std::visit(
                overloaded{
                    [](const ReadBits&) { require(false, "a read is not answered like a write"); },
                    [](const ReadRegisters&) { require(false, "a read is not answered like a write"); },
                    [](const ReadWriteMultipleRegisters&) { require(false, "FC 23 is answered by values"); },
                    [](const ReadDeviceIdentification&) { require(false, "FC 43 is answered by objects"); },
                    [&](const auto& write) { write_response(out, write); },
                },
                request);
          },
      },
      response);
  return !out.ok() || std::ranges::equal(out.written(), pdu);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(std::as_bytes(std::span(data, size)));
  const auto request = decode_request(in.bytes(in.u8()));
  if (!request) return 0;
  const auto pdu = fuzzing::copied(in.rest());
  const auto response = decode_response(*request, pdu);
  if (response) {
    require(encodes_to(*request, *response, pdu), "a response that was taken encodes to the same bytes");
  } else {
    require(response.error().kind == ErrorKind::malformed && !response.error().message.empty(),
            "what is not taken is malformed and says why");
  }
  if (const auto* read = std::get_if<ReadRegisters>(&*request)) {
    const bool taken = response && std::holds_alternative<ReadRegistersResponse>(*response);
    const auto registers = registers_of(*read, pdu);
    require(registers.has_value() == taken, "registers_of agrees with decode_response");
    require(!taken || registers->count() == read->count, "as many registers as were asked for");
  }
  if (const auto* read = std::get_if<ReadBits>(&*request)) {
    const bool taken = response && std::holds_alternative<ReadBitsResponse>(*response);
    require(bits_of(*read, pdu).has_value() == taken, "bits_of agrees with decode_response");
  }
  return 0;
}
