#include "protocols/bacnet/server/device.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace iw::bacnet::server {
namespace {

using enum PropertyId;

constexpr std::uint32_t protocol_version_1 = 1;
// In 20 the value disable of DeviceCommunicationControl is deprecated (16.1.1.3.1), which services.cpp
// refuses.
constexpr std::uint32_t revision_we_meet = 20;
constexpr std::uint32_t operational = 0;
constexpr std::uint32_t most_segments = 64;

constexpr std::array served_types{ObjectType::analog_input,
                                  ObjectType::analog_output,
                                  ObjectType::analog_value,
                                  ObjectType::binary_input,
                                  ObjectType::binary_output,
                                  ObjectType::binary_value,
                                  ObjectType::device,
                                  ObjectType::multi_state_input,
                                  ObjectType::multi_state_output,
                                  ObjectType::notification_class,
                                  ObjectType::multi_state_value,
                                  ObjectType::trend_log,
                                  ObjectType::accumulator,
                                  ObjectType::load_control,
                                  ObjectType::characterstring_value,
                                  ObjectType::network_port};
constexpr std::size_t object_type_bits = 63;  // of this revision: up to Audit Reporter

// Bits of BACnetServicesSupported (clause 21): those of the confirmed services are their choices up to 26.
enum class ServiceBit : std::uint8_t {
  acknowledge_alarm = 0,
  get_alarm_summary = 3,
  subscribe_cov = 5,
  add_list_element = 8,
  remove_list_element = 9,
  read_property = 12,
  read_property_multiple = 14,
  write_property = 15,
  write_property_multiple = 16,
  device_communication_control = 17,
  time_synchronization = 32,
  who_has = 33,
  who_is = 34,
  read_range = 35,
  utc_time_synchronization = 36,
  subscribe_cov_property = 38,
  get_event_information = 39,
};
constexpr std::size_t service_bits = 47;  // of this revision

// Bits as BitString wants them.
template <std::size_t N>
class Bits {
 public:
  template <class T>
  void set(T bit) {
    const auto i = static_cast<std::size_t>(bit);
    octets_.at(i / 8) |= static_cast<std::byte>(0x80U >> (i % 8));
  }
  [[nodiscard]] BitString value() const {
    return {.bytes = octets_, .unused = static_cast<std::uint8_t>(8 * octets_.size() - N)};
  }

 private:
  std::array<std::byte, (N + 7) / 8> octets_{};
};

Unsigned milliseconds(Duration time) {
  return {static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count())};
}

CharacterString text(const std::string& words) { return CharacterString::utf8(words); }

template <std::size_t N>
OctetString octets(const std::array<std::uint8_t, N>& bytes) {
  return {std::as_bytes(std::span(bytes))};
}

}  // namespace

Device::Device(const DeviceSettings& settings, const SessionSettings& session)
    : settings_(settings), database_revision_(settings.database_revision) {
  auto self = std::make_unique<Object>(id(), settings_.name);
  self_ = self.get();
  objects_.emplace(id().bits(), std::move(self));
  names_.emplace(settings_.name, self_);
  fill(session);
}

void Device::fill(const SessionSettings& session) {
  self_->set(system_status, Enumerated{operational});
  self_->set(vendor_name, text(settings_.vendor_name));
  self_->set(vendor_identifier, Unsigned{settings_.vendor});
  self_->set(model_name, text(settings_.model));
  self_->set(firmware_revision, text(settings_.version));
  self_->set(application_software_version, text(settings_.version));
  self_->set(description, text(settings_.description));
  self_->set(location, text(settings_.location));
  if (!settings_.serial_number.empty()) self_->set(serial_number, text(settings_.serial_number));
  self_->set(protocol_version, Unsigned{protocol_version_1});
  self_->set(protocol_revision, Unsigned{revision_we_meet});
  using enum ServiceBit;
  Bits<service_bits> services;
  const auto have = [&services](bool there, std::initializer_list<ServiceBit> bits) {
    for (const ServiceBit bit : bits)
      if (there) services.set(bit);
  };
  have(true, {subscribe_cov, ServiceBit::read_property, ServiceBit::read_property_multiple, who_has, who_is,
              read_range, subscribe_cov_property});
  have(settings_.writable, {write_property, write_property_multiple});
  have(settings_.controllable, {device_communication_control});
  have(settings_.takes_time, {time_synchronization, utc_time_synchronization});
  have(settings_.reports, {acknowledge_alarm, get_alarm_summary, get_event_information});
  have(settings_.reports && settings_.writable, {add_list_element, remove_list_element});
  self_->set(protocol_services_supported, services.value());
  Bits<object_type_bits> types;
  for (const ObjectType type : served_types)
    types.set(type);
  self_->set(protocol_object_types_supported, types.value());
  self_->set(max_apdu_length_accepted, Unsigned{session.max_apdu});
  self_->set(segmentation_supported, Enumerated{static_cast<std::uint32_t>(Segmentation::both)});
  self_->set(max_segments_accepted, Unsigned{most_segments});
  self_->set(apdu_segment_timeout, milliseconds(session.segment_timeout));
  self_->set(apdu_timeout, milliseconds(session.timeout));
  self_->set(number_of_apdu_retries, Unsigned{session.retries});
  self_->set(utc_offset, Signed{0});  // our local time is UTC
  self_->set(daylight_savings_status, false);
  self_->set_list(device_address_binding, {}, Shape::list);
  self_->set_list(active_cov_subscriptions, {}, Shape::list);
  changed();
}

