#include "protocols/bacnet/server/trend_log.hpp"

#include <algorithm>
#include <array>

#include "base/overloaded.hpp"

namespace iw::bacnet::server {
namespace {

using enum PropertyId;

// Time 12, datum 7 and status flags 3 octets.
constexpr std::size_t record_octets = 22;
constexpr std::size_t head_octets = 40;
constexpr BacnetError nothing_logged{ErrorClass::communication, ErrorCode::timeout};

std::int64_t intervals(const LogTraits& traits, WallTime time) {
  return time.time_since_epoch() / traits.interval;
}

// From one record on, or back from it; kept within what there is.
LogSpan from(std::int64_t reference, std::int32_t count, const LogBounds& all, std::uint32_t most) {
  LogSpan span{.records = {}, .all = all};
  if (count == 0 || all.count() == 0) return span;
  std::int64_t first = count > 0 ? reference : reference + count + 1;
  std::int64_t last = count > 0 ? reference + count - 1 : reference;
  first = std::max<std::int64_t>(first, all.first);
  last = std::min<std::int64_t>(last, all.last);
  if (last < first) return span;
  if (last - first + 1 > most) {
    span.more = true;
    (count > 0 ? last : first) = count > 0 ? first + most - 1 : last - most + 1;
  }
  span.records = {.first = static_cast<std::uint32_t>(first), .last = static_cast<std::uint32_t>(last)};
  return span;
}

bool refers_to_sequences(const Range& range) {
  return std::holds_alternative<BySequenceNumber>(range) || std::holds_alternative<ByTime>(range);
}

}  // namespace

LogBounds bounds_of(const LogTraits& traits, WallTime since, WallTime now) {
  // The interval that runs is not logged yet.
  const std::int64_t last = intervals(traits, now) - 1;
  const std::int64_t first = std::max(intervals(traits, since), last - traits.buffer_size + 1);
  if (last < first) return {};
  return {.first = static_cast<std::uint32_t>(first), .last = static_cast<std::uint32_t>(last)};
}

WallTime time_of(const LogTraits& traits, std::uint32_t sequence) {
  return WallTime(traits.interval * sequence);
}

LogSpan span_of(const Range& range, const LogTraits& traits, const LogBounds& all, std::uint32_t most) {
  return std::visit(
      overloaded{[&](std::monostate) { return from(all.first, INT32_MAX, all, most); },
                 [&](const ByPosition& by) {
                   return from(std::int64_t{all.first} + by.index - 1, by.count, all, most);
                 },
                 [&](const BySequenceNumber& by) { return from(by.sequence, by.count, all, most); },
                 [&](const ByTime& by) {
                   const auto time = to_wall_time(by.reference, Duration{});
                   if (!time) return LogSpan{.records = {}, .all = all};
                   const std::int64_t at = intervals(traits, *time);
                   const bool on_record = time->time_since_epoch() % traits.interval == Duration{};
                   // Newer than the time, or older: never of it (15.8.1.1.4.3).
                   return from(by.count > 0 ? at + 1 : at - (on_record ? 1 : 0), by.count, all, most);
                 }},
      range);
}

std::uint32_t records_in(std::size_t octets) {
  return octets <= head_octets ? 0 : static_cast<std::uint32_t>((octets - head_octets) / record_octets);
}

bool write_records(ParameterWriter& out, const ReadRange& request, const LogTraits& traits,
                   const LogSpan& span, std::span<const LogItem> items) {
  std::vector<std::byte> buffer(std::size_t{span.records.count()} * record_octets);
  ParameterWriter list(buffer);
  auto item = items.begin();
  for (std::uint32_t i = 0; i < span.records.count(); ++i) {
    const std::uint32_t sequence = span.records.first + i;
    while (item != items.end() && item->sequence < sequence)
      ++item;
    const bool known = item != items.end() && item->sequence == sequence && item->value;
    write_log_record(list, {.time = to_date_time(time_of(traits, sequence), Duration{}),
                            .datum = known ? LogDatum(*item->value) : LogDatum(nothing_logged)});
  }
  const bool any = span.records.count() > 0;
  ReadRangeAck ack{.object = request.object,
                   .property = request.property,
                   .first_item = any && span.records.first == span.all.first,
                   .last_item = any && span.records.last == span.all.last,
                   .more_items = span.more,
                   .count = span.records.count(),
                   .items = list.written()};
  if (any && refers_to_sequences(request.range)) ack.first_sequence = span.records.first;
  ack.encode(out);
  return list.ok() && out.ok();
}

Object trend_log_object(std::uint32_t instance, std::string_view name, ObjectPropertyReference logged,
                        const LogTraits& traits, std::function<LogBounds()> bounds) {
  Object log({ObjectType::trend_log, instance}, name);
  log.set_condition({});
  log.set(enable, true);
  log.set(stop_when_full, false);
  log.set(buffer_size, Unsigned{traits.buffer_size});
  log.compute(record_count, [bounds](ParameterWriter& out) { out.application(Unsigned{bounds().count()}); });
  log.compute(total_record_count,
              [bounds](ParameterWriter& out) { out.application(Unsigned{bounds().last}); });
  log.set(logging_type, Enumerated{0});  // polled
  const auto centiseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(traits.interval).count() / 10;
  log.set(log_interval, Unsigned{static_cast<std::uint64_t>(centiseconds)});
  std::array<std::byte, 32> buffer;
  ParameterWriter reference(buffer);
  reference.context(0, logged.object);
  write_property_reference(reference, logged.property, 1, 2);
  log.set_encoded(log_device_object_property, reference.written());
  log.set_list(log_buffer, {}, Shape::log);
  log.list_properties();
  return log;
}

}  // namespace iw::bacnet::server
