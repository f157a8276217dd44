#include "commissioning/bacnet_browse.hpp"

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "commissioning/arguments.hpp"
#include "commissioning/bacnet_words.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/discovery_client.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::commissioning {
namespace {

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

BrowsedObject object_of(ObjectId id, const ReadValue* row) {
  return {.id = id,
          .name = text_of(row[0]),
          .value = text_of(row[1]),
          .units = text_of(row[2]),
          .state = flags_of(row[3]),
          .description = text_of(row[4])};
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

}  // namespace

io::Task<Result<BrowsedObjects>> browse_objects(BacnetLink& link, bacnet::DeviceUrl url,
                                                BrowseSettings settings) {
  std::optional<bacnet::ObjectType> type;
  if (!settings.type.empty()) {
    const auto id = bacnet::parse_object_id(settings.type + ":0");
    if (!id) co_return fail(id.error());
    type = id->type;
  }
  const auto binding = co_await link.find(url);
  if (!binding) co_return fail(binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  auto ids = co_await bacnet::read_object_list(device, *url.instance);
  if (!ids) co_return fail(std::move(ids).error());
  BrowsedObjects found{.objects = {}, .all = ids->size()};
  if (type) std::erase_if(*ids, [&](ObjectId id) { return id.type != *type; });
  std::ranges::sort(*ids);
  constexpr std::size_t at_once = 100;  // objects between two signs of life
  for (std::size_t begin = 0; begin < ids->size(); begin += at_once) {
    if (settings.stopped && settings.stopped()) break;
    settings.progress(begin, ids->size());
    const std::size_t end = std::min(ids->size(), begin + at_once);
    std::vector<bacnet::ObjectPropertyReference> asked;
    for (std::size_t i = begin; i < end; ++i) {
      for (const PropertyId property : columns)
        asked.push_back({.object = (*ids)[i], .property = {property}});
    }
    const auto values = co_await device.read(std::move(asked));
    if (!values) co_return fail(values.error());
    for (std::size_t i = begin; i < end; ++i) {
      BrowsedObject object = object_of((*ids)[i], values->data() + (i - begin) * columns.size());
      if (contains_any_case(object.name, settings.match)) found.objects.push_back(std::move(object));
    }
  }
  co_return found;
}

io::Task<Result<std::vector<BrowsedProperty>>> browse_properties(BacnetLink& link, bacnet::DeviceUrl url,
                                                                 ObjectId object) {
  const auto binding = co_await link.find(url);
  if (!binding) co_return fail(binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  const auto properties = co_await properties_of(device, object);
  std::vector<bacnet::ObjectPropertyReference> asked;
  for (const PropertyId property : properties)
    asked.push_back({.object = object, .property = {property}});
  const auto values = co_await device.read(std::move(asked));
  if (!values) co_return fail(values.error());
  std::vector<BrowsedProperty> found;
  for (const ReadValue& value : *values) {
    if (value.ok())
      found.push_back({.name = bacnet::to_string(value.property.property), .value = all_of(value)});
  }
  if (found.empty()) {
    co_return fail(ErrorKind::not_found, fmt::format("the device has no {}", bacnet::to_string(object)),
                   "browse it without an object: that shows which it has");
  }
  co_return found;
}

nlohmann::ordered_json to_json(const BrowsedObject& object) {
  return {{"object", bacnet::to_string(object.id)},
          {"name", object.name},
          {"value", object.value},
          {"units", object.units},
          {"state", object.state},
          {"description", object.description}};
}

}  // namespace iw::commissioning
