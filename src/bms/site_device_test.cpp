// The objects of a site, and a client that reads and commands them over a simulated network.
#include "bms/site_device.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/world/world.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/write_services.hpp"

using namespace iw;
using namespace iw::bms;
using namespace iw::bacnet;
using formats::CatalogPoint;

namespace {

constexpr auto power = "pv/ActivePower";
constexpr auto limit = "pv/ActivePowerLimit";
constexpr control::Rules rules{.minimum = 0, .maximum = 8000, .fallback = 8000};

CatalogPoint point(std::string path, bool writable = false) {
  const std::string quantity = path.substr(path.find('/') + 1);
  return {.mrid = model::derive({}, path),
          .path = std::move(path),
          .asset_name = "pv",
          .quantity = quantity,
          .writable = writable};
}

struct Deaf final : ClientOwner {
  Instant work(Instant /*now*/) override { return never; }
  void heard(const Address& /*from*/, const UnconfirmedRequest& /*request*/, Instant /*now*/) override {}
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& /*request*/,
                            Instant /*now*/) override {
    return std::nullopt;
  }
};

server::ServerSettings open_to_all(std::optional<server::ReportingSettings> reporting) {
  return {.services = {.reporting = std::move(reporting)},
          .allow = {{.host = {}, .prefix = 0}},
          .write = {{.host = {}, .prefix = 0}}};
}

struct Bench {
  explicit Bench(std::optional<server::ReportingSettings> with_alarms = {})
      : reporting(std::move(with_alarms)) {
    REQUIRE(device.open());
    tasks.spawn(device.run());
    REQUIRE(client.open());
    tasks.spawn(client.run());
    catalog.points = {point(power), point(limit, true)};
    for (std::uint32_t alias = 0; CatalogPoint & one : catalog.points)
      one.alias = alias++;
    device.take(catalog);
  }
  ~Bench() {
    device.close();
    client.close();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
  }

  void control(double value, bool by_bacnet = true, bool failing = false) {
    device.take(std::vector<Standing>{
        {.path = limit, .rules = rules, .value = value, .by_bacnet = by_bacnet, .failing = failing}});
  }
  void show(std::uint32_t alias, double value, model::Quality quality = {}) {
    formats::Batch batch;
    batch.add(alias, 0, value, quality);
    device.take(batch);
  }
  [[nodiscard]] const server::Object& object(std::string_view name) const {
    const server::Object* found = device.objects().find(name);
    REQUIRE(found != nullptr);
    return *found;
  }
  [[nodiscard]] Value present(std::string_view name) const {
    return *object(name).value(PropertyId::present_value);
  }
  [[nodiscard]] std::string flags(std::string_view name) const {
    return to_string(*object(name).value(PropertyId::status_flags));
  }

  using Reply = Result<std::vector<std::byte>>;
  template <class Service>
  Reply ask(ConfirmedService service, const Service& message) {
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    std::optional<Reply> reply;
    auto task = [](Client& c, Binding to, ConfirmedService s, std::vector<std::byte> data,
                   std::optional<Reply>& result) -> io::Task<void> { result = co_await c.ask(to, s, data); };
    tasks.spawn(task(client,
                     {.address = {.network = local_network, .mac = to_mac(parse_ip(node.address()).value())},
                      .limits = {}},
                     service, {out.written().begin(), out.written().end()}, reply));
    CHECK(world.run_until_holds([&] { return reply.has_value(); }, 60s));
    return *reply;
  }
  Reply write(std::string_view name, Bytes value, PropertyId property = PropertyId::present_value,
              std::optional<std::uint8_t> priority = {}) {
    return ask(
        ConfirmedService::write_property,
        WriteProperty{
            .object = object(name).id(), .property = {property}, .value = value, .priority = priority});
  }

