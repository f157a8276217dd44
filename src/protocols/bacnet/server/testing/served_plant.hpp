// A small device to be asked in tests: one object of each kind, and a plant that takes or refuses commands.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "protocols/bacnet/read_services.hpp"
#include "protocols/bacnet/server/device.hpp"
#include "protocols/bacnet/server/plant.hpp"

namespace iw::bacnet::server::testing {

constexpr ObjectId power{ObjectType::analog_input, 7};
constexpr ObjectId damper{ObjectType::analog_output, 1};
constexpr ObjectId fan{ObjectType::binary_output, 1};
constexpr ObjectId mode{ObjectType::multi_state_value, 1};
constexpr ObjectId energy{ObjectType::accumulator, 1};

struct TakingPlant final : Plant {
  void command(const Command& command, Done done) override {
    commands.push_back(command);
    if (later) {
      waiting.push_back(std::move(done));
    } else {
      done(refusal);
    }
  }
  void acknowledged(const Seen& one) override { seen.push_back(one); }
  void record(const Deed& deed, Done done) override {
    deeds.push_back(deed);
    done(no_record);
  }
  void recipients_changed(Bytes encoded) override { recipients.assign(encoded.begin(), encoded.end()); }
  void told_time(const TimeTold& time) override { told.push_back(time); }
  // What waits is answered so.
  void finish(std::optional<BacnetError> why = {}) {
    for (Done& done : std::exchange(waiting, {}))
      done(why);
  }

  std::vector<Command> commands;
  std::optional<BacnetError> refusal;
  bool later = false;
  std::vector<Done> waiting;
  std::vector<Seen> seen;
  std::vector<Deed> deeds;
  std::optional<BacnetError> no_record;  // why nothing can be put on record
  std::vector<std::byte> recipients;
  std::vector<TimeTold> told;
};

struct ServedPlant {
  ServedPlant() {
    input = device
                .add(analog_object(ObjectType::analog_input, {.instance = 7, .name = "Feeder 1 Power"},
                                   {.units = 48, .cov_increment = 1}))
                .value();
    output = device
                 .add(analog_object(ObjectType::analog_output, {.instance = 1, .name = "Damper"},
                                    {.units = 98, .minimum = 0, .maximum = 100, .relinquish_default = 20.0F}))
                 .value();
    device
        .add(binary_object(ObjectType::binary_output, {.instance = 1, .name = "Fan"},
                           {.inactive_text = "off", .active_text = "on", .relinquish_default = false}))
        .value();
    device
        .add(multi_state_object(ObjectType::multi_state_value, {.instance = 1, .name = "Mode"},
                                {.states = {"off", "auto", "on"}, .relinquish_default = 1}))
        .value();
    device.add(accumulator_object({.instance = 1, .name = "Energy"}, {.units = 18})).value();
    input->set(PropertyId::present_value, 5.5F);
  }

  Device device{
      {.instance = 1234, .name = "Plant", .vendor_name = "Interwatt", .model = "test", .writable = true}};
  TakingPlant plant;
  Object* input = nullptr;
  Object* output = nullptr;
};

}  // namespace iw::bacnet::server::testing
