// Trend logs (12.25): what a device kept while it was not heard, or we did not run, goes to the history. Each
// log is read by sequence numbers (TrendReader); of its records those are taken whose time lies in what is
// missing.
#include <algorithm>
#include <array>
#include <cmath>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

constexpr Duration again_after = 1min;
// Octets of a record with a Real and status flags, and of what stands before the records.
constexpr std::uint32_t record_size = 28;
constexpr std::uint32_t answer_head = 48;
// A clock that is off by less is off; by more it is in another time zone.
constexpr Duration zone_step = 15min;

bool is_silence(const Result<std::vector<std::byte>>& read) {
  return !read && read.error().kind == ErrorKind::timeout;
}

std::optional<std::uint32_t> count_in(const Result<std::vector<std::byte>>& read) {
  if (!read) return std::nullopt;
  ParameterReader in(*read);
  const std::uint32_t count = in.application_u32();
  return in.ok() ? std::optional(count) : std::nullopt;
}

// BACnetDeviceObjectPropertyReference: [0] object [1] property [2] index [3] device.
std::optional<ObjectPropertyReference> reference_in(Bytes encoded, std::uint32_t instance) {
  ParameterReader in(encoded);
  ObjectPropertyReference reference{.object = in.context<ObjectId>(0)};
  reference.property = read_property_reference(in, 1, 2);
  const auto device = in.optional<ObjectId>(3);
  if (!in.finished() || (device && device->instance != instance)) return std::nullopt;
  return reference;
}

// From the clock of the device: its time zone, in quarters of an hour; the rest is its error.
std::optional<Duration> offset_of(const std::optional<DateTime>& clock, WallTime now) {
  if (!clock) return std::nullopt;
  const auto shown = to_wall_time(*clock, Duration{});
  if (!shown) return std::nullopt;
  const double steps = std::round(static_cast<double>((*shown - now).count()) / zone_step.count());
  if (std::abs(steps) > 14 * 4) return std::nullopt;  // no time zone is further away
  return zone_step * static_cast<std::int64_t>(steps);
}

}  // namespace

// From now on values are missing in the history; since the last that came.
void Line::missed(Device& device) {
  if (!device.config.backfill || device.missing_since || device.answered == Instant::min()) return;
  device.missing_since = executor_.clock().wall_now() - (executor_.now() - device.answered);
  device.logs_due = executor_.now();  // as soon as it is there again
}

io::Task<void> Line::read_logs(DevicePtr device, WallTime until) {
  PropertyClient client(client_, *device->binding);
  client.set_limits(device->binding->limits);
  bool good = device->logs_known;
  if (!good) good = co_await find_logs(device, client);
  std::optional<Duration> offset;
  if (good && !device->logs.empty() && device->missing_since) {
    const auto clock = co_await read_clock(client, *device->config.url.instance);
    offset = offset_of(clock, executor_.clock().wall_now());
    if (!offset) offset = device->abilities.local_offset;
    if (!offset) {
      surroundings_.log.warning(
          "{}: its trend logs are not read, because its clock can not be read or is wrong",
          device->config.name);
    }
  }
  for (std::size_t i = 0; good && i < device->logs.size() && device->binding; ++i)
    good = co_await read_log(device, client, i, until, offset);
  device->asking = false;
  if (device->removed || stopping_) co_return;
  const Instant now = executor_.now();
  if (good) {
    device->missing_since.reset();
  } else {
    device->logs_due = now + again_after;
  }
  keep_at_ = std::min(keep_at_, now);
  schedule(device, now);
  client_.wake();
}

// The logs of present values that are points of ours.
io::Task<bool> Line::find_logs(DevicePtr device, PropertyClient& client) {
  const std::uint32_t instance = *device->config.url.instance;
  const auto objects = co_await read_object_list(client, instance);
  if (!objects || !device->plan) co_return false;
  std::vector<ObjectPropertyReference> asked;
  for (const ObjectId object : *objects) {
    if (object.type == ObjectType::trend_log)
      asked.push_back({.object = object, .property = {PropertyId::log_device_object_property}});
  }
  const auto values = co_await client.read(std::move(asked));
  if (!values) co_return false;
  device->logs.clear();
  for (const ReadValue& value : *values) {
    const auto logged = value.ok() ? reference_in(value.value, instance) : std::nullopt;
    if (!logged) continue;
    const auto& points = device->plan->map().points;
    const auto point = std::ranges::find_if(points, [&](const ObjectPoint& p) {
      return p.object == logged->object && p.property == logged->property;
    });
    if (point == points.end()) continue;
    Device::TrendLog log{.id = value.property.object,
                         .point = static_cast<std::uint16_t>(point - points.begin())};
    for (const RememberedTrend& old : memory_.trends)
      if (old.device == instance && old.log == log.id.instance) log.cursor = old.cursor;
    device->logs.push_back(log);
  }
  device->logs_known = true;
  co_return true;
}

