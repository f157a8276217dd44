// Profiles of BACnet devices, whatever is in them, on objects whatever they are called: loading ends with
// findings that have words, rules give points with names of their own.
//
// Input: the name of an object in the first line, the profile behind it.
#include <set>
#include <string>

#include "fuzzing.hpp"
#include "protocols/bacnet/profile.hpp"
#include "protocols/bacnet/profile_writing.hpp"
#include "protocols/bacnet/value.hpp"

using namespace iw;
using namespace iw::bacnet;
using iw::fuzzing::require;

namespace {

void check_names(const ObjectMap& map) {
  for (const ObjectPoint& point : map.points) {
    const std::string name = model::to_string(point.point.name);
    require(model::parse_point_name(name).has_value(), "a point has a name that can be read");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::string line = input.substr(0, input.find('\n'));
  const std::string text = line.size() < input.size() ? input.substr(line.size() + 1) : std::string();
  const std::string name = CharacterString::utf8(line).text();  // as a device's name comes
  std::vector<ObjectFacts> objects;
  for (const ObjectType type : {ObjectType::analog_input, ObjectType::binary_value, ObjectType::accumulator})
    objects.push_back({.id = {type, 1}, .name = name, .units = 48});
  config::Findings findings;
  if (const auto profile = load_profile("acme/box.yaml", text, findings))
    check_names(points_by(profile->rules, objects));
  for (const config::Finding& finding : findings)
    require(!finding.message.empty(), "every finding says what it is");
  config::Findings of_proposal;
  const std::string proposal =
      profile_text({.id = "acme/box", .manufacturer = name, .model = name, .source = name}, objects);
  require(load_profile("acme/box.yaml", proposal, of_proposal).has_value(), "a proposal loads");
  return 0;
}
