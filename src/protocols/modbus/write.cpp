// The write of a Line: write once, read back (verified_write.hpp), enable.
//
// The point is read beforehand only when the write depends on it: on its scale factor, or on the other bits
// of its register.
//
// Registers that make the device obey are set only once it holds the value: enabled before, it would obey the
// value of the last time.

#include <algorithm>
#include <cmath>

#include "protocols/modbus/line.hpp"
#include "protocols/modbus/value.hpp"
#include "protocols/modbus/verified_write.hpp"

namespace iw::modbus {
namespace {

using model::WriteResult;
using model::WriteState;

bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

// Reads the point, with its scale factor in the same reply.
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

// What the device holds: the words of the point as they are, its value, and the exponent of its scale
// register.
struct Held {
  std::vector<std::uint16_t> words;
  Decoded value;
  std::optional<int> exponent;
};

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

// The request that writes the words, and the words that the device must hold afterwards.
struct Writing {
  Request request;
  std::vector<std::uint16_t> expected;
};

Result<Writing> make_writing(const RegisterPoint& point, const DeviceLimits& limits, const Held& before,
                             double value) {
  if (is_partial(point)) {
    auto mask = encode_mask(point, value);
    if (!mask) return fail(std::move(mask).error());
    const std::uint16_t expected = mask->applied_to(before.words.front());
    return Writing{.request = *mask, .expected = {expected}};
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

Result<void> check(const RegisterPoint& point, double value) {
  if (!point.point.writable) {
    return fail(ErrorKind::denied, fmt::format("{} can only be read", model::to_string(point.point.name)));
  }
  const double least = point.point.minimum.value_or(-HUGE_VAL);
  const double most = point.point.maximum.value_or(HUGE_VAL);
  if (!std::isfinite(value) || value < least || value > most) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is out of range, allowed are {} to {}", value, least, most));
  }
  return {};
}

// A write under way: what is sent, and how one sees what became of it.
struct Attempt {
  RegisterPoint point;
  Request read;
  Writing writing;
  std::vector<std::uint16_t> before;  // what the device held; empty when it is not known
};

io::Task<WriteResult> write_once(UnitAccess& unit, io::Executor& executor, Attempt attempt) {
  const RegisterPoint& point = attempt.point;
  const std::size_t offset = point.scale_register && point.scale_register->address < point.address
                                 ? std::size_t{point.address} - point.scale_register->address
                                 : 0;
  auto outcome = co_await write_verified(unit, executor,
                                         {.read = attempt.read,
                                          .offset = offset,
                                          .write = attempt.writing.request,
                                          .expected = attempt.writing.expected},
                                         attempt.before);
  WriteResult result{.state = outcome.state, .error = std::move(outcome.error)};
  if (outcome.answer) {
    const auto after = decode_held(point, attempt.read, outcome.answer->bytes());
    if (after && after->value.good()) result.read_back = after->value.value;
  }
  co_return result;
}

// The register is read first even where all its bits are set: it may not be there.
io::Task<WriteResult> enable_once(UnitAccess& unit, io::Executor& executor, EnableRegister enable,
                                  DeviceLimits limits) {
  RegisterPoint point;
  point.address = enable.address;
  const Request read = read_request(point);
  const auto pdu = co_await unit.ask(read);
  auto held = pdu ? decode_held(point, read, pdu->bytes()) : Result<Held>(fail(pdu.error()));
  if (!held) co_return WriteResult{.state = WriteState::unknown, .error = std::move(held).error()};
  const std::uint16_t before = held->words.front();
  if (before == enable.sentinel) co_return WriteResult{.state = WriteState::confirmed};
  const unsigned wanted = (before & ~unsigned{enable.mask}) | (enable.value & enable.mask);
  auto writing = make_writing(point, limits, *held, wanted);
  if (!writing) co_return WriteResult{.state = WriteState::refused, .error = std::move(writing).error()};
  co_return co_await write_once(
      unit, executor,
      {.point = point, .read = read, .writing = std::move(*writing), .before = std::move(held->words)});
}

// The device holds the value and will not obey it.
Error not_enabled(const EnableRegister& enable, const WriteResult& result) {
  std::string why = fmt::format("shows {}", result.read_back.value_or(0));
  if (result.error) why = (result.state == WriteState::refused ? "is refused: " : "") + result.error->message;
  return {result.error ? result.error->kind : ErrorKind::rejected,
          fmt::format("the device holds the value, but register {}, which has to be {} for it to obey, {}",
                      enable.address, enable.value, why),
          "does the device allow to be controlled from outside?"};
}

}  // namespace

io::Task<WriteResult> enable(UnitAccess& unit, io::Executor& executor, std::vector<EnableRegister> registers,
                             DeviceLimits limits) {
  for (const EnableRegister& each : registers) {
    WriteResult result = co_await enable_once(unit, executor, each, limits);
    if (result.state == WriteState::confirmed) continue;
    result.error = not_enabled(each, result);
    const bool seen = result.read_back || result.state == WriteState::refused;
    result.state = seen ? WriteState::not_followed : WriteState::unknown;
    co_return result;
  }
  co_return WriteResult{.state = WriteState::confirmed};
}

io::Task<WriteResult> Line::write(model::WriteCommand command) {
  WriteResult result{.id = command.id};
  const auto refuse = [&result](Error error) {
    result.state = WriteState::refused;
    result.error = std::move(error);
    return result;
  };

  const std::optional<WriteTarget> target = write_target(command.point);
  if (!target)
    co_return refuse({ErrorKind::not_found, "the device has no such point, or it was not heard of yet"});
  const auto& [unit, point, limits, polled] = *target;
  const Request read = read_request(point);
  if (auto allowed = check(point, command.value); !allowed) co_return refuse(std::move(allowed).error());

  if (auto error = not_connected()) co_return refuse(std::move(*error));
  Held before{.words = polled.value_or(std::vector<std::uint16_t>{}), .value = {}, .exponent = {}};
  if (point.scale_register || is_partial(point)) {
    const auto pdu = co_await ask(unit, read);
    if (!pdu) co_return refuse(pdu.error());
    auto held = decode_held(point, read, pdu->bytes());
    if (!held) co_return refuse(std::move(held).error());
    before = std::move(*held);
  }
  auto writing = make_writing(point, limits, before, command.value);
  if (!writing) co_return refuse(std::move(writing).error());
  if (command.expired(executor_.now())) {
    result.state = WriteState::expired;
    co_return result;
  }

  LineUnit access(*this, unit);
  result = co_await write_once(
      access, executor_,
      {.point = point, .read = read, .writing = std::move(*writing), .before = std::move(before.words)});
  result.id = command.id;
  if (result.state == WriteState::confirmed) {
    WriteResult enabled = co_await enable(access, executor_, point.enables, limits);
    result.state = enabled.state;
    result.error = std::move(enabled.error);
  }
  co_return result;
}

}  // namespace iw::modbus