  io::world::World world{1};
  io::world::Node& node = world.add_node("gateway");
  io::world::Node& bms = world.add_node("bms");
  NullLog log;
  io::TaskGroup tasks{node.network().executor()};
  std::vector<Commander::Order> orders;
  std::optional<BacnetError> refusal;
  std::vector<std::optional<Commander::Shed>> sheds;
  std::string kept;
  std::vector<std::pair<std::vector<events::EventId>, std::string>> acknowledged;
  std::string recipients;
  std::optional<server::ReportingSettings> reporting;
  formats::Catalog catalog;
  SiteDevice device{
      node.network(),
      log,
      {.instance = 4711, .name = "site", .writable = true},
      open_to_all(reporting),
      {{.path = limit, .traits = {.baseline_w = 8000, .levels = {75, 50}}}},
      Instances(),
      {.command =
           [this](Commander::Order order, auto done) {
             orders.push_back(std::move(order));
             done(refusal);
           },
       .shed =
           [this](const std::string& /*path*/, std::optional<Commander::Shed> wanted, auto done) {
             sheds.push_back(std::move(wanted));
             done(std::nullopt);
           },
       .keep = [this](std::string text) { kept = std::move(text); },
       .read_log = [](const model::Mrid& /*point*/, const server::LogBounds& minutes,
                      auto done) { done({{.sequence = minutes.first, .value = 1.5F}}); },
       .acknowledge = [this](std::vector<events::EventId> events,
                             const std::string& by) { acknowledged.emplace_back(std::move(events), by); },
       .keep_recipients = [this](std::string text) { recipients = std::move(text); },
       .has_trend = [](std::string_view path) { return path == power; },
       .since = WallTime{}}};
  Deaf owner;
  Client client{{}, bms.network(), owner};
};

}  // namespace

TEST_CASE("a point shows its value, and keeps it with a fault when it is lost") {
  Bench b;
  CHECK(b.flags(power) == "1100");
  b.show(0, -3000);
  CHECK(b.present(power) == Value(-3000.0F));
  CHECK(b.flags(power) == "0000");
  b.show(0, 0, model::Quality(model::Validity::invalid).with(model::Detail::no_connection));
  CHECK(b.present(power) == Value(-3000.0F));
  CHECK(b.flags(power) == "1100");
  CHECK(b.object(power).value(PropertyId::reliability) == Value(Enumerated{communication_failure}));
}

TEST_CASE("a point that control declares becomes an output, and its objects keep their numbers") {
  Bench b;
  CHECK(b.object(limit).id().type == ObjectType::analog_value);
  const std::string before = b.kept;
  b.control(8000);
  CHECK(b.object(limit).id() == ObjectId{ObjectType::analog_output, 1});
  CHECK(b.kept.starts_with(before.substr(0, 36)));
  CHECK(b.object(power).id() == ObjectId{ObjectType::analog_input, 1});
  b.catalog.points.erase(b.catalog.points.begin());
  b.catalog.points[0].alias = 0;
  b.device.take(b.catalog);
  CHECK(b.device.objects().find(power) == nullptr);
  CHECK(b.object(limit).id() == ObjectId{ObjectType::analog_output, 1});
}

TEST_CASE("a command goes to control with its priority, and is refused in its words") {
  Bench b;
  b.control(8000);
  const auto watts = encoded(4000.0F);
  CHECK(b.write(limit, watts, PropertyId::present_value, 8).has_value());
  REQUIRE(b.orders.size() == 1);
  CHECK(b.orders[0].path == limit);
  CHECK(b.orders[0].priority == 8);
  CHECK(b.orders[0].value == 4000);
  CHECK(b.present(limit) == Value(4000.0F));
  b.refusal = BacnetError{ErrorClass::property, ErrorCode::write_access_denied};
  CHECK(b.write(limit, encoded(Null{}), PropertyId::present_value, 8)
            .error()
            .message.find("write-access-denied") != std::string::npos);
  CHECK(b.present(limit) == Value(4000.0F));
}

