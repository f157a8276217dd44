// Change of value (13.1, 13.14, 13.15, 13.16, 13.17): subscriptions and notifications.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet {

// Confirmed and lifetime both absent: the subscription is cancelled.
struct SubscribeCov {
  std::uint32_t process = 0;  // the subscriber's, comes back in notifications
  ObjectId object;
  std::optional<bool> confirmed = {};
  std::optional<std::uint32_t> lifetime = {};  // seconds; 0 is for ever

  [[nodiscard]] bool cancels() const { return !confirmed && !lifetime; }
  static Decoded<SubscribeCov> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct SubscribeCovProperty {
  SubscribeCov subscription;
  PropertyReference property = {};
  std::optional<float> increment = {};

  static Decoded<SubscribeCovProperty> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct CovReference {
  PropertyReference property = {};
  std::optional<float> increment = {};
  bool timestamped = false;
};

struct CovSpecification {
  ObjectId object;
  std::vector<CovReference> properties;
};

struct SubscribeCovPropertyMultiple {
  std::uint32_t process = 0;
  std::optional<bool> confirmed = {};
  std::optional<std::uint32_t> lifetime = {};
  std::optional<std::uint32_t> max_notification_delay = {};  // seconds
  std::vector<CovSpecification> specifications;

  static Decoded<SubscribeCovPropertyMultiple> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// Confirmed and unconfirmed.
struct CovNotification {
  std::uint32_t process = 0;
  ObjectId device;
  ObjectId object;
  std::uint32_t time_remaining = 0;  // seconds
  Bytes values;                      // a list for PropertyValueReader

  static Decoded<CovNotification> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct PropertyValue {
  PropertyReference property = {};
  Bytes value;
  std::optional<std::uint8_t> priority = {};
};

class PropertyValueReader {
 public:
  explicit PropertyValueReader(Bytes values) : in_(values) {}

  std::optional<PropertyValue> next();
  [[nodiscard]] Decoded<void> finished() { return in_.finished(); }

 private:
  ParameterReader in_;
};

void write_property_value(ParameterWriter& out, const PropertyValue& value);

struct TimedPropertyValue {
  PropertyReference property = {};
  Bytes value;
  std::optional<Time> time_of_change = {};
};

struct CovObjectValues {
  ObjectId object;
  std::vector<TimedPropertyValue> values;
};

struct CovNotificationMultiple {
  std::uint32_t process = 0;
  ObjectId device;
  std::uint32_t time_remaining = 0;
  DateTime timestamp;
  std::vector<CovObjectValues> objects;

  static Decoded<CovNotificationMultiple> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

}  // namespace iw::bacnet
