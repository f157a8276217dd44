#include "gateway/commands/bacnet_tools.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "commissioning/arguments.hpp"
#include "commissioning/bacnet_link.hpp"
#include "commissioning/trial.hpp"
#include "config/rule.hpp"
#include "gateway/commands/confirm.hpp"
#include "gateway/commands/device_report.hpp"
#include "gateway/commands/report.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using bacnet::ObjectId;
using bacnet::PropertyId;
using bacnet::ReadValue;

constexpr Duration default_timeout = 1s;
constexpr Duration time_for_i_am = 3s;

struct Wanted {
  bacnet::DeviceUrl url;
  Duration timeout = default_timeout;
  bool json = false;
};

Result<Wanted> parse_wanted(const TargetOptions& options) {
  Wanted wanted{.url = {}, .json = options.json};
  const auto url = bacnet::parse_url(options.url == "bacnet" ? "bacnet://" : options.url);
  if (!url) return fail(url.error());
  wanted.url = *url;
  if (!options.timeout.empty()) {
    const auto timeout = config::parse_duration(options.timeout);
    if (!timeout) return fail(Error(timeout.error()).in("--timeout"));
    wanted.timeout = *timeout;
  }
  return wanted;
}

// A device has to be named.
Result<Wanted> parse_device(const TargetOptions& options) {
  auto wanted = parse_wanted(options);
  if (wanted && !wanted->url.instance) {
    return fail(ErrorKind::invalid_argument, fmt::format("{} names no device", options.url),
                "add ?device=1234; interwatt scan bacnet shows which there are");
  }
  return wanted;
}

bacnet::IpAddress broadcast_of(const Wanted& wanted) {
  return wanted.url.host.value_or(bacnet::IpAddress{.host = {255, 255, 255, 255}});
}

// Runs with an open link, and closes it whatever happens.
using LinkTool = std::function<io::Task<int>(BacnetLink& link)>;

io::Task<int> with_link(io::Network& network, Wanted wanted, LinkTool tool, Console& console) {
  BacnetLink link(network, wanted.timeout, broadcast_of(wanted));
  const auto opened = link.open();
  if (!opened) co_return give_up(console, wanted.json, opened.error());
  const int status = co_await tool(link);
  co_await link.close();
  co_return status;
}

int run_with_link(const Wanted& wanted, const LinkTool& tool, Console& console) {
  return run_tool(
      [&](io::Network& network, io::Files& /*files*/) { return with_link(network, wanted, tool, console); });
}

std::string shown(const ReadValue& value) {
  if (value.error) return bacnet::to_string(*value.error);
  std::string text;
  bacnet::ParameterReader in(value.value);
  while (in.more()) {
    const auto type = in.next_type();
    const Bytes element = in.element();
    bacnet::ParameterReader one(element);
    if (!text.empty()) text += ", ";
    text += type ? bacnet::to_string(one.value()) : "{...}";
  }
  return text;
}

// What the number of an enumerated property means.
std::string in_words(PropertyId property, const ReadValue& value) {
  const auto first = value.first();
  const auto* number = first ? std::get_if<bacnet::Enumerated>(&*first) : nullptr;
  if (number == nullptr) return shown(value);
  switch (property) {
    case PropertyId::units: return bacnet::unit_name(number->value);
    case PropertyId::reliability: return bacnet::name_or_number(bacnet::reliability_names(), number->value);
    case PropertyId::event_state: return bacnet::name_or_number(bacnet::event_state_names(), number->value);
    case PropertyId::segmentation_supported:
      return bacnet::name_or_number(bacnet::segmentation_names(), number->value);
    case PropertyId::system_status:
      return bacnet::name_or_number(bacnet::device_status_names(), number->value);
    default: return shown(value);
  }
}

// ---- scan

