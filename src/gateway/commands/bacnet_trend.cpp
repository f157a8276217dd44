// interwatt bacnet trend: the newest records of a trend log (ReadRange).

#include "base/overloaded.hpp"
#include "gateway/commands/bacnet_services.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/trend_reader.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using bacnet::ObjectId;
using bacnet::PropertyId;

std::string shown(const bacnet::DateTime& time) {
  return fmt::format("{} {}", bacnet::to_string(bacnet::Value(time.date)),
                     bacnet::to_string(bacnet::Value(time.time)));
}

std::string shown(const bacnet::LogDatum& datum) {
  return std::visit(
      overloaded{
          [](const bacnet::LogStatus& status) {
            return fmt::format("log status {}", bacnet::to_string(bacnet::Value(status.flags)));
          },
          [](const bacnet::Value& value) { return bacnet::to_string(value); },
          [](bacnet::BacnetError error) { return bacnet::to_string(error); },
          [](bacnet::TimeChange change) { return fmt::format("the clock was set by {} s", change.seconds); },
          [](const bacnet::RawDatum&) { return std::string("{...}"); }},
      datum);
}

std::optional<std::uint32_t> count_in(const Result<std::vector<std::byte>>& read) {
  if (!read) return std::nullopt;
  bacnet::ParameterReader in(*read);
  const std::uint32_t count = in.application_u32();
  return in.ok() ? std::optional(count) : std::nullopt;
}

io::Task<int> show_trend(BacnetLink& link, BacnetTarget target, ObjectId log, std::uint32_t last,
                         Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  const auto total = co_await device.read({.object = log, .property = {PropertyId::total_record_count}});
  const auto held = co_await device.read({.object = log, .property = {PropertyId::record_count}});
  const auto newest = count_in(total);
  const auto in_buffer = count_in(held);
  if (!newest || !in_buffer) {
    co_return give_up(
        console, target.json,
        total ? Error{ErrorKind::malformed, "the log does not say how much it holds"} : total.error());
  }
  const std::uint32_t before = *newest - std::min({last, *in_buffer, *newest});
  bacnet::TrendReader reader(before, {.in_buffer = *in_buffer, .total = *newest},
                             binding->limits.max_apdu / 40U);
  Json report = Json::array();
  TextTable table(
      {{"number", TextTable::Align::right}, {"time of the device"}, {"value", TextTable::Align::right}});
  while (const auto range = reader.next()) {
    std::vector<std::byte> request(64);
    bacnet::ParameterWriter out(request);
    bacnet::ReadRange{.object = log, .range = *range}.encode(out);
    request.resize(out.size());
    const auto reply =
        co_await link.client().ask(*binding, bacnet::ConfirmedService::read_range, std::move(request));
    if (!reply) co_return give_up(console, target.json, reply.error());
    const auto ack = bacnet::ReadRangeAck::decode(*reply);
    std::vector<bacnet::LogRecord> records;
    if (!ack || !reader.take(*ack, records)) {
      co_return give_up(console, target.json,
                        {ErrorKind::malformed, "the answer to ReadRange is not what was asked for"});
    }
    std::uint32_t number = reader.cursor() - static_cast<std::uint32_t>(records.size());
    for (const bacnet::LogRecord& record : records) {
      ++number;
      table.add({std::to_string(number), shown(record.time), shown(record.datum)});
      report.push_back({{"number", number}, {"time", shown(record.time)}, {"value", shown(record.datum)}});
    }
  }
  if (target.json) {
    print(console, report);
  } else {
    console.out(table.to_string(console));
    console.note(
        fmt::format("{} of {} records in the log; {} were written ever", report.size(), *in_buffer, *newest));
  }
  co_return 0;
}

}  // namespace

int show_bacnet_trend(const TargetOptions& options, const std::string& log, int last, Console& console) {
  const auto target = parse_bacnet_device(options);
  if (!target) return give_up(console, options.json, target.error(), 2);
  const auto id = bacnet::parse_object_id(log);
  if (!id) return give_up(console, options.json, id.error(), 2);
  if (last < 1)
    return give_up(console, options.json, {ErrorKind::invalid_argument, "--last begins with 1"}, 2);
  return run_with_bacnet_link(
      *target,
      [&](BacnetLink& link) {
        return show_trend(link, *target, *id, static_cast<std::uint32_t>(last), console);
      },
      console);
}

}  // namespace iw::gateway