TEST_CASE(
    "when somebody else decides the object says overridden, and that a device does not follow it says too") {
  Bench b;
  b.control(8000);
  b.show(1, 8000);
  b.device.take(std::vector<Slot>{{.path = limit, .priority = 8, .value = 4000}});
  CHECK(b.present(limit) == Value(4000.0F));
  b.control(2500, false);
  CHECK(b.present(limit) == Value(2500.0F));
  CHECK(b.flags(limit) == "0010");
  b.control(4000, true, true);
  CHECK(b.present(limit) == Value(4000.0F));
  CHECK(b.flags(limit) == "1100");
  b.control(4000);
  CHECK(b.flags(limit) == "0000");
  b.device.take(std::vector<Slot>{});
  CHECK(b.present(limit) == Value(8000.0F));
}

TEST_CASE("a load is asked for less, as a limit from then on, and says whether it follows") {
  Bench b;
  b.control(8000);
  const std::string name = std::string(limit) + " load control";
  const auto state = [&] { return number(b.present(name)).value(); };
  std::array<std::byte, 16> buffer;
  ParameterWriter start(buffer);
  const WallTime now = b.node.network().executor().clock().wall_now();
  write_date_time(start, to_date_time(now + 10min, {}));
  CHECK(b.write(name, parse_hex("19 02").value(), PropertyId::requested_shed_level).has_value());
  CHECK(b.write(name, encoded(Unsigned{30}), PropertyId::shed_duration).has_value());
  CHECK(b.sheds.empty());
  CHECK(b.write(name, start.written(), PropertyId::start_time).has_value());
  REQUIRE(b.sheds.size() == 1);
  CHECK(b.sheds[0]->limit == 4000);
  CHECK(b.sheds[0]->life == 30min);
  CHECK(b.sheds[0]->starts_in > 9min);
  CHECK(state() == 1);  // pending
  b.world.run_for(11min);
  b.device.tick();
  CHECK(state() == 3);  // not compliant: 8000 W are in force
  b.control(4000);
  b.device.tick();
  CHECK(state() == 2);
  CHECK(b.write(name, encoded(false), PropertyId::enable).has_value());
  CHECK(b.sheds.size() == 2);
  CHECK_FALSE(b.sheds[1].has_value());
  CHECK(state() == 0);
}

TEST_CASE("the past is read by range, from the history") {
  Bench b;
  const ObjectId log = b.object(std::string(power) + " trend").id();
  const auto reply = b.ask(ConfirmedService::read_range,
                           ReadRange{.object = log, .range = ByPosition{.index = 1, .count = 2}});
  REQUIRE(reply);
  const auto ack = ReadRangeAck::decode(*reply).value();
  CHECK(ack.count == 2);
  CHECK(ack.first_item);
  LogRecordReader records(ack.items);
  CHECK(std::get<Value>(records.next()->datum) == Value(1.5F));
  CHECK(std::holds_alternative<BacnetError>(records.next()->datum));
  const auto refused = b.ask(ConfirmedService::read_range,
                             ReadRange{.object = b.object(power).id(), .property = {PropertyId::units}});
  CHECK(refused.error().message.find("not-a-list") != std::string::npos);
}

// ---- Alarms

namespace {

constexpr ObjectId alarm_class{ObjectType::notification_class, 1};

// Of the site device, with recipients that nobody is.
struct AlarmBench : Bench {
  AlarmBench() : Bench(server::ReportingSettings{}) {}

  void state(std::vector<SiteAlarm> alarms) {
    device.take(Troubles{.devices = {"pv"},
                         .limits = {{power, {.low = -9000, .high = 0, .hysteresis = 100}}},
                         .alarms = std::move(alarms)});
  }
  static SiteAlarm limit_alarm(std::string seen_by = {}) {
    return {.id = events::EventId(12),
            .device = "pv",
            .path = power,
            .above = true,
            .message = "too much",
            .seen_by = std::move(seen_by)};
  }
  [[nodiscard]] std::string event_state(std::string_view name) const {
    return to_string(*object(name).value(PropertyId::event_state));
  }
  [[nodiscard]] std::string seen(std::string_view name) const {
    return to_string(*object(name).value(PropertyId::acked_transitions));
  }
  std::vector<EventSummary> listed() {
    information = *ask(ConfirmedService::get_event_information, GetEventInformation{});
    return GetEventInformationAck::decode(information)->events;
  }

  std::vector<std::byte> information;
};

}  // namespace

