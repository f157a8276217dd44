// What a device says about itself: its limits, its name, its objects and what they measure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/bacnet/profile.hpp"
#include "protocols/bacnet/property_client.hpp"

namespace iw::bacnet {

// The device at this address is the one with this instance: its limits. An error that says which one is there
// when it is not.
io::Task<Result<PeerLimits>> confirm_device(Client& client, Address address, std::uint32_t instance);
// Which device is at this address.
io::Task<Result<std::uint32_t>> instance_at(Client& client, Address address);

// vendor-name, model-name, firmware-revision; what is not there stays empty.
io::Task<Result<model::DeviceIdentity>> read_identity(PropertyClient& device, std::uint32_t instance);

// The whole list at once where segments or its length allow, else element by element.
io::Task<Result<std::vector<ObjectId>>> read_object_list(PropertyClient& device, std::uint32_t instance);

// Which services it has, by its own word (Protocol_Services_Supported); all false when it does not say.
struct Abilities {
  bool known = false;
  bool write_multiple = false;
  bool local_time = false;  // TimeSynchronization
  bool utc_time = false;    // UTCTimeSynchronization
  bool event_information = false;
  std::optional<Duration> local_offset = {};  // of its local time to UTC
};
io::Task<Abilities> read_abilities(PropertyClient& device, std::uint32_t instance);

// Date and time of its clock, local to it; none when it has none.
io::Task<std::optional<DateTime>> read_clock(PropertyClient& device, std::uint32_t instance);

// Names, units and texts of the objects that have values.
io::Task<Result<std::vector<ObjectFacts>>> read_facts(PropertyClient& device, std::vector<ObjectId> objects);

// Which objects of a device become points.
struct DiscoveryWish {
  std::vector<ObjectId> only = {};  // empty: all
  std::shared_ptr<const ObjectRules> rules = {};
};

// All of it.
io::Task<Result<ObjectMap>> discover(Client& client, Binding device, std::uint32_t instance,
                                     DiscoveryWish wish);

}  // namespace iw::bacnet
