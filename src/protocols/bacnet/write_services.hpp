// Services that change objects: WriteProperty (15.9), WritePropertyMultiple (15.10), AddListElement and
// RemoveListElement (15.1, 15.2), CreateObject and DeleteObject (15.3, 15.4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet {

constexpr std::uint8_t lowest_priority = 16;
// Held by minimum on and off times: nobody else may write there (19.2.3).
constexpr std::uint8_t minimum_on_off_priority = 6;

struct WriteProperty {
  ObjectId object;
  PropertyReference property = {};
  Bytes value;  // encoded; Null relinquishes
  std::optional<std::uint8_t> priority = {};

  static Decoded<WriteProperty> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// Flat, as write_read_property_multiple. They are applied in order, up to the first that fails.
void write_write_property_multiple(ParameterWriter& out, std::span<const WriteProperty> writes);

class WriteAccessReader {
 public:
  explicit WriteAccessReader(Bytes data) : in_(data) {}

  std::optional<WriteProperty> next();
  [[nodiscard]] Decoded<void> finished() { return in_.finished(); }

 private:
  ParameterReader in_;
  ObjectId object_;
  bool inside_ = false;
};

// The error data of WritePropertyMultiple: what failed first; what stood before it is written.
struct WritePropertyMultipleError {
  BacnetError error;
  ObjectPropertyReference first_failed;

  static Decoded<WritePropertyMultipleError> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// AddListElement and RemoveListElement.
struct ChangeList {
  ObjectId object;
  PropertyReference property = {};
  Bytes elements;

  static Decoded<ChangeList> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct ChangeListError {
  BacnetError error;
  std::uint32_t first_failed = 0;  // element, from 1

  static Decoded<ChangeListError> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct InitialValue {
  PropertyReference property;
  Bytes value;
  std::optional<std::uint8_t> priority = {};
};

struct CreateObject {
  std::variant<ObjectType, ObjectId> object;  // the type: the device chooses the instance
  std::vector<InitialValue> initial_values = {};

  static Decoded<CreateObject> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct CreateObjectAck {
  ObjectId object;

  static Decoded<CreateObjectAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

using CreateObjectError = ChangeListError;  // the first initial value that failed

struct DeleteObject {
  ObjectId object;

  static Decoded<DeleteObject> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

}  // namespace iw::bacnet