TEST_CASE("a point beyond its limit is in alarm, with the limits that it has, until it is back") {
  AlarmBench b;
  b.state({});
  b.show(0, -3000);
  CHECK(to_string(*b.object(power).value(PropertyId::limit_enable)) == "11");
  CHECK(number(*b.object(power).value(PropertyId::high_limit)) == 0);
  CHECK(b.event_state(power) == "0");
  b.state({AlarmBench::limit_alarm()});
  CHECK(b.event_state(power) == "3");  // high-limit
  CHECK(b.flags(power) == "1000");
  CHECK(b.seen(power) == "011");
  REQUIRE(b.listed().size() == 1);
  CHECK(b.present("pv trouble") == Value(Enumerated{0}));  // its own object says it
  b.state({});
  CHECK(b.event_state(power) == "0");
  CHECK(b.listed().size() == 1);  // over, and nobody has seen it
}

TEST_CASE("whatever else is wrong with a device is an alarm of the device") {
  AlarmBench b;
  b.state({{.id = events::EventId(3), .device = "pv", .path = "", .message = "gone"},
           {.id = events::EventId(4), .device = "meter", .path = "", .message = "gone too"}});
  CHECK(b.present("pv trouble") == Value(Enumerated{1}));
  CHECK(b.event_state("pv trouble") == "2");
  CHECK(b.device.objects().find("meter trouble") == nullptr);  // there is no such device
  b.state({});
  CHECK(b.present("pv trouble") == Value(Enumerated{0}));
  b.device.take(Troubles{});
  CHECK(b.device.objects().find("pv trouble") == nullptr);
}

TEST_CASE("who acknowledges by BACnet acknowledges the events, and who does elsewhere does here") {
  AlarmBench b;
  b.state({});
  b.show(0, -3000);
  b.state({AlarmBench::limit_alarm()});
  const auto events = b.listed();
  REQUIRE(events.size() == 1);
  CHECK(b.ask(ConfirmedService::acknowledge_alarm, AcknowledgeAlarm{.process = 1,
                                                                    .object = events[0].object,
                                                                    .state = EventState::high_limit,
                                                                    .time_stamp = events[0].time_stamps[0],
                                                                    .source = CharacterString::utf8("anna"),
                                                                    .time = {}})
            .has_value());
  CHECK(b.acknowledged ==
        std::vector<std::pair<std::vector<events::EventId>, std::string>>{{{events::EventId(12)}, "anna"}});
  CHECK(b.seen(power) == "111");

  b.state({});
  b.state({AlarmBench::limit_alarm()});
  CHECK(b.seen(power) == "011");
  b.state({AlarmBench::limit_alarm("ada")});
  CHECK(b.seen(power) == "111");
  CHECK(b.acknowledged.size() == 1);
}

TEST_CASE("a point that was never good is not lost; one that was is") {
  AlarmBench b;
  b.state({});
  CHECK(b.event_state(power) == "1");  // fault: nothing is known of it yet
  CHECK(b.listed().empty());
  b.show(0, -3000);
  CHECK(b.listed().empty());
  b.show(0, 0, model::Quality(model::Validity::invalid).with(model::Detail::no_connection));
  REQUIRE(b.listed().size() == 1);
  CHECK(b.listed()[0].state == EventState::fault);
}

TEST_CASE("the recipients that a client writes are kept") {
  AlarmBench b;
  const auto list = encoded({Destination{.recipient = device_object(99), .process = 1}});
  CHECK(b.ask(ConfirmedService::write_property,
              WriteProperty{.object = alarm_class, .property = {PropertyId::recipient_list}, .value = list})
            .has_value());
  CHECK(parse_hex(b.recipients).value() == list);
}

TEST_CASE("without alarms in the configuration there is nothing about them") {
  Bench b;
  b.device.take(Troubles{.devices = {"pv"}, .limits = {{power, {.high = 0}}}});
  CHECK(b.device.objects().find("pv trouble") == nullptr);
  CHECK(b.object(power).find(PropertyId::high_limit) == nullptr);
}
