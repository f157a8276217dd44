#include "gateway/commands/verified_write.hpp"

#include <algorithm>
#include <array>

#include "gateway/commands/arguments.hpp"
#include "gateway/commands/target.hpp"
#include "io/sleep.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::gateway {
namespace {

using model::WriteState;
using Words = std::vector<std::uint16_t>;

// When the device is asked what it holds; some take a moment.
constexpr std::array<Duration, 4> read_back_after{0ms, 100ms, 250ms, 500ms};

modbus::Request read_request(modbus::Table table, std::uint16_t address, std::size_t count) {
  const auto n = static_cast<std::uint16_t>(count);
  if (is_bit_table(table)) return modbus::ReadBits{.table = table, .address = address, .count = n};
  return modbus::ReadRegisters{.table = table, .address = address, .count = n};
}

Words part(const Words& answer, std::size_t offset, std::size_t count) {
  if (offset + count > answer.size()) return {};
  const auto begin = answer.begin() + static_cast<std::ptrdiff_t>(offset);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

io::Task<Result<Words>> ask_words(modbus::UnitAccess& unit, modbus::Request request) {
  const auto reply = co_await unit.ask(request);
  if (!reply) co_return fail(reply.error());
  co_return words_of(request, reply->bytes());
}

}  // namespace

Place place_of(const modbus::RegisterPoint& point) {
  std::uint32_t first = point.address;
  std::uint32_t end = point.address + std::uint32_t{modbus::register_count(point)};
  if (point.scale_register) {
    first = std::min<std::uint32_t>(first, point.scale_register->address);
    end = std::max<std::uint32_t>(end, point.scale_register->address + 1U);
  }
  Place place{.read = read_request(point.table, static_cast<std::uint16_t>(first), end - first),
              .offset = point.address - first,
              .count = modbus::register_count(point)};
  if (point.scale_register) place.scale_offset = point.scale_register->address - first;
  return place;
}

Place place_of(modbus::Table table, std::uint16_t address, std::size_t count) {
  return {.read = read_request(table, address, count), .offset = 0, .count = count};
}

io::Task<Result<Words>> read_place(modbus::UnitAccess& unit, Place place) {
  co_return co_await ask_words(unit, place.read);
}

Result<WritePlan> plan_value(const modbus::RegisterPoint& point, const modbus::DeviceLimits& limits,
                             double value, const Words& held) {
  const Place place = place_of(point);
  if (modbus::is_partial(point)) {
    const auto mask = modbus::encode_mask(point, value);
    if (!mask) return fail(mask.error());
    WritePlan plan = plan_mask(*mask, held);
    plan.offset = place.offset;
    plan.read = place.read;
    return plan;
  }
  std::optional<int> exponent;
  if (place.scale_offset && *place.scale_offset < held.size()) {
    exponent = static_cast<std::int16_t>(held[*place.scale_offset]);
  }
  auto words = modbus::encode_value(point, value, exponent);
  if (!words) return fail(std::move(words).error());
  WritePlan plan = plan_words(point.table, point.address, std::move(*words), limits.write_single);
  plan.read = place.read;
  plan.offset = place.offset;
  return plan;
}

WritePlan plan_words(modbus::Table table, std::uint16_t address, Words words, bool write_single) {
  WritePlan plan{.read = read_request(table, address, words.size()),
                 .count = words.size(),
                 .write = {},
                 .expected = words};
  if (table == modbus::Table::coils) {
    if (words.size() == 1) {
      plan.write = modbus::WriteSingleCoil{.address = address, .on = words.front() != 0};
    } else {
      modbus::WriteMultipleCoils coils{.address = address, .values = {}};
      for (const std::uint16_t word : words)
        coils.values.push_back(word != 0);
      plan.write = std::move(coils);
    }
  } else if (words.size() == 1 && write_single) {
    plan.write = modbus::WriteSingleRegister{.address = address, .value = words.front()};
  } else {
    plan.write = modbus::WriteMultipleRegisters{.address = address, .values = std::move(words)};
  }
  return plan;
}

WritePlan plan_mask(modbus::MaskWriteRegister mask, const Words& held) {
  // A register that can not be read beforehand shows at least the bits that the mask sets.
  const std::uint16_t before = held.empty() ? std::uint16_t{0} : held.front();
  return {.read = read_request(modbus::Table::holding_registers, mask.address, 1),
          .count = 1,
          .write = mask,
          .expected = {mask.applied_to(before)}};
}

io::Task<WriteOutcome> write_verified(modbus::UnitAccess& unit, io::Executor& executor, WritePlan plan,
                                      Words held) {
  WriteOutcome outcome;
  const auto reply = co_await unit.ask(plan.write);
  if (reply) {
    const auto response = modbus::decode_response(plan.write, reply->bytes());
    if (!response) {
      outcome.error = response.error();
    } else if (const auto* no = std::get_if<modbus::ExceptionResponse>(&*response)) {
      // "Acknowledge": it is taken and takes long; reading back tells.
      if (no->code != modbus::ExceptionCode::acknowledge) {
        outcome.state = WriteState::refused;
        outcome.error = modbus::to_error(no->code);
        co_return outcome;
      }
    }
  } else {
    outcome.error = reply.error();
  }
  outcome.state = WriteState::unknown;

  const Words before = part(held, plan.offset, plan.count);
  for (const Duration pause : read_back_after) {
    if (pause > 0ns) co_await io::sleep_for(executor, pause);
    const auto answer = co_await ask_words(unit, plan.read);
    if (!answer) {
      if (!outcome.error) outcome.error = answer.error();
      continue;
    }
    outcome.read_back = part(*answer, plan.offset, plan.count);
    if (outcome.read_back == plan.expected) {
      outcome.state = WriteState::confirmed;
      outcome.error.reset();
      co_return outcome;
    }
    outcome.state =
        before.empty() || outcome.read_back == before ? WriteState::not_followed : WriteState::limited;
  }
  co_return outcome;
}

}  // namespace iw::gateway
