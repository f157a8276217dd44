#include "protocols/bacnet/cov_services.hpp"

namespace iw::bacnet {
namespace {

SubscribeCov read_subscription(ParameterReader& in) {
  SubscribeCov request{.process = in.context_u32(0), .object = in.context<ObjectId>(1)};
  request.confirmed = in.optional<bool>(2);
  request.lifetime = in.optional_u32(3);
  return request;
}

PropertyReference read_enclosed_reference(ParameterReader& in, std::uint8_t tag) {
  in.open(tag);
  const PropertyReference property = read_property_reference(in, 0, 1);
  in.close(tag);
  return property;
}

void write_enclosed_reference(ParameterWriter& out, std::uint8_t tag, const PropertyReference& property) {
  out.open(tag);
  write_property_reference(out, property, 0, 1);
  out.close(tag);
}

CovSpecification read_specification(ParameterReader& in) {
  CovSpecification specification{.object = in.context<ObjectId>(0), .properties = {}};
  in.open(1);
  while (in.more() && !in.next_closes(1)) {
    CovReference reference{.property = read_enclosed_reference(in, 0)};
    reference.increment = in.optional<float>(1);
    reference.timestamped = in.context<bool>(2);
    specification.properties.push_back(reference);
  }
  in.close(1);
  return specification;
}

CovObjectValues read_object_values(ParameterReader& in) {
  CovObjectValues object{.object = in.context<ObjectId>(0), .values = {}};
  in.open(1);
  while (in.more() && !in.next_closes(1)) {
    TimedPropertyValue value{.property = read_property_reference(in, 0, 1), .value = in.enclosed(2)};
    value.time_of_change = in.optional<Time>(3);
    object.values.push_back(value);
  }
  in.close(1);
  return object;
}

}  // namespace

Decoded<SubscribeCov> SubscribeCov::decode(Bytes data) {
  ParameterReader in(data);
  return checked(in, read_subscription(in));
}

void SubscribeCov::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{process});
  out.context(1, object);
  if (confirmed) out.context(2, *confirmed);
  if (lifetime) out.context(3, Unsigned{*lifetime});
}

Decoded<SubscribeCovProperty> SubscribeCovProperty::decode(Bytes data) {
  ParameterReader in(data);
  SubscribeCovProperty request{.subscription = read_subscription(in),
                               .property = read_enclosed_reference(in, 4)};
  request.increment = in.optional<float>(5);
  return checked(in, request);
}

void SubscribeCovProperty::encode(ParameterWriter& out) const {
  subscription.encode(out);
  write_enclosed_reference(out, 4, property);
  if (increment) out.context(5, *increment);
}

Decoded<SubscribeCovPropertyMultiple> SubscribeCovPropertyMultiple::decode(Bytes data) {
  ParameterReader in(data);
  SubscribeCovPropertyMultiple request{.process = in.context_u32(0)};
  request.confirmed = in.optional<bool>(1);
  request.lifetime = in.optional_u32(2);
  request.max_notification_delay = in.optional_u32(3);
  in.open(4);
  while (in.more() && !in.next_closes(4))
    request.specifications.push_back(read_specification(in));
  in.close(4);
  return checked(in, std::move(request));
}

void SubscribeCovPropertyMultiple::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{process});
  if (confirmed) out.context(1, *confirmed);
  if (lifetime) out.context(2, Unsigned{*lifetime});
  if (max_notification_delay) out.context(3, Unsigned{*max_notification_delay});
  out.open(4);
  for (const CovSpecification& specification : specifications) {
    out.context(0, specification.object);
    out.open(1);
    for (const CovReference& reference : specification.properties) {
      write_enclosed_reference(out, 0, reference.property);
      if (reference.increment) out.context(1, *reference.increment);
      out.context(2, reference.timestamped);
    }
    out.close(1);
  }
  out.close(4);
}

Decoded<CovNotification> CovNotification::decode(Bytes data) {
  ParameterReader in(data);
  const CovNotification notification{.process = in.context_u32(0),
                                     .device = in.context<ObjectId>(1),
                                     .object = in.context<ObjectId>(2),
                                     .time_remaining = in.context_u32(3),
                                     .values = in.enclosed(4)};
  return checked(in, notification);
}

void CovNotification::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{process});
  out.context(1, device);
  out.context(2, object);
  out.context(3, Unsigned{time_remaining});
  out.enclosed(4, values);
}

std::optional<PropertyValue> PropertyValueReader::next() {
  if (!in_.more()) return std::nullopt;
  PropertyValue value{.property = read_property_reference(in_, 0, 1), .value = in_.enclosed(2)};
  if (const auto priority = in_.optional_u32(3)) value.priority = static_cast<std::uint8_t>(*priority);
  if (!in_.ok()) return std::nullopt;
  return value;
}

void write_property_value(ParameterWriter& out, const PropertyValue& value) {
  write_property_reference(out, value.property, 0, 1);
  out.enclosed(2, value.value);
  if (value.priority) out.context(3, Unsigned{*value.priority});
}

Decoded<CovNotificationMultiple> CovNotificationMultiple::decode(Bytes data) {
  ParameterReader in(data);
  CovNotificationMultiple notification{
      .process = in.context_u32(0), .device = in.context<ObjectId>(1), .time_remaining = in.context_u32(2)};
  in.open(3);
  notification.timestamp = read_date_time(in);
  in.close(3);
  in.open(4);
  while (in.more() && !in.next_closes(4))
    notification.objects.push_back(read_object_values(in));
  in.close(4);
  return checked(in, std::move(notification));
}

void CovNotificationMultiple::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{process});
  out.context(1, device);
  out.context(2, Unsigned{time_remaining});
  out.open(3);
  write_date_time(out, timestamp);
  out.close(3);
  out.open(4);
  for (const CovObjectValues& object : objects) {
    out.context(0, object.object);
    out.open(1);
    for (const TimedPropertyValue& value : object.values) {
      write_property_reference(out, value.property, 0, 1);
      out.enclosed(2, value.value);
      if (value.time_of_change) out.context(3, *value.time_of_change);
    }
    out.close(1);
  }
  out.close(4);
}

}  // namespace iw::bacnet
