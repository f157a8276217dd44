#include "protocols/modbus/read_ahead.hpp"

#include <algorithm>
#include <span>

#include "protocols/modbus/point_write.hpp"
#include "protocols/modbus/verified_write.hpp"

namespace iw::modbus {

// Those that are joined with most others: the rest is asked for one by one.
ReadAhead::ReadAhead(UnitAccess& unit, const RegisterPoint& point, const DeviceLimits& limits) : unit_(unit) {
  std::vector<Range> ranges = ranges_of(point);
  std::ranges::sort(ranges, {}, &Range::first);
  std::size_t most = 1;
  for (std::size_t i = 0; i < ranges.size();) {
    Range joined = ranges[i];
    std::size_t members = 1;
    for (++i; i < ranges.size(); ++i, ++members) {
      const std::uint32_t end = std::max(joined.end, ranges[i].end);
      if (ranges[i].first > joined.end + limits.max_gap || end - joined.first > limits.max_registers) break;
      joined.end = end;
    }
    if (members <= most) continue;
    most = members;
    ahead_ = joined;
  }
}

std::vector<ReadAhead::Range> ReadAhead::ranges_of(const RegisterPoint& point) {
  std::vector<Range> ranges;
  const auto add = [&](const RegisterPoint& read) {
    const Request request = read_request(read);
    if (const auto* registers = std::get_if<ReadRegisters>(&request);
        registers != nullptr && registers->table == Table::holding_registers)
      ranges.push_back({registers->address, std::uint32_t{registers->address} + registers->count});
  };
  const auto add_one = [&](std::uint16_t address) { ranges.push_back({address, address + 1U}); };
  add(point);
  if (const auto& timer = point.revert_timer) {
    ranges.push_back({timer->address, std::uint32_t{timer->address} + register_count(timer->type)});
    if (timer->value_address) {
      RegisterPoint value = point;
      value.address = *timer->value_address;
      add(value);
    }
    if (timer->value_enable) add_one(timer->value_enable->address);
  }
  if (point.heartbeat) add_one(point.heartbeat->address);
  for (const EnableRegister& enable : point.enables)
    add_one(enable.address);
  return ranges;
}

std::optional<ReadAhead::Range> ReadAhead::written_by(const Request& request) {
  if (const auto* one = std::get_if<WriteSingleRegister>(&request))
    return Range{one->address, one->address + 1U};
  if (const auto* bits = std::get_if<MaskWriteRegister>(&request))
    return Range{bits->address, bits->address + 1U};
  if (const auto* several = std::get_if<WriteMultipleRegisters>(&request))
    return Range{several->address, static_cast<std::uint32_t>(several->address + several->values.size())};
  return std::nullopt;
}

bool ReadAhead::may_be_known(const ReadRegisters& read) const {
  const Range wanted{read.address, std::uint32_t{read.address} + read.count};
  return read.table == Table::holding_registers && ahead_.holds(wanted) &&
         std::ranges::none_of(written_, [&](const Range& range) { return range.meets(wanted); });
}

io::Task<Result<ReplyPdu>> ReadAhead::ask(Request request) {
  if (const auto range = written_by(request)) written_.push_back(*range);
  const auto* read = std::get_if<ReadRegisters>(&request);
  return read != nullptr && may_be_known(*read) ? from_memory(*read) : unit_.ask(std::move(request));
}

io::Task<Result<ReplyPdu>> ReadAhead::from_memory(ReadRegisters read) {
  if (!known_) {
    const Request all = ReadRegisters{.table = Table::holding_registers,
                                      .address = static_cast<std::uint16_t>(ahead_.first),
                                      .count = static_cast<std::uint16_t>(ahead_.end - ahead_.first)};
    const auto reply = co_await unit_.ask(all);
    if (!reply) co_return fail(reply.error());
    auto words = words_of(all, reply->bytes());
    if (!words) {  // there is a hole between them
      ahead_ = {};
      co_return co_await unit_.ask(read);
    }
    known_ = std::move(*words);
  }
  co_return part(read);
}

ReplyPdu ReadAhead::part(const ReadRegisters& read) const {
  std::array<std::byte, max_pdu> pdu{};
  Writer writer(pdu);
  write_response(writer, read, std::span(*known_).subspan(read.address - ahead_.first, read.count));
  return ReplyPdu(writer.written());
}

}  // namespace iw::modbus
