#include "protocols/modbus/point_write.hpp"

#include <algorithm>
#include <span>

#include "protocols/modbus/verified_write.hpp"

namespace iw::modbus {

using model::WriteResult;

namespace {

bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

Result<Held> decode_held(const RegisterPoint& point, const Request& request, Bytes pdu) {
  const auto response = decode_response(request, pdu);
  if (!response) return fail(response.error());
  if (const auto* exception = std::get_if<ExceptionResponse>(&*response))
    return fail(to_error(exception->code));
  const Decoder decoder = compile(point);
  if (const auto* bits = std::get_if<ReadBitsResponse>(&*response)) {
    return Held{.words = {static_cast<std::uint16_t>(bits->at(0))},
                .value = decoder.decode(bits->at(0)),
                .exponent = {}};
  }
  const auto& registers = std::get<ReadRegistersResponse>(*response);
  const std::uint16_t first = std::get<ReadRegisters>(request).address;
  Held held{.words = {}, .value = decoder.decode(registers.registers, first), .exponent = {}};
  for (std::size_t i = 0; i < register_count(point); ++i)
    held.words.push_back(registers.at(point.address - first + i));
  if (point.scale_register) {
    held.exponent =
        static_cast<std::int16_t>(registers.at(std::size_t{point.scale_register->address} - first));
  }
  return held;
}

}  // namespace

Request read_request(const RegisterPoint& point) {
  if (is_bit_table(point.table)) return ReadBits{.table = point.table, .address = point.address, .count = 1};
  std::uint32_t first = point.address;
  std::uint32_t end = point.address + std::uint32_t{register_count(point)};
  if (point.scale_register) {
    first = std::min<std::uint32_t>(first, point.scale_register->address);
    end = std::max<std::uint32_t>(end, point.scale_register->address + 1U);
  }
  return ReadRegisters{.table = point.table,
                       .address = static_cast<std::uint16_t>(first),
                       .count = static_cast<std::uint16_t>(end - first)};
}

io::Task<Result<Held>> read_held(UnitAccess& unit, const RegisterPoint& point) {
  const Request read = read_request(point);
  const auto pdu = co_await unit.ask(read);
  if (!pdu) co_return fail(pdu.error());
  co_return decode_held(point, read, pdu->bytes());
}

Result<Writing> make_writing(const RegisterPoint& point, const DeviceLimits& limits, const Held& before,
                             double value) {
  if (is_partial(point)) {
    auto mask = encode_mask(point, value);
    if (!mask) return fail(std::move(mask).error());
    const std::size_t word = std::size_t{mask->address} - point.address;
    const std::uint16_t expected = mask->applied_to(before.words.at(word));
    return Writing{.request = *mask,
                   .expected = {expected},
                   .first = word,
                   .bits = static_cast<std::uint16_t>(~mask->and_mask)};
  }
  auto words = encode_value(point, value, before.exponent);
  if (!words) return fail(std::move(words).error());
  if (point.table == Table::coils) {
    return Writing{.request = WriteSingleCoil{.address = point.address, .on = words->front() != 0},
                   .expected = *words};
  }
  if (words->size() == 1 && limits.write_single) {
    return Writing{.request = WriteSingleRegister{.address = point.address, .value = words->front()},
                   .expected = *words};
  }
  return Writing{.request = WriteMultipleRegisters{.address = point.address, .values = *words},
                 .expected = *words};
}

bool holds(const Held& held, const Writing& writing) {
  return same(std::span(held.words).subspan(writing.first, writing.expected.size()), writing.expected,
              writing.bits);
}

io::Task<WriteResult> write_point(UnitAccess& unit, io::Executor& executor, const RegisterPoint& point,
                                  Writing writing, std::vector<std::uint16_t> before) {
  const Request read = read_request(point);
  const std::size_t offset = point.scale_register && point.scale_register->address < point.address
                                 ? std::size_t{point.address} - point.scale_register->address
                                 : 0;
  if (writing.expected.size() < before.size()) before = {before.at(writing.first)};
  auto outcome = co_await write_verified(unit, executor,
                                         {.read = read,
                                          .offset = offset + writing.first,
                                          .write = std::move(writing.request),
                                          .expected = std::move(writing.expected),
                                          .bits = writing.bits},
                                         std::move(before));
  WriteResult result{.state = outcome.state, .error = std::move(outcome.error)};
  if (outcome.answer) {
    const auto after = decode_held(point, read, outcome.answer->bytes());
    if (after && after->value.good()) result.read_back = after->value.value;
  }
  co_return result;
}

}  // namespace iw::modbus
