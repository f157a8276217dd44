// Object: one object of a device of ours: its properties, kept encoded as they go over the wire, so that
// reading is finding and copying.
//
// A plain value for one thread. Where the clause of an object type asks for more than values (a priority
// array), commandable.hpp adds it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/error.hpp"
#include "protocols/bacnet/parameters.hpp"
#include "protocols/bacnet/server/commandable.hpp"

namespace iw::bacnet::server {

template <class T>
using Refusable = tl::expected<T, BacnetError>;

enum class Shape : std::uint8_t {
  single,
  array,
  list,
  log,  // read by ReadRange only
};

struct Property {
  PropertyId id{};
  Shape shape = Shape::single;
  std::vector<std::byte> value = {};     // application-tagged; elements one after the other
  std::vector<std::uint32_t> ends = {};  // of the elements of an array
  // Of what is made up when it is asked for, in place of a value.
  std::function<void(ParameterWriter&)> computed = {};
  bool writable = false;  // beside Present_Value, which is commanded
};

// What most objects say about how far they can be trusted (12.1, BACnetStatusFlags, BACnetReliability).
// Event_State is fault while the reliability is another than no-fault-detected.
struct Condition {
  std::uint32_t reliability = 0;  // no-fault-detected
  EventState event = EventState::normal;
  bool overridden = false;
  bool out_of_service = false;

  friend constexpr bool operator==(const Condition&, const Condition&) = default;
};

class Object {
 public:
  Object(ObjectId id, std::string_view name);

  [[nodiscard]] ObjectId id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // True: it was not so before.
  bool set(PropertyId property, const Value& value);
  bool set_list(PropertyId property, std::span<const Value> elements, Shape shape = Shape::array);
  bool set_encoded(PropertyId property, Bytes value, Shape shape = Shape::single);
  void compute(PropertyId property, std::function<void(ParameterWriter&)> how, Shape shape = Shape::single);
  // It is there: what is written to it goes to the plant.
  void make_writable(PropertyId property);
  // Status_Flags, Reliability, Event_State and Out_Of_Service.
  bool set_condition(const Condition& condition);

  [[nodiscard]] const Property* find(PropertyId property) const;
  [[nodiscard]] std::span<const Property> properties() const { return properties_; }
  // The value, the element or the length (index 0) that is referred to; in `scratch` if it is nowhere else.
  // A view that is good until the object changes.
  [[nodiscard]] Refusable<Bytes> read(const PropertyReference& reference, MutableBytes scratch) const;
  // Of a single value.
  [[nodiscard]] std::optional<Value> value(PropertyId property) const;

  // None: Present_Value can not be commanded.
  [[nodiscard]] const std::optional<Commandable>& commandable() const { return commandable_; }
  void make_commandable(const Commandable& commandable);
  // A slot of the priority array, 1 to 16; none relinquishes. True: Present_Value is another.
  bool command(std::uint8_t priority, std::optional<Value> value);
  void set_relinquish_default(const Value& value);
  // Present_Value does not follow the priority array, because something local decides (Status_Flags:
  // overridden); none: it follows again. True: Present_Value is another.
  bool override_with(std::optional<Value> value);

  // Property_List (12.1.1.4.1), after all others are there.
  void list_properties();

 private:
  Property& place(PropertyId property, Shape shape);
  bool show_commanded();

  ObjectId id_;
  std::string name_;
  std::vector<Property> properties_;
  std::optional<Commandable> commandable_;
  std::optional<Value> overriding_;
};

}  // namespace iw::bacnet::server
