// interwatt bacnet browse: what a device consists of.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "commissioning/arguments.hpp"
#include "gateway/commands/bacnet_services.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/report.hpp"
#include "protocols/bacnet/discovery_client.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using bacnet::ObjectId;
using bacnet::PropertyId;
using bacnet::ReadValue;

// What is shown of each object.
constexpr std::array columns{PropertyId::object_name, PropertyId::present_value, PropertyId::units,
                             PropertyId::status_flags, PropertyId::description};

// "in-alarm, fault" of the four bits.
std::string flags_of(const ReadValue& value) {
  constexpr std::array<std::string_view, 4> words{"in alarm", "fault", "overridden", "out of service"};
  const auto first = value.first();
  const auto* flags = first ? std::get_if<bacnet::BitString>(&*first) : nullptr;
  std::string text;
  for (std::size_t i = 0; flags != nullptr && i < words.size(); ++i) {
    if (flags->at(i)) text += fmt::format("{}{}", text.empty() ? "" : ", ", words[i]);
  }
  return text;
}

std::string text_of(const ReadValue& value) {
  if (!value.ok()) return {};
  return in_words(value.property.property.property, value);
}

// Opens what is constructed as hex, so that nothing is lost.
std::string all_of(const ReadValue& value) {
  std::string text = in_words(value.property.property.property, value);
  const bool unreadable = text.empty() && !value.value.empty() && !value.first();
  if (text.contains("{...}") || unreadable) text = to_hex(value.value);
  return text;
}

io::Task<int> browse_objects(BacnetLink& link, BacnetTarget target, BacnetBrowse browse, Console& console) {
  console.progress("object-list ...");
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  auto objects = co_await bacnet::read_object_list(device, *target.url.instance);
  if (!objects) co_return give_up(console, target.json, objects.error());
  const std::size_t all = objects->size();
  if (!browse.type.empty()) {
    const auto id = bacnet::parse_object_id(browse.type + ":0");
    if (!id) co_return give_up(console, target.json, id.error(), 2);
    std::erase_if(*objects, [&](ObjectId object) { return object.type != id->type; });
  }
  std::ranges::sort(*objects);
  Json report = Json::array();
  TextTable table(
      {{"object"}, {"name"}, {"value", TextTable::Align::right}, {"units"}, {"state"}, {"description"}});
  constexpr std::size_t at_once = 100;  // objects between two signs of life
  for (std::size_t begin = 0; begin < objects->size(); begin += at_once) {
    console.progress(fmt::format("{} of {} objects ...", begin, objects->size()));
    const std::size_t end = std::min(objects->size(), begin + at_once);
    std::vector<bacnet::ObjectPropertyReference> asked;
    for (std::size_t i = begin; i < end; ++i) {
      for (const PropertyId property : columns)
        asked.push_back({.object = (*objects)[i], .property = {property}});
    }
    const auto values = co_await device.read(std::move(asked));
    if (!values) co_return give_up(console, target.json, values.error());
    for (std::size_t i = begin; i < end; ++i) {
      const ReadValue* row = values->data() + (i - begin) * columns.size();
      const std::string name = text_of(row[0]);
      if (!contains_any_case(name, browse.match)) continue;
      const std::string id = bacnet::to_string((*objects)[i]);
      const std::string value = text_of(row[1]);
      const std::string units = text_of(row[2]);
      const std::string state = flags_of(row[3]);
      table.add({id, name, value, units, state.empty() ? state : console.styled(Style::warn, state),
                 text_of(row[4])});
      report.push_back({{"object", id},
                        {"name", name},
                        {"value", value},
                        {"units", units},
                        {"state", state},
                        {"description", text_of(row[4])}});
    }
  }
  console.end_progress();
  if (target.json) {
    print(console, report);
  } else {
    console.out(table.to_string(console));
    console.note(fmt::format("{} of {} objects; with the name of one, as ai7, all its properties",
                             report.size(), all));
  }
  co_return report.empty() ? 1 : 0;
}

// What the object says that it has (property-list, since revision 14), else what is usual.
io::Task<std::vector<PropertyId>> properties_of(bacnet::PropertyClient& device, ObjectId object) {
  std::vector<PropertyId> properties;
  const auto list = co_await device.read({.object = object, .property = {PropertyId::property_list}});
  if (list) {
    bacnet::ParameterReader in(*list);
    while (in.more()) {
      const auto property = in.application<bacnet::Enumerated>();
      if (in.ok()) properties.push_back(static_cast<PropertyId>(property.value));
    }
  }
  if (!properties.empty()) {
    // The list leaves out these three (12.1.1.4.1).
    properties.insert(properties.begin(),
                      {PropertyId::object_identifier, PropertyId::object_name, PropertyId::object_type});
    co_return properties;
  }
  for (const bacnet::Name& each : bacnet::property_names()) {
    const auto property = static_cast<PropertyId>(each.number);
    if (property != PropertyId::all && property != PropertyId::required && property != PropertyId::optional)
      properties.push_back(property);
  }
  co_return properties;
}

io::Task<int> browse_properties(BacnetLink& link, BacnetTarget target, ObjectId object, Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  console.progress("properties ...");
  const auto properties = co_await properties_of(device, object);
  std::vector<bacnet::ObjectPropertyReference> asked;
  for (const PropertyId property : properties)
    asked.push_back({.object = object, .property = {property}});
  const auto values = co_await device.read(std::move(asked));
  console.end_progress();
  if (!values) co_return give_up(console, target.json, values.error());
  Json report = Json::object();
  TextTable table({{"property"}, {"value"}});
  for (const ReadValue& value : *values) {
    if (!value.ok()) continue;
    const std::string name = bacnet::to_string(value.property.property);
    report[name] = all_of(value);
    table.add({name, all_of(value)});
  }
  if (report.empty()) {
    co_return give_up(console, target.json,
                      {ErrorKind::not_found, fmt::format("the device has no {}", bacnet::to_string(object)),
                       "interwatt bacnet browse without an object shows which it has"});
  }
  if (target.json) {
    print(console, report);
  } else {
    console.out(table.to_string(console));
  }
  co_return 0;
}

}  // namespace

int browse_bacnet(const TargetOptions& options, const BacnetBrowse& browse, Console& console) {
  const auto target = parse_bacnet_device(options);
  if (!target) return give_up(console, options.json, target.error(), 2);
  const auto object =
      browse.object.empty() ? Result<ObjectId>(ObjectId{}) : bacnet::parse_object_id(browse.object);
  if (!object) return give_up(console, options.json, object.error(), 2);
  return run_with_bacnet_link(
      *target,
      [&](BacnetLink& link) {
        return browse.object.empty() ? browse_objects(link, *target, browse, console)
                                     : browse_properties(link, *target, *object, console);
      },
      console);
}

}  // namespace iw::gateway
