#include "protocols/bacnet/server/served_object.hpp"

#include <algorithm>
#include <array>

namespace iw::bacnet::server {
namespace {

// Properties that Property_List leaves out.
constexpr std::array unlisted{PropertyId::object_identifier, PropertyId::object_name, PropertyId::object_type,
                              PropertyId::property_list};

BacnetError property_error(ErrorCode code) { return {ErrorClass::property, code}; }

}  // namespace

Object::Object(ObjectId id, std::string_view name) : id_(id), name_(name) {
  set(PropertyId::object_identifier, id);
  set(PropertyId::object_name, CharacterString::utf8(name_));
  set(PropertyId::object_type, Enumerated{static_cast<std::uint32_t>(id.type)});
}

Property& Object::place(PropertyId property, Shape shape) {
  const auto found = std::ranges::find(properties_, property, &Property::id);
  Property& place = found != properties_.end()
                        ? *found
                        : properties_.emplace_back(Property{.id = property, .shape = shape});
  place.shape = shape;
  return place;
}

const Property* Object::find(PropertyId property) const {
  const auto found = std::ranges::find(properties_, property, &Property::id);
  return found != properties_.end() ? &*found : nullptr;
}

bool Object::set(PropertyId property, const Value& value) {
  std::array<std::byte, 64> buffer;
  ParameterWriter out(buffer);
  out.application(value);
  if (out.ok()) return set_encoded(property, out.written());
  return set_encoded(property, encoded(value));  // a long text
}

bool Object::set_list(PropertyId property, std::span<const Value> elements, Shape shape) {
  std::vector<std::byte> all;
  for (const Value& element : elements) {
    const auto one = encoded(element);
    all.insert(all.end(), one.begin(), one.end());
  }
  return set_encoded(property, all, shape);
}

bool Object::set_encoded(PropertyId property, Bytes value, Shape shape) {
  Property& place = this->place(property, shape);
  place.computed = nullptr;
  if (!place.value.empty() && std::ranges::equal(place.value, value)) return false;
  place.value.assign(value.begin(), value.end());
  place.ends.clear();
  ParameterReader in(place.value);
  while (shape == Shape::array && in.more()) {
    in.element();
    place.ends.push_back(static_cast<std::uint32_t>(place.value.size() - in.remaining()));
  }
  return true;
}

void Object::compute(PropertyId property, std::function<void(ParameterWriter&)> how, Shape shape) {
  place(property, shape).computed = std::move(how);
}

void Object::make_writable(PropertyId property) {
  std::ranges::find(properties_, property, &Property::id)->writable = true;
}

bool Object::set_condition(const Condition& condition) {
  const bool fault = condition.reliability != 0;
  const EventState state = fault ? EventState::fault : condition.event;
  const unsigned flags = (state != EventState::normal ? 0x80U : 0U) | (fault ? 0x40U : 0U) |
                         (condition.overridden ? 0x20U : 0U) | (condition.out_of_service ? 0x10U : 0U);
  const std::array octet{static_cast<std::byte>(flags)};
  const bool changed = set(PropertyId::status_flags, BitString{.bytes = octet, .unused = 4});
  set(PropertyId::event_state, Enumerated{static_cast<std::uint32_t>(state)});
  set(PropertyId::out_of_service, condition.out_of_service);
  return set(PropertyId::reliability, Enumerated{condition.reliability}) || changed;
}

Refusable<Bytes> Object::read(const PropertyReference& reference, MutableBytes scratch) const {
  const Property* property = find(reference.property);
  if (property == nullptr) return tl::unexpected(property_error(ErrorCode::unknown_property));
  if (property->shape == Shape::log) return tl::unexpected(property_error(ErrorCode::read_access_denied));
  ParameterWriter out(scratch);
  if (reference.index) {
    if (property->shape != Shape::array)
      return tl::unexpected(property_error(ErrorCode::property_is_not_an_array));
    const std::uint32_t index = *reference.index;
    if (index == 0) {
      out.application(Unsigned{property->ends.size()});
      return out.written();
    }
    if (index > property->ends.size()) return tl::unexpected(property_error(ErrorCode::invalid_array_index));
    const std::size_t begin = index == 1 ? 0 : property->ends[index - 2];
    return Bytes(property->value).subspan(begin, property->ends[index - 1] - begin);
  }
  if (!property->computed) return property->value;
  property->computed(out);
  return out.written();
}

std::optional<Value> Object::value(PropertyId property) const {
  const Property* found = find(property);
  if (found == nullptr || found->shape != Shape::single || found->computed) return std::nullopt;
  ParameterReader in(found->value);
  const Value value = in.value();
  return in.finished() ? std::optional(value) : std::nullopt;
}

// ---- Commands

void Object::make_commandable(const Commandable& commandable) {
  commandable_ = commandable;
  show_commanded();
}

bool Object::command(std::uint8_t priority, std::optional<Value> value) {
  commandable_->set(priority, value);
  return show_commanded();
}

void Object::set_relinquish_default(const Value& value) {
  commandable_->set_relinquish_default(value);
  show_commanded();
}

bool Object::override_with(std::optional<Value> value) {
  overriding_ = value;
  return show_commanded();
}

bool Object::show_commanded() {
  std::array<Value, priorities> slots;
  for (std::uint8_t priority = 1; priority <= priorities; ++priority)
    slots[priority - 1U] = commandable_->slot(priority).value_or(Null{});
  set_list(PropertyId::priority_array, slots);
  set(PropertyId::relinquish_default, commandable_->relinquish_default());
  const auto current = commandable_->current();
  set(PropertyId::current_command_priority, current ? Value(Unsigned{*current}) : Value(Null{}));
  return set(PropertyId::present_value, overriding_.value_or(commandable_->present()));
}

void Object::list_properties() {
  std::vector<Value> ids;
  for (const Property& property : properties_) {
    if (std::ranges::find(unlisted, property.id) == unlisted.end())
      ids.emplace_back(Enumerated{static_cast<std::uint32_t>(property.id)});
  }
  set_list(PropertyId::property_list, ids);
}

}  // namespace iw::bacnet::server
