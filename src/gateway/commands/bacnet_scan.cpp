// interwatt scan bacnet://...: devices, and the objects of one.
#include <algorithm>

#include "commissioning/arguments.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/profile_writing.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using bacnet::PropertyId;
using bacnet::ReadValue;

constexpr Duration time_for_i_am = 3s;

io::Task<int> scan_devices(BacnetLink& link, BacnetTarget wanted, std::optional<bacnet::InstanceRange> range,
                           Console& console) {
  console.progress("Who-Is ...");
  co_await link.look_around(wanted.url.host, range, std::max(wanted.timeout, time_for_i_am));
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

struct ObjectScan {
  BacnetRules rules;
  std::string save_profile;
  io::Files* files = nullptr;
};

// A proposal for a person to correct.
Result<void> save_profile(const ObjectScan& scan, const model::DeviceIdentity& identity,
                          std::uint32_t instance, const std::vector<bacnet::ObjectFacts>& facts) {
  const std::string& path = scan.save_profile;
  if (scan.files->read(path)) {
    return fail(ErrorKind::denied, fmt::format("{} is there already; nothing was written", path),
                "name another file");
  }
  const bacnet::ProfileHead head{.id = bacnet::profile_id_of(identity.manufacturer, identity.model),
                                 .manufacturer = identity.manufacturer,
                                 .model = identity.model,
                                 .source = fmt::format("the objects of device {}", instance)};
  return scan.files->replace(path, bacnet::profile_text(head, facts));
}

io::Task<int> scan_objects(BacnetLink& link, BacnetTarget wanted, ObjectScan scan, Console& console) {
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
  const bacnet::ObjectMap map = scan.rules ? bacnet::points_by(*scan.rules, *facts) : bacnet::propose(*facts);
  std::vector<bacnet::ObjectPropertyReference> asked;
  for (const bacnet::ObjectPoint& point : map.points)
    asked.push_back({.object = point.object, .property = point.property});
  const auto values = co_await device.read(std::move(asked));
  if (!values) co_return give_up(console, wanted.json, values.error());
  if (!scan.save_profile.empty()) {
    const auto identity = co_await bacnet::read_identity(device, *wanted.url.instance);
    const auto saved =
        save_profile(scan, identity.value_or(model::DeviceIdentity{}), *wanted.url.instance, *facts);
    if (!saved) co_return give_up(console, wanted.json, saved.error());
  }
  console.end_progress();

  Json report = Json::array();
  TextTable table({{"object"}, {"name"}, {"value", TextTable::Align::right}, {"units"}, {"point"}});
  for (std::size_t i = 0; i < map.points.size(); ++i) {
    const bacnet::ObjectPoint& point = map.points[i];
    const bacnet::ObjectFacts& fact = *std::ranges::find(*facts, point.object, &bacnet::ObjectFacts::id);
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
    for (const std::string& warning : map.warnings)
      console.note(warning);
    console.note(fmt::format("{} of {} objects have values", map.points.size(), objects->size()));
    if (!scan.save_profile.empty())
      console.note(fmt::format("{} holds them as a profile: correct it, then name it with profile:",
                               scan.save_profile));
  }
  co_return map.points.empty() ? 1 : 0;
}

}  // namespace

int scan_bacnet(const TargetOptions& options, const BacnetScan& scan, Console& console) {
  const auto wanted = parse_bacnet_target(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  const auto range = parse_instances(scan.instances);
  if (!range) return give_up(console, options.json, Error(range.error()).in("--instances"), 2);
  if (!wanted->url.instance && !(scan.profile.empty() && scan.save_profile.empty())) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "a profile is about one device",
                    "name it: interwatt scan 'bacnet://192.0.2.20?device=1234' --save-profile ahu.yaml"},
                   2);
  }
  return run_tool([&](io::Network& network, io::Files& files) -> io::Task<int> {
    const auto rules = choose_bacnet_rules(files, scan.profile);
    if (!rules) return refused(console, options.json, rules.error());
    return with_bacnet_link(
        network, *wanted,
        [&, rules = *rules](BacnetLink& link) {
          return wanted->url.instance
                     ? scan_objects(link, *wanted,
                                    {.rules = rules, .save_profile = scan.save_profile, .files = &files},
                                    console)
                     : scan_devices(link, *wanted, *range, console);
        },
        console);
  });
}

}  // namespace iw::gateway