io::Task<int> scan_devices(BacnetLink& link, Wanted wanted, std::optional<bacnet::InstanceRange> range,
                           Console& console) {
  console.progress("Who-Is ...");
  co_await link.look_for(bacnet::global_broadcast, range, std::max(wanted.timeout, time_for_i_am));
  if (wanted.url.host && link.found().empty()) {
    // A device that only answers what is sent to itself.
    const bacnet::Address there{.network = bacnet::local_network, .mac = bacnet::to_mac(*wanted.url.host)};
    co_await link.look_for(there, range, wanted.timeout);
  }
  Json report = Json::array();
  TextTable table({{"device", TextTable::Align::right},
                   {"address"},
                   {"name"},
                   {"vendor"},
                   {"model"},
                   {"octets", TextTable::Align::right},
                   {"segments"}});
  std::size_t done = 0;
  for (const auto& [instance, found] : link.found()) {
    console.progress(fmt::format("asking {} of {}", ++done, link.found().size()));
    bacnet::PropertyClient device(link.client(),
                                  {.address = found.address,
                                   .limits = {.max_apdu = static_cast<std::uint16_t>(std::min<std::uint32_t>(
                                                  found.message.max_apdu, bacnet::max_apdu_ip))}});
    std::vector<bacnet::ObjectPropertyReference> asked;
    for (const PropertyId property :
         {PropertyId::object_name, PropertyId::vendor_name, PropertyId::model_name})
      asked.push_back({.object = bacnet::device_object(instance), .property = {property}});
    const auto read = co_await device.read(std::move(asked));
    std::vector<std::string> texts(3);
    for (std::size_t i = 0; read && i < texts.size(); ++i)
      if ((*read)[i].ok()) texts[i] = shown((*read)[i]);
    const auto segments = std::string(bacnet::name_or_number(
        bacnet::segmentation_names(), static_cast<std::uint32_t>(found.message.segmentation)));
    const bool twice = link.found().count(instance) > 1;
    table.add({twice ? console.styled(Style::bad, std::to_string(instance)) : std::to_string(instance),
               bacnet::to_string(found.address), texts[0], texts[1], texts[2],
               std::to_string(found.message.max_apdu), segments});
    report.push_back({{"device", instance},
                      {"address", bacnet::to_string(found.address)},
                      {"name", texts[0]},
                      {"vendor", texts[1]},
                      {"vendor_id", found.message.vendor},
                      {"model", texts[2]},
                      {"max_apdu", found.message.max_apdu},
                      {"segmentation", segments},
                      {"duplicate", twice}});
  }
  console.end_progress();
  if (wanted.json) {
    print(console, report);
  } else if (link.found().empty()) {
    console.error({ErrorKind::timeout, "no BACnet device answered",
                   "name the broadcast address of their network, as bacnet://192.0.2.255, or one device"});
  } else {
    console.out(table.to_string(console));
    console.note(
        fmt::format("{} devices; interwatt scan 'bacnet://ADDRESS?device=N' shows the objects of one",
                    link.found().size()));
  }
  co_return link.found().empty() ? 1 : 0;
}

