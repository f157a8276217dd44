// interwatt read bacnet://...: an object, or one property.
#include <array>

#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using bacnet::PropertyId;
using bacnet::ReadValue;

constexpr std::array usual_properties{PropertyId::object_name,    PropertyId::description,
                                      PropertyId::present_value,  PropertyId::units,
                                      PropertyId::status_flags,   PropertyId::event_state,
                                      PropertyId::reliability,    PropertyId::out_of_service,
                                      PropertyId::priority_array, PropertyId::relinquish_default};

io::Task<int> read_object(BacnetLink& link, BacnetTarget wanted,
                          std::vector<bacnet::ObjectPropertyReference> asked, Console& console) {
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

}  // namespace

int read_bacnet(const TargetOptions& options, const std::string& object, const std::string& property,
                Console& console) {
  const auto wanted = parse_bacnet_device(options);
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
  return run_with_bacnet_link(
      *wanted, [&](BacnetLink& link) { return read_object(link, *wanted, asked, console); }, console);
}

}  // namespace iw::gateway
