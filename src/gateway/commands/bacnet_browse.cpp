// interwatt bacnet browse: what a device consists of.
#include "commissioning/bacnet_browse.hpp"

#include "gateway/commands/bacnet_services.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using bacnet::ObjectId;

io::Task<int> show_objects(BacnetLink& link, BacnetTarget target, BacnetBrowse browse, Console& console) {
  console.progress("object-list ...");
  const auto found = co_await browse_objects(
      link, target.url,
      {.type = browse.type, .match = browse.match, .progress = [&console](std::size_t done, std::size_t of) {
         console.progress(fmt::format("{} of {} objects ...", done, of));
       }});
  console.end_progress();
  if (!found) co_return give_up(console, target.json, found.error());
  Json report = Json::array();
  TextTable table(
      {{"object"}, {"name"}, {"value", TextTable::Align::right}, {"units"}, {"state"}, {"description"}});
  for (const BrowsedObject& object : found->objects) {
    table.add({bacnet::to_string(object.id), object.name, object.value, object.units,
               object.state.empty() ? "" : console.styled(Style::warn, object.state), object.description});
    report.push_back(commissioning::to_json(object));
  }
  if (target.json) {
    print(console, report);
  } else {
    console.out(table.to_string(console));
    console.note(fmt::format("{} of {} objects; with the name of one, as ai7, all its properties",
                             report.size(), found->all));
  }
  co_return report.empty() ? 1 : 0;
}

io::Task<int> show_properties(BacnetLink& link, BacnetTarget target, ObjectId object, Console& console) {
  console.progress("properties ...");
  const auto found = co_await browse_properties(link, target.url, object);
  console.end_progress();
  if (!found) co_return give_up(console, target.json, found.error());
  Json report = Json::object();
  TextTable table({{"property"}, {"value"}});
  for (const BrowsedProperty& property : *found) {
    report[property.name] = property.value;
    table.add({property.name, property.value});
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
  if (!browse.type.empty()) {
    const auto type = bacnet::parse_object_id(browse.type + ":0");
    if (!type) return give_up(console, options.json, type.error(), 2);
  }
  return run_with_bacnet_link(
      *target,
      [&](BacnetLink& link) {
        return browse.object.empty() ? show_objects(link, *target, browse, console)
                                     : show_properties(link, *target, *object, console);
      },
      console);
}

}  // namespace iw::gateway