io::Task<int> scan_objects(BacnetLink& link, Wanted wanted, Console& console) {
  console.progress("object-list ...");
  const auto binding = co_await link.find(wanted.url);
  if (!binding) co_return give_up(console, wanted.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  const auto objects = co_await bacnet::read_object_list(device, *wanted.url.instance);
  if (!objects) co_return give_up(console, wanted.json, objects.error());
  console.progress(fmt::format("{} objects ...", objects->size()));
  const auto facts = co_await bacnet::read_facts(device, *objects);
  if (!facts) co_return give_up(console, wanted.json, facts.error());
  const bacnet::ObjectMap map = bacnet::propose(*facts);
  std::vector<bacnet::ObjectPropertyReference> asked;
  for (const bacnet::ObjectPoint& point : map.points)
    asked.push_back({.object = point.object, .property = point.property});
  const auto values = co_await device.read(std::move(asked));
  if (!values) co_return give_up(console, wanted.json, values.error());
  console.end_progress();

  Json report = Json::array();
  TextTable table({{"object"}, {"name"}, {"value", TextTable::Align::right}, {"units"}, {"point"}});
  for (std::size_t i = 0; i < map.points.size(); ++i) {
    const bacnet::ObjectPoint& point = map.points[i];
    const bacnet::ObjectFacts& fact = (*facts)[i];
    const std::string units = fact.units ? bacnet::unit_name(*fact.units) : std::string();
    const std::string name = model::to_string(point.point.name);
    table.add({bacnet::to_string(point.object), fact.name, shown((*values)[i]), units,
               name + (point.point.writable ? " (writable)" : "")});
    report.push_back({{"object", bacnet::to_string(point.object)},
                      {"name", fact.name},
                      {"description", fact.description},
                      {"value", shown((*values)[i])},
                      {"units", units},
                      {"point", name},
                      {"writable", point.point.writable}});
  }
  if (wanted.json) {
    print(console, report);
  } else {
    console.out(table.to_string(console));
    console.note(fmt::format("{} of {} objects have values", map.points.size(), objects->size()));
  }
  co_return map.points.empty() ? 1 : 0;
}

Result<std::optional<bacnet::InstanceRange>> parse_instances(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto dash = text.find('-');
  const auto low = parse_integer(text.substr(0, dash));
  const auto high = dash == std::string::npos ? low : parse_integer(text.substr(dash + 1));
  const auto valid = [](const std::optional<std::int64_t>& n) {
    return n && *n >= 0 && *n <= bacnet::max_instance;
  };
  if (!valid(low) || !valid(high) || *low > *high) {
    return fail(ErrorKind::invalid_argument, fmt::format("--instances: '{}' is no range of devices", text),
                "write 1234 or 1000-1999");
  }
  return bacnet::InstanceRange{.low = static_cast<std::uint32_t>(*low),
                               .high = static_cast<std::uint32_t>(*high)};
}

// ---- try

class Stages {
 public:
  Stages(Console& console, io::Executor& executor, bool quiet)
      : console_(console), executor_(executor), quiet_(quiet), begun_(executor.now()) {}

  void passed(std::string_view name, std::string detail) {
    add({name, StageState::passed, {}, std::move(detail)});
  }
  void failed(std::string_view name, const Error& error) {
    add({name, StageState::failed, {}, error.message, error.remedy});
    ok_ = false;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const Json& report() const { return report_; }

 private:
  void add(Stage stage) {
    const Instant now = executor_.now();
    stage.took = now - begun_;
    begun_ = now;
    if (!quiet_) show(stage, console_);
    report_.push_back({{"name", stage.name},
                       {"state", stage.state == StageState::passed ? "passed" : "failed"},
                       {"ms", milliseconds(stage.took)},
                       {"detail", stage.detail},
                       {"remedy", stage.remedy}});
  }

  Console& console_;
  io::Executor& executor_;
  bool quiet_;
  bool ok_ = true;
  Instant begun_;
  Json report_ = Json::array();
};

io::Task<std::optional<bacnet::ObjectMap>> run_stages(BacnetLink& link, Wanted wanted, Stages& stages) {
  if (!wanted.url.instance) {
    const auto instance = co_await bacnet::instance_at(link.client(), *wanted.url.address());
    if (!instance) {
      stages.failed("device", instance.error());
      co_return std::nullopt;
    }
    wanted.url.instance = *instance;
  }
  const auto binding = co_await link.find(wanted.url);
  if (!binding) {
    stages.failed("device", binding.error());
    co_return std::nullopt;
  }
  stages.passed("device", fmt::format("device {} at {}, takes {} octets{}", *wanted.url.instance,
                                      bacnet::to_string(binding->address), binding->limits.max_apdu,
                                      binding->limits.receives_segments ? " and segments" : ""));
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  const auto identity = co_await bacnet::read_identity(device, *wanted.url.instance);
  if (!identity) {
    stages.failed("identity", identity.error());
    co_return std::nullopt;
  }
  stages.passed("identity",
                fmt::format("{} {} {}", identity->manufacturer, identity->model, identity->version));
  auto map = co_await bacnet::discover(link.client(), *binding, *wanted.url.instance, {});
  if (!map) {
    stages.failed("objects", map.error());
    co_return std::nullopt;
  }
  stages.passed("objects", fmt::format("{} with values", map->points.size()));
  std::vector<bacnet::ObjectPropertyReference> asked;
  for (const bacnet::ObjectPoint& point : map->points)
    asked.push_back({.object = point.object, .property = point.property});
  const auto values = co_await device.read(std::move(asked));
  if (!values) {
    stages.failed("values", values.error());
    co_return std::nullopt;
  }
  const auto good = std::ranges::count_if(*values, &ReadValue::ok);
  stages.passed("values", fmt::format("{} of {} read", good, values->size()));
  co_return std::move(*map);
}

io::Task<int> try_device(BacnetLink& link, Wanted wanted, Console& console) {
  Stages stages(console, link.client().executor(), wanted.json);
  stages.passed("port", fmt::format("UDP {}", link.client().local().port));
  const auto map = co_await run_stages(link, wanted, stages);
  if (wanted.json) {
    print(console,
          {{"url", bacnet::to_string(wanted.url)}, {"ok", stages.ok()}, {"stages", stages.report()}});
  } else if (map) {
    console.out("");
    console.out(console.styled(Style::dim, "For the configuration:"));
    console.out(fmt::format("  - name: my-device\n    connect: {}", bacnet::to_string(wanted.url)));
  }
  co_return stages.ok() ? 0 : 1;
}

// ---- read

constexpr std::array usual_properties{PropertyId::object_name,    PropertyId::description,
                                      PropertyId::present_value,  PropertyId::units,
                                      PropertyId::status_flags,   PropertyId::event_state,
                                      PropertyId::reliability,    PropertyId::out_of_service,
                                      PropertyId::priority_array, PropertyId::relinquish_default};

io::Task<int> read_object(BacnetLink& link, Wanted wanted, std::vector<bacnet::ObjectPropertyReference> asked,
                          Console& console) {
  const auto binding = co_await link.find(wanted.url);
  if (!binding) co_return give_up(console, wanted.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  const bool one = asked.size() == 1;
  std::vector<ReadValue> values;
  if (one) {
    auto value = co_await device.read(asked.front());
    if (!value) co_return give_up(console, wanted.json, value.error());
    values.push_back({.property = asked.front(), .value = std::move(*value)});
  } else {
    auto all = co_await device.read(std::move(asked));
    if (!all) co_return give_up(console, wanted.json, all.error());
    values = std::move(*all);
    std::erase_if(values, [](const ReadValue& value) { return !value.ok(); });
  }
  if (values.empty()) {
    co_return give_up(console, wanted.json,
                      {ErrorKind::not_found, "the device has no such object",
                       "interwatt scan 'bacnet://...?device=N' shows which it has"});
  }
  Json report = Json::object();
  TextTable table({{"property"}, {"value"}});
  for (const ReadValue& value : values) {
    const std::string name = bacnet::to_string(value.property.property);
    const std::string text = in_words(value.property.property.property, value);
    report[name] = text;
    table.add({name, text});
  }
  if (wanted.json) {
    print(console, report);
  } else {
    console.out(table.to_string(console));
  }
  co_return 0;
}

// ---- write

struct Wish {
  bacnet::ObjectPropertyReference property;
  std::string value;
  std::optional<std::uint8_t> priority;
  bool yes = false;
};

// The text in the type of what is there; "null" relinquishes.
Result<std::vector<std::byte>> encode_as(bacnet::DataType type, const std::string& text) {
  if (text == "null") return bacnet::encoded(bacnet::Null{});
  if (type == bacnet::DataType::character_string) return bacnet::encoded(bacnet::CharacterString::utf8(text));
  const auto number = text == "on" || text == "true"     ? std::optional(1.0)
                      : text == "off" || text == "false" ? std::optional(0.0)
                                                         : parse_number(text);
  if (!number) return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no number", text));
  const auto value = bacnet::value_of(type, *number);
  if (!value) return fail(value.error());
  return bacnet::encoded(*value);
}

io::Task<int> write_property(BacnetLink& link, Wanted wanted, Wish wish, Console& console) {
  const auto binding = co_await link.find(wanted.url);
  if (!binding) co_return give_up(console, wanted.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  auto before = co_await device.read(wish.property);
  if (!before) co_return give_up(console, wanted.json, before.error());
  const ReadValue was{.property = wish.property, .value = std::move(*before)};
  const auto first = was.first();
  const auto encoded = encode_as(first ? bacnet::type_of(*first) : bacnet::DataType::real, wish.value);
  if (!encoded) co_return give_up(console, wanted.json, encoded.error(), 2);
  const std::string what = fmt::format("{} := {}{}", bacnet::to_string(wish.property), wish.value,
                                       wish.priority ? fmt::format(" at priority {}", *wish.priority) : "");
  if (!wanted.json)
    console.out(
        fmt::format("{}: {} now, {} wished", bacnet::to_string(wish.property), shown(was), wish.value));
  if (!wish.yes && !confirm(console, what + "?"))
    co_return give_up(console, wanted.json, {ErrorKind::cancelled, "nothing was written"});

  std::vector<std::byte> buffer(encoded->size() + 32);
  bacnet::ParameterWriter out(buffer);
  bacnet::WriteProperty{.object = wish.property.object,
                        .property = wish.property.property,
                        .value = *encoded,
                        .priority = wish.priority}
      .encode(out);
  buffer.resize(out.size());
  const auto written =
      co_await link.client().ask(*binding, bacnet::ConfirmedService::write_property, std::move(buffer), true);
  if (!written) co_return give_up(console, wanted.json, written.error());
  auto after = co_await device.read(wish.property);
  const ReadValue is{.property = wish.property,
                     .value = after ? std::move(*after) : std::vector<std::byte>()};
  const bool held = is.value == *encoded;
  std::string slot;
  if (wish.priority) {
    const auto read = co_await device.read(
        {.object = wish.property.object,
         .property = {.property = PropertyId::priority_array, .index = std::uint32_t{*wish.priority}}});
    if (read) slot = shown({.property = wish.property, .value = *read});
  }
  const bool released = wish.value == "null" && (slot.empty() || slot == "null");
  if (wanted.json) {
    print(console, {{"what", what},
                    {"before", shown(was)},
                    {"after", shown(is)},
                    {"priority_array_slot", slot},
                    {"confirmed", held || released}});
  } else {
    const std::string holds = slot.empty() ? "" : fmt::format(", priority {} holds {}", *wish.priority, slot);
    console.out(fmt::format("{}: {}{}",
                            held || released ? console.styled(Style::good, "confirmed")
                                             : console.styled(Style::bad, "not followed"),
                            shown(is), holds));
    if (!held && !released)
      console.note("the device took the write and shows another value: a higher priority may command it");
  }
  co_return held || released ? 0 : 1;
}

Result<Wish> parse_wish(const BacnetWrite& write) {
  if (write.arguments.size() != 2 && write.arguments.size() != 3) {
    return fail(ErrorKind::invalid_argument, "an object and a value are wanted",
                "interwatt write 'bacnet://192.0.2.20?device=1234' ao1 55 --priority 10");
  }
  const auto object = bacnet::parse_object_id(write.arguments[0]);
  if (!object) return fail(object.error());
  Wish wish{.property = {.object = *object}, .value = write.arguments.back(), .yes = write.yes};
  if (write.arguments.size() == 3) {
    const auto property = bacnet::parse_property(write.arguments[1]);
    if (!property) return fail(property.error());
    wish.property.property = *property;
  }
  if (write.priority) {
    if (*write.priority < 3 || *write.priority > 16 || *write.priority == bacnet::minimum_on_off_priority) {
      return fail(ErrorKind::invalid_argument,
                  fmt::format("nothing is written at priority {}", *write.priority),
                  "1 and 2 belong to life safety, 6 to minimum on and off times: take another from 3 to 16");
    }
    wish.priority = static_cast<std::uint8_t>(*write.priority);
  }
  return wish;
}

}  // namespace

bool is_bacnet(std::string_view url) { return url == "bacnet" || url.starts_with("bacnet://"); }

int scan_bacnet(const TargetOptions& options, const std::string& instances, Console& console) {
  const auto wanted = parse_wanted(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  const auto range = parse_instances(instances);
  if (!range) return give_up(console, options.json, range.error(), 2);
  return run_with_link(
      *wanted,
      [&](BacnetLink& link) {
        return wanted->url.instance ? scan_objects(link, *wanted, console)
                                    : scan_devices(link, *wanted, *range, console);
      },
      console);
}

int try_bacnet(const TargetOptions& options, Console& console) {
  const auto wanted = parse_wanted(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  if (!wanted->url.instance && !wanted->url.address()) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "which device?",
                    "give its address or its instance: bacnet://192.0.2.20?device=1234"},
                   2);
  }
  return run_with_link(
      *wanted, [&](BacnetLink& link) { return try_device(link, *wanted, console); }, console);
}

int read_bacnet(const TargetOptions& options, const std::string& object, const std::string& property,
                Console& console) {
  const auto wanted = parse_device(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  const auto id = bacnet::parse_object_id(object);
  if (!id) return give_up(console, options.json, id.error(), 2);
  std::vector<bacnet::ObjectPropertyReference> asked;
  if (property.empty()) {
    for (const PropertyId each : usual_properties)
      asked.push_back({.object = *id, .property = {each}});
  } else {
    const auto parsed = bacnet::parse_property(property);
    if (!parsed) return give_up(console, options.json, parsed.error(), 2);
    asked.push_back({.object = *id, .property = *parsed});
  }
  return run_with_link(
      *wanted, [&](BacnetLink& link) { return read_object(link, *wanted, asked, console); }, console);
}

int write_bacnet(const TargetOptions& options, const BacnetWrite& write, Console& console) {
  const auto wanted = parse_device(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  const auto wish = parse_wish(write);
  if (!wish) return give_up(console, options.json, wish.error(), 2);
  if (!write.yes && (options.json || !can_ask())) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "a write must be confirmed, and there is no terminal to ask",
                    "add --yes when you are sure"},
                   2);
  }
  return run_with_link(
      *wanted, [&](BacnetLink& link) { return write_property(link, *wanted, *wish, console); }, console);
}

}  // namespace iw::gateway
