#include "protocols/bacnet/server/reading.hpp"

#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet::server {
namespace {

constexpr BacnetError unknown_object{ErrorClass::object, ErrorCode::unknown_object};

Refusable<Bytes> read(const Object* object, const PropertyReference& property, MutableBytes scratch) {
  if (object == nullptr) return tl::unexpected(unknown_object);
  return object->read(property, scratch);
}

bool stands_for_many(PropertyId property) {
  return property == PropertyId::all || property == PropertyId::required || property == PropertyId::optional;
}

bool is_meant(PropertyId group, ObjectType type, PropertyId property) {
  if (property == PropertyId::property_list) return false;  // 15.7.3.1.2: is never among them
  return group == PropertyId::all || (group == PropertyId::required) == is_required(type, property);
}

class MultipleReader {
 public:
  MultipleReader(const Device& device, MutableBytes into, MutableBytes scratch)
      : device_(device), out_(into), results_(out_), scratch_(scratch) {}

  Reply answer(Bytes request) {
    ReadAccessReader in(request);
    while (const auto wanted = in.next())
      put(*wanted);
    if (const auto end = in.finished(); !end) return end.error();
    results_.finish();
    if (!out_.ok()) return AbortReason::buffer_overflow;
    return Results{out_.written()};
  }

 private:
  void put(const ObjectPropertyReference& wanted) {
    // Neighbours are of one object.
    if (object_ == nullptr || wanted.object != asked_) {
      asked_ = wanted.object;
      object_ = device_.find(wanted.object);
    }
    if (object_ == nullptr || !stands_for_many(wanted.property.property)) return put_one(wanted.property);
    for (const Property& property : object_->properties()) {
      if (is_meant(wanted.property.property, object_->id().type, property.id))
        put_one({.property = property.id});
    }
  }

  void put_one(const PropertyReference& property) {
    const auto value = read(object_, property, scratch_);
    // The wildcard instance is answered with our own (12.11.1).
    ReadResult result{.object = object_ != nullptr ? object_->id() : asked_, .property = property};
    if (value) {
      result.value = *value;
    } else {
      result.error = value.error();
    }
    results_.put(result);
  }

  const Device& device_;
  ParameterWriter out_;
  ReadResultWriter results_;
  MutableBytes scratch_;
  ObjectId asked_;
  const Object* object_ = nullptr;
};

}  // namespace

Reply read_property(const Device& device, Bytes request, MutableBytes into, MutableBytes scratch) {
  const auto wanted = ReadProperty::decode(request);
  if (!wanted) return wanted.error();
  const Object* object = device.find(wanted->object);
  const auto value = read(object, wanted->property, scratch);
  if (!value) return value.error();
  ParameterWriter out(into);
  ReadPropertyAck{.object = object->id(), .property = wanted->property, .value = *value}.encode(out);
  if (!out.ok()) return AbortReason::buffer_overflow;
  return Results{out.written()};
}

Reply read_property_multiple(const Device& device, Bytes request, MutableBytes into, MutableBytes scratch) {
  return MultipleReader(device, into, scratch).answer(request);
}

}  // namespace iw::bacnet::server
