// interwatt bacnet alarms, acknowledge: what is active in a device (GetEventInformation), and that somebody
// has seen it (AcknowledgeAlarm).

#include "gateway/commands/bacnet_services.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using bacnet::EventState;
using bacnet::ObjectId;

constexpr std::size_t most_pages = 1000;
constexpr std::uint32_t our_process = 1;

struct ActiveEvent {
  ObjectId object;
  EventState state = EventState::normal;
  bool acknowledged = false;
  std::vector<std::byte> time_stamp;
};

// In the order of transitions: to off-normal, to fault, to normal.
std::size_t transition_of(EventState state) {
  if (state == EventState::fault) return 1;
  return state == EventState::normal ? 2 : 0;
}

std::string in_words(EventState state) {
  return bacnet::name_or_number(bacnet::event_state_names(), static_cast<std::uint32_t>(state));
}

io::Task<Result<std::vector<ActiveEvent>>> read_events(BacnetLink& link, bacnet::Binding binding) {
  std::vector<ActiveEvent> events;
  std::optional<ObjectId> last;
  for (std::size_t page = 0; page < most_pages; ++page) {
    std::vector<std::byte> request(16);
    bacnet::ParameterWriter out(request);
    bacnet::GetEventInformation{.last_received = last}.encode(out);
    request.resize(out.size());
    const auto reply = co_await link.client().ask(binding, bacnet::ConfirmedService::get_event_information,
                                                  std::move(request));
    if (!reply) co_return fail(reply.error());
    const auto ack = bacnet::GetEventInformationAck::decode(*reply);
    if (!ack) co_return fail(bacnet::malformed("the answer to GetEventInformation", ack.error()));
    for (const bacnet::EventSummary& event : ack->events) {
      const std::size_t transition = transition_of(event.state);
      const Bytes stamp = event.time_stamps[transition];
      events.push_back({.object = event.object,
                        .state = event.state,
                        .acknowledged = event.acknowledged.at(transition),
                        .time_stamp = {stamp.begin(), stamp.end()}});
      last = event.object;
    }
    if (!ack->more_events || ack->events.empty()) break;
  }
  co_return events;
}

io::Task<int> show_alarms(BacnetLink& link, BacnetTarget target, Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  const auto events = co_await read_events(link, *binding);
  if (!events) co_return give_up(console, target.json, events.error());
  Json report = Json::array();
  TextTable table({{"object"}, {"state"}, {"since"}, {"acknowledged"}});
  for (const ActiveEvent& event : *events) {
    const auto stamp = bacnet::decode_time_stamp(event.time_stamp);
    const std::string since = stamp ? bacnet::to_string(*stamp) : std::string("?");
    table.add(
        {bacnet::to_string(event.object), in_words(event.state), since, event.acknowledged ? "yes" : "no"});
    report.push_back({{"object", bacnet::to_string(event.object)},
                      {"state", in_words(event.state)},
                      {"since", since},
                      {"acknowledged", event.acknowledged}});
  }
  if (target.json) {
    print(console, report);
  } else if (events->empty()) {
    console.out("no alarm is active, and none waits to be acknowledged");
  } else {
    console.out(table.to_string(console));
    console.note("interwatt bacnet acknowledge 'URL' OBJECT --by NAME tells the device that it was seen");
  }
  co_return 0;
}

io::Task<int> acknowledge(BacnetLink& link, BacnetTarget target, ObjectId object, std::string by,
                          Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  const auto events = co_await read_events(link, *binding);
  if (!events) co_return give_up(console, target.json, events.error());
  const auto event = std::ranges::find(*events, object, &ActiveEvent::object);
  if (event == events->end()) {
    co_return give_up(console, target.json,
                      {ErrorKind::not_found, fmt::format("{} has no alarm", bacnet::to_string(object)),
                       "interwatt bacnet alarms shows which there are"});
  }
  std::vector<std::byte> request(256 + by.size());
  bacnet::ParameterWriter out(request);
  bacnet::AcknowledgeAlarm{
      .process = our_process,
      .object = object,
      .state = event->state,
      .time_stamp = event->time_stamp,
      .source = bacnet::CharacterString::utf8(by),
      .time = bacnet::to_date_time(link.client().executor().clock().wall_now(), Duration{})}
      .encode(out);
  request.resize(out.size());
  const auto done =
      co_await link.client().ask(*binding, bacnet::ConfirmedService::acknowledge_alarm, std::move(request));
  if (!done) co_return give_up(console, target.json, done.error());
  if (target.json) {
    print(console, {{"object", bacnet::to_string(object)}, {"state", in_words(event->state)}, {"by", by}});
  } else {
    console.out(fmt::format("{}: {} is acknowledged", bacnet::to_string(object), in_words(event->state)));
  }
  co_return 0;
}

}  // namespace

int show_bacnet_alarms(const TargetOptions& options, Console& console) {
  const auto target = parse_bacnet_device(options);
  if (!target) return give_up(console, options.json, target.error(), 2);
  return run_with_bacnet_link(
      *target, [&](BacnetLink& link) { return show_alarms(link, *target, console); }, console);
}

int acknowledge_bacnet_alarm(const TargetOptions& options, const std::string& object, const std::string& by,
                             Console& console) {
  const auto target = parse_bacnet_device(options);
  if (!target) return give_up(console, options.json, target.error(), 2);
  const auto id = bacnet::parse_object_id(object);
  if (!id) return give_up(console, options.json, id.error(), 2);
  return run_with_bacnet_link(
      *target, [&](BacnetLink& link) { return acknowledge(link, *target, *id, by, console); }, console);
}

}  // namespace iw::gateway
