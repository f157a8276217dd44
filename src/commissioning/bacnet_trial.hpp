// BacnetTrial: the staged test of a BACnet device: port, device, identity, objects, values. It ends at the
// first stage that fails.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "commissioning/bacnet_link.hpp"
#include "commissioning/trial.hpp"
#include "protocols/bacnet/profile.hpp"

namespace iw::commissioning {

struct BacnetTrial {
  bacnet::DeviceUrl url;  // with the instance, where it was found out
  std::vector<Stage> stages;
  model::DeviceIdentity identity;
  struct Value {
    std::string object;  // "ai7"
    std::string name;    // of the point
    std::string unit;
    std::optional<double> value;  // in that unit
    std::string text;             // as the device says it; the error where it refused
    bool good = false;
  };
  std::vector<Value> values;

  [[nodiscard]] bool ok() const;
};

struct BacnetTrialSettings {
  std::shared_ptr<const bacnet::ObjectRules> rules = {};  // of a profile; none: what the objects say
  std::function<void(const Stage&)> on_stage;             // as it goes
  std::function<bool()> stopped = {};
};

// Opens and closes the link. The URL names the device by instance or by address.
io::Task<BacnetTrial> run_bacnet_trial(BacnetLink& link, bacnet::DeviceUrl url, BacnetTrialSettings settings);

// In the shape of the other trials (trial_json.hpp).
nlohmann::ordered_json to_json(const BacnetTrial& trial);

}  // namespace iw::commissioning
