#include "gateway/commands/write_plan.hpp"

#include <algorithm>

#include "commissioning/arguments.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using modbus::WritePlan;
using Words = std::vector<std::uint16_t>;

modbus::Request read_request(modbus::Table table, std::uint16_t address, std::size_t count) {
  const auto n = static_cast<std::uint16_t>(count);
  if (is_bit_table(table)) return modbus::ReadBits{.table = table, .address = address, .count = n};
  return modbus::ReadRegisters{.table = table, .address = address, .count = n};
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
  const auto reply = co_await unit.ask(place.read);
  if (!reply) co_return fail(reply.error());
  co_return modbus::words_of(place.read, reply->bytes());
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
  WritePlan plan{.read = read_request(table, address, words.size()), .write = {}, .expected = words};
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
          .write = mask,
          .expected = {mask.applied_to(before)}};
}

}  // namespace iw::gateway