void Device::changed() {
  listed_ = false;
  self_->set(PropertyId::database_revision, Unsigned{database_revision_});
}

// In the order of type and instance, the Device first.
void Device::list_objects() const {
  if (std::exchange(listed_, true)) return;
  std::vector<std::uint32_t> ids;
  for (const auto& [bits, object] : objects_)
    if (object.get() != self_) ids.push_back(bits);
  std::ranges::sort(ids);
  std::vector<Value> list{id()};
  for (const std::uint32_t bits : ids)
    list.emplace_back(ObjectId::from_bits(bits));
  self_->set_list(object_list, list);
  self_->list_properties();
}

Object& Device::self() const {
  list_objects();
  return *self_;
}

Result<Object*> Device::add(Object object) {
  if (objects_.contains(object.id().bits()))
    return fail(ErrorKind::invalid_argument, fmt::format("{} is there twice", to_string(object.id())));
  if (names_.contains(object.name()))
    return fail(ErrorKind::invalid_argument, fmt::format("two objects are called '{}'", object.name()));
  auto owned = std::make_unique<Object>(std::move(object));
  Object* added = owned.get();
  names_.emplace(added->name(), added);
  objects_.emplace(added->id().bits(), std::move(owned));
  ++database_revision_;
  changed();
  return added;
}

bool Device::remove(ObjectId id) {
  const auto found = objects_.find(id.bits());
  if (found == objects_.end() || found->second.get() == self_) return false;
  names_.erase(found->second->name());
  objects_.erase(found);
  ++database_revision_;
  changed();
  return true;
}

Object* Device::find(ObjectId id) const {
  if (id == this->id() || id == device_object(wildcard_instance)) return &self();
  const auto found = objects_.find(id.bits());
  return found != objects_.end() ? found->second.get() : nullptr;
}

Object* Device::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found != names_.end() ? found->second : nullptr;
}

Object network_port_object(const PortTraits& traits) {
  Object port({ObjectType::network_port, traits.instance}, traits.name);
  port.set_condition({});
  port.set(network_type, Enumerated{5});            // ipv4
  port.set(protocol_level, Enumerated{2});          // bacnet-application
  port.set(network_number, Unsigned{0});            // not known
  port.set(network_number_quality, Enumerated{0});  // unknown
  port.set(changes_pending, false);
  port.set(apdu_length, Unsigned{max_apdu_ip});
  port.set(link_speed, 0.0F);  // unknown
  const Mac mac = to_mac({.host = traits.ip, .port = traits.port});
  port.set(mac_address, OctetString{mac.octets()});
  port.set(bacnet_ip_mode, Enumerated{0});  // normal
  port.set(ip_address, octets(traits.ip));
  port.set(ip_subnet_mask, octets(traits.mask));
  port.set(ip_default_gateway, octets(std::array<std::uint8_t, 4>{}));
  port.set_list(ip_dns_server, std::array<Value, 1>{octets(std::array<std::uint8_t, 4>{})});
  port.set(bacnet_ip_udp_port, Unsigned{traits.port});
  port.list_properties();
  return port;
}

}  // namespace iw::bacnet::server
