#include "protocols/bacnet/discovery_client.hpp"

#include <algorithm>
#include <map>

#include "protocols/bacnet/accumulator.hpp"

namespace iw::bacnet {
namespace {

// Of a device that did not say what it takes: every network carries this.
constexpr PeerLimits cautious{.max_apdu = 480, .receives_segments = false};

// BACnetServicesSupported (clause 21).
constexpr std::size_t bit_write_property_multiple = 16;
constexpr std::size_t bit_time_synchronization = 32;
constexpr std::size_t bit_utc_time_synchronization = 36;
constexpr std::size_t bit_get_event_information = 39;

std::string text_of(const ReadValue& value) {
  const auto first = value.first();
  const auto* text = first ? std::get_if<CharacterString>(&*first) : nullptr;
  return text != nullptr ? text->text() : std::string();
}

std::optional<double> number_of(const ReadValue& value) {
  const auto first = value.first();
  return first ? number(*first) : std::nullopt;
}

bool is_binary(ObjectType type) {
  return type == ObjectType::binary_input || type == ObjectType::binary_output ||
         type == ObjectType::binary_value;
}

bool is_multi_state(ObjectType type) {
  return type == ObjectType::multi_state_input || type == ObjectType::multi_state_output ||
         type == ObjectType::multi_state_value;
}

bool may_be_commandable(ObjectType type) {
  return type != ObjectType::analog_input && type != ObjectType::binary_input &&
         type != ObjectType::multi_state_input && type != ObjectType::accumulator &&
         type != ObjectType::pulse_converter;
}

// What is asked of an object, by its type.
void add_questions(ObjectId object, std::vector<ObjectPropertyReference>& out) {
  const auto add = [&](PropertyId property, std::optional<std::uint32_t> index = {}) {
    out.push_back({.object = object, .property = {.property = property, .index = index}});
  };
  add(PropertyId::object_name);
  add(PropertyId::description);
  if (is_binary(object.type)) {
    add(PropertyId::inactive_text);
    add(PropertyId::active_text);
  } else if (is_multi_state(object.type)) {
    add(PropertyId::state_text);
  } else if (object.type != ObjectType::characterstring_value) {
    add(PropertyId::units);
  }
  if (object.type == ObjectType::accumulator) {
    add(PropertyId::scale);
    add(PropertyId::prescale);
  }
  if (may_be_commandable(object.type)) {
    // Element 0 is the length: an object has a priority array if it answers.
    add(PropertyId::priority_array, 0);
    if (!is_binary(object.type) && !is_multi_state(object.type)) {
      add(PropertyId::min_pres_value);
      add(PropertyId::max_pres_value);
    }
  }
}

std::vector<std::string> texts_of(const ReadValue& value) {
  std::vector<std::string> texts;
  if (!value.ok()) return texts;
  ParameterReader in(value.value);
  while (in.more()) {
    const auto text = in.application<CharacterString>();
    if (in.ok()) texts.push_back(text.text());
  }
  return texts;
}

void take(const ReadValue& value, ObjectFacts& facts) {
  if (!value.ok()) return;
  switch (value.property.property.property) {
    case PropertyId::object_name: facts.name = text_of(value); return;
    case PropertyId::description: facts.description = text_of(value); return;
    case PropertyId::inactive_text:
    case PropertyId::active_text: facts.state_texts.push_back(text_of(value)); return;
    case PropertyId::state_text: facts.state_texts = texts_of(value); return;
    case PropertyId::units:
      if (const auto units = number_of(value)) facts.units = static_cast<std::uint32_t>(*units);
      return;
    case PropertyId::scale: facts.scale = decode_scale(value.value); return;
    case PropertyId::prescale: facts.prescale = decode_prescale(value.value); return;
    case PropertyId::priority_array: facts.commandable = number_of(value) == 16; return;
    case PropertyId::min_pres_value: facts.minimum = number_of(value); return;
    case PropertyId::max_pres_value: facts.maximum = number_of(value); return;
    default: return;
  }
}

}  // namespace

io::Task<Result<std::uint32_t>> instance_at(Client& client, Address address) {
  PropertyClient device(client, {.address = address, .limits = cautious});
  auto value = co_await device.read(
      {.object = device_object(wildcard_instance), .property = {PropertyId::object_identifier}});
  if (!value) co_return fail(std::move(value).error());
  ParameterReader in(*value);
  const auto id = in.application<ObjectId>();
  if (!in.ok() || id.type != ObjectType::device)
    co_return fail(ErrorKind::malformed, "the device does not say which one it is");
  co_return id.instance;
}

io::Task<Result<PeerLimits>> confirm_device(Client& client, Address address, std::uint32_t instance) {
  PropertyClient device(client, {.address = address, .limits = cautious});
  const ObjectId object = device_object(instance);
  auto max_apdu =
      co_await device.read({.object = object, .property = {PropertyId::max_apdu_length_accepted}});
  if (!max_apdu) {
    Error error = std::move(max_apdu).error();
    if (error.kind != ErrorKind::not_found) co_return fail(std::move(error));
    // Not every device takes the wildcard.
    const auto other = co_await instance_at(client, address);
    co_return fail(ErrorKind::not_found,
                   fmt::format("device {} is not at {}{}", instance, to_string(address),
                               other ? fmt::format(": there is device {}", *other) : std::string()),
                   "correct the device instance, or the address");
  }
  const auto segmentation =
      co_await device.read({.object = object, .property = {PropertyId::segmentation_supported}});
  const auto number_in = [](const std::vector<std::byte>& bytes) {
    ParameterReader in(bytes);
    const Value value = in.value();
    return in.ok() ? number(value).value_or(0) : 0;
  };
  const double kind = segmentation ? number_in(*segmentation) : static_cast<double>(Segmentation::none);
  co_return PeerLimits{
      .max_apdu = static_cast<std::uint16_t>(std::clamp<double>(number_in(*max_apdu), min_apdu, max_apdu_ip)),
      .receives_segments = kind == static_cast<double>(Segmentation::both) ||
                           kind == static_cast<double>(Segmentation::receive)};
}

io::Task<Result<model::DeviceIdentity>> read_identity(PropertyClient& device, std::uint32_t instance) {
  const ObjectId object = device_object(instance);
  std::vector<ObjectPropertyReference> asked;
  for (const PropertyId property :
       {PropertyId::vendor_name, PropertyId::model_name, PropertyId::firmware_revision})
    asked.push_back({.object = object, .property = {property}});
  auto values = co_await device.read(std::move(asked));
  if (!values) co_return fail(std::move(values).error());
  co_return model::DeviceIdentity{.manufacturer = text_of((*values)[0]),
                                  .model = text_of((*values)[1]),
                                  .version = text_of((*values)[2])};
}

io::Task<Abilities> read_abilities(PropertyClient& device, std::uint32_t instance) {
  Abilities abilities;
  std::vector<ObjectPropertyReference> asked;
  for (const PropertyId property :
       {PropertyId::protocol_services_supported, PropertyId::utc_offset, PropertyId::daylight_savings_status})
    asked.push_back({.object = device_object(instance), .property = {property}});
  const auto values = co_await device.read(std::move(asked));
  if (!values) co_return abilities;
  const auto services = (*values)[0].first();
  if (const auto* bits = services ? std::get_if<BitString>(&*services) : nullptr) {
    abilities.known = true;
    abilities.write_multiple = bits->at(bit_write_property_multiple);
    abilities.local_time = bits->at(bit_time_synchronization);
    abilities.utc_time = bits->at(bit_utc_time_synchronization);
    abilities.event_information = bits->at(bit_get_event_information);
  }
  // UTC_Offset is minutes to be added to local standard time (12.11.24).
  if (const auto offset = number_of((*values)[1]); offset && std::abs(*offset) <= 900) {
    const bool summer = number_of((*values)[2]).value_or(0) != 0;
    abilities.local_offset =
        -std::chrono::minutes(static_cast<int>(*offset)) + (summer ? Duration(1h) : Duration{});
  }
  co_return abilities;
}

io::Task<std::optional<DateTime>> read_clock(PropertyClient& device, std::uint32_t instance) {
  std::vector<ObjectPropertyReference> asked;
  for (const PropertyId property : {PropertyId::local_date, PropertyId::local_time})
    asked.push_back({.object = device_object(instance), .property = {property}});
  const auto values = co_await device.read(std::move(asked));
  if (!values) co_return std::nullopt;
  const auto date = (*values)[0].first();
  const auto time = (*values)[1].first();
  const auto* day = date ? std::get_if<Date>(&*date) : nullptr;
  const auto* of_day = time ? std::get_if<Time>(&*time) : nullptr;
  if (day == nullptr || of_day == nullptr) co_return std::nullopt;
  co_return DateTime{.date = *day, .time = *of_day};
}

io::Task<Result<std::vector<ObjectId>>> read_object_list(PropertyClient& device, std::uint32_t instance) {
  const ObjectPropertyReference list{.object = device_object(instance),
                                     .property = {PropertyId::object_list}};
  std::vector<ObjectId> objects;
  auto whole = co_await device.read(list);
  if (whole) {
    ParameterReader in(*whole);
    while (in.more()) {
      const auto id = in.application<ObjectId>();
      if (in.ok()) objects.push_back(id);
    }
    co_return objects;
  }
  if (whole.error().kind == ErrorKind::cancelled) co_return fail(std::move(whole).error());

  ObjectPropertyReference element = list;
  element.property.index = 0;
  auto length = co_await device.read(element);
  if (!length) co_return fail(std::move(length).error());
  ParameterReader in(*length);
  const std::uint32_t count = in.application_u32();
  if (!in.ok()) co_return fail(ErrorKind::malformed, "the length of the object-list is no number");
  std::vector<ObjectPropertyReference> elements;
  for (std::uint32_t i = 1; i <= std::min<std::uint32_t>(count, 65'000); ++i) {
    element.property.index = i;
    elements.push_back(element);
  }
  auto values = co_await device.read(std::move(elements));
  if (!values) co_return fail(std::move(values).error());
  for (const ReadValue& value : *values) {
    const auto first = value.first();
    if (const auto* id = first ? std::get_if<ObjectId>(&*first) : nullptr) objects.push_back(*id);
  }
  co_return objects;
}

io::Task<Result<std::vector<ObjectFacts>>> read_facts(PropertyClient& device, std::vector<ObjectId> objects) {
  std::vector<ObjectPropertyReference> questions;
  std::map<ObjectId, ObjectFacts> facts;
  for (const ObjectId object : objects) {
    if (!is_measurable(object.type)) continue;
    facts[object].id = object;
    add_questions(object, questions);
  }
  auto values = co_await device.read(std::move(questions));
  if (!values) co_return fail(std::move(values).error());
  for (const ReadValue& value : *values)
    take(value, facts[value.property.object]);
  std::vector<ObjectFacts> all;
  for (const ObjectId object : objects) {
    const auto found = facts.find(object);
    if (found == facts.end()) continue;
    all.push_back(std::move(found->second));
    facts.erase(found);
  }
  co_return all;
}

io::Task<Result<ObjectMap>> discover(Client& client, Binding binding, std::uint32_t instance,
                                     DiscoveryWish wish) {
  PropertyClient device(client, binding);
  device.set_limits(binding.limits);
  std::vector<ObjectId> objects = std::move(wish.only);
  if (objects.empty() && wish.rules) objects = objects_of(*wish.rules);
  if (objects.empty()) {
    auto list = co_await read_object_list(device, instance);
    if (!list) co_return fail(std::move(list).error().in("object-list"));
    objects = std::move(*list);
  }
  auto facts = co_await read_facts(device, std::move(objects));
  if (!facts) co_return fail(std::move(facts).error());
  ObjectMap map = wish.rules ? points_by(*wish.rules, *facts) : propose(*facts);
  if (map.points.empty()) {
    co_return fail(ErrorKind::not_found,
                   wish.rules ? "no object of the device is one of the profile"
                              : "the device has no objects with values",
                   wish.rules ? "interwatt scan 'bacnet://...?device=N' shows which it has" : "");
  }
  if (auto identity = co_await read_identity(device, instance)) map.identity = std::move(*identity);
  co_return map;
}

}  // namespace iw::bacnet
