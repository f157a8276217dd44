// The write of a Line: write once, read back.
//
// What the device itself shows afterwards decides: confirmed only if it holds exactly the registers that were
// written. A write that was not answered may or may not have been done: reading back tells, it is never sent
// twice. The point is read beforehand only when the write depends on it: on its scale factor, or on the other
// bits of its register.

#include <algorithm>
#include <array>
#include <cmath>

#include "io/sleep.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::modbus {
namespace {

using model::WriteResult;
using model::WriteState;

// When the device is asked what it holds; some take a moment. All within a second of the write.
constexpr std::array<Duration, 4> read_back_after{0ms, 100ms, 250ms, 500ms};

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

}  // namespace

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
  const auto writing = make_writing(point, limits, before, command.value);
  if (!writing) co_return refuse(writing.error());
  if (command.expired(executor_.now())) {
    result.state = WriteState::expired;
    co_return result;
  }

  const auto reply = co_await ask(unit, writing->request);
  if (reply) {
    const auto response = decode_response(writing->request, reply->bytes());
    if (response) {
      if (const auto* no = std::get_if<ExceptionResponse>(&*response)) co_return refuse(to_error(no->code));
      result.state = WriteState::sent;
    } else {
      result.error = response.error();
    }
  } else {
    result.error = reply.error();
  }
  if (result.error) result.state = WriteState::unknown;

  for (const Duration pause : read_back_after) {
    if (pause > 0ns) co_await io::sleep_for(executor_, pause);
    const auto pdu = co_await ask(unit, read);
    if (!pdu) continue;
    const auto after = decode_held(point, read, pdu->bytes());
    if (!after) continue;
    if (after->value.good()) result.read_back = after->value.value;
    if (after->words == writing->expected) {
      result.state = WriteState::confirmed;
      result.error.reset();
      co_return result;
    }
    const bool moved = !before.words.empty() && after->words != before.words;
    result.state = moved ? WriteState::limited : WriteState::not_followed;
  }
  co_return result;
}

}  // namespace iw::modbus