io::Task<bool> Line::read_log(DevicePtr device, PropertyClient& client, std::size_t index, WallTime until,
                              std::optional<Duration> offset) {
  const ObjectId id = device->logs[index].id;
  const auto total = co_await client.read({.object = id, .property = {PropertyId::total_record_count}});
  const auto held = co_await client.read({.object = id, .property = {PropertyId::record_count}});
  const auto newest = count_in(total);
  const auto in_buffer = count_in(held);
  if (!newest || !in_buffer || index >= device->logs.size())
    co_return !is_silence(total) && !is_silence(held);
  Device::TrendLog& log = device->logs[index];
  // Nothing is missing: the next time it is read from here.
  if (!device->missing_since || !offset) {
    log.cursor = TrendCursor{.sequence = *newest, .time = until};
    co_return true;
  }
  const std::uint32_t room = client.device().limits.max_apdu;
  TrendReader reader(log.cursor ? std::optional(log.cursor->sequence) : std::nullopt,
                     {.in_buffer = *in_buffer, .total = *newest},
                     room > answer_head ? (room - answer_head) / record_size : 1);
  TrendCursor cursor = log.cursor.value_or(TrendCursor{});
  while (const auto range = reader.next()) {
    std::vector<std::byte> parameters(64);
    ParameterWriter out(parameters);
    ReadRange{.object = id, .range = *range}.encode(out);
    parameters.resize(out.size());
    if (!device->binding) co_return false;
    const auto reply =
        co_await client_.ask(*device->binding, ConfirmedService::read_range, std::move(parameters));
    if (is_silence(reply)) co_return false;
    const auto ack = reply ? ReadRangeAck::decode(*reply) : tl::unexpected(RejectReason::other);
    std::vector<LogRecord> records;
    if (!ack || !reader.take(*ack, records)) {
      surroundings_.log.warning("{}: {} can not be read by sequence numbers{}", device->config.name,
                                to_string(id), reply ? "" : ": " + reply.error().message);
      co_return true;
    }
    if (device->removed || stopping_ || index >= device->logs.size()) co_return false;
    recall(*device, device->logs[index].point, records, *offset, until, cursor);
  }
  if (reader.lost() > 0) {
    surroundings_.log.warning("{}: {} had overwritten {} records before they could be read: there is a gap",
                              device->config.name, to_string(id), reader.lost());
  }
  cursor.sequence = reader.cursor();
  if (index < device->logs.size()) device->logs[index].cursor = cursor;
  co_return true;
}

// Of the records those that lie in what is missing, and after what was taken before.
void Line::recall(const Device& device, std::uint16_t index, const std::vector<LogRecord>& records,
                  Duration offset, WallTime until, TrendCursor& cursor) {
  const ObjectPoint& point = device.plan->map().points[index];
  const WallTime from = device.missing_since.value_or(until);
  bus::PastValues past{.point = {device.config.id, index}};
  for (const LogRecord& record : records) {
    const auto time = to_wall_time(record.time, offset);
    const auto* datum = std::get_if<Value>(&record.datum);
    const auto raw = datum != nullptr ? number(*datum) : std::nullopt;
    if (!time || !raw || !std::isfinite(*raw)) continue;
    if (*time <= from || *time >= until || *time <= cursor.time) continue;
    const Quality quality = record.status_flags ? quality_of(*record.status_flags, {}) : Quality();
    cursor.time = *time;
    if (quality.validity() == Validity::invalid) continue;
    past.time.push_back(*time);
    past.value.push_back(*raw * point.scale + point.offset);
    past.quality.push_back(quality.with(Detail::historical));
  }
  if (!past.time.empty()) surroundings_.feed.recall(std::move(past));
}

}  // namespace iw::bacnet
