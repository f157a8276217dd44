// Device: a BACnet device of ours: the Device object (12.11), its Network Port, and all objects that its
// owner adds. For one thread, without IO.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/server/objects.hpp"
#include "protocols/bacnet/session.hpp"

namespace iw::bacnet::server {

struct DeviceSettings {
  std::uint32_t instance = 0;
  std::string name;
  std::string description = {};
  std::string location = {};
  std::uint16_t vendor = 0;  // as ASHRAE assigned it; 0 is ASHRAE's own, for who has none
  std::string vendor_name = {};
  std::string model = {};
  std::string version = {};
  std::string serial_number = {};
  std::uint32_t database_revision = 1;  // at the start
  bool writable = false;                // WriteProperty and WritePropertyMultiple are there
  bool controllable = false;            // so is DeviceCommunicationControl
  bool takes_time = false;              // its clock can be set
  bool reports = false;                 // it has alarms of its own (Reporting)
};

class Device {
 public:
  explicit Device(const DeviceSettings& settings, const SessionSettings& session = {});
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] const DeviceSettings& settings() const { return settings_; }
  [[nodiscard]] ObjectId id() const { return device_object(settings_.instance); }

  // Refused: an object of this id or of this name is there (duplicate-name).
  Result<Object*> add(Object object);
  bool remove(ObjectId id);

  // The Device object also by the wildcard instance 4194303 (12.11).
  [[nodiscard]] Object* find(ObjectId id) const;
  [[nodiscard]] Object* find(std::string_view name) const;
  [[nodiscard]] Object& self() const;
  [[nodiscard]] std::size_t size() const { return objects_.size(); }
  // Grows with every object that comes or goes.
  [[nodiscard]] std::uint32_t database_revision() const { return database_revision_; }

 private:
  void fill(const SessionSettings& session);
  void changed();
  void list_objects() const;

  DeviceSettings settings_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Object>> objects_;  // by ObjectId::bits
  std::map<std::string, Object*, std::less<>> names_;
  Object* self_ = nullptr;
  std::uint32_t database_revision_;
  mutable bool listed_ = false;  // Object_List is as it should be: it is made when somebody asks
};

// Where the device is on its network, for the Network Port object (12.56).
struct PortTraits {
  std::uint32_t instance = 1;
  std::string name = "IP port";
  std::array<std::uint8_t, 4> ip{};
  std::array<std::uint8_t, 4> mask{255, 255, 255, 0};
  std::uint16_t port = 47808;
};
Object network_port_object(const PortTraits& traits);

}  // namespace iw::bacnet::server
