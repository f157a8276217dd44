// What a discovery found: the models of one Modbus unit, in the order of its chain.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/point.hpp"

namespace iw::sunspec {

struct ModelBlock {
  std::uint16_t id = 0;
  std::uint16_t address = 0;  // of the ID register
  std::uint16_t length = 0;   // L, as the device says: registers after ID and L
  std::uint16_t sub_device = 0;
  // Registers that decide how the model is laid out or read, by offset from the ID register: counts of
  // groups, types of ports, scale factors too far from their values. None: asked for, and not answered.
  std::map<std::uint32_t, std::optional<std::uint16_t>> facts = {};

  friend bool operator==(const ModelBlock&, const ModelBlock&) = default;
};

struct Chain {
  std::uint16_t base = 0;
  std::vector<ModelBlock> models;  // models that are not public too
  std::vector<model::DeviceIdentity>
      sub_devices;                    // each model 1 opens one: an inverter, the meters behind it
  std::vector<std::string> warnings;  // what is wrong with the chain, for people
  bool cut_short = false;             // by silence, not by a word of the device: there may be more

  friend bool operator==(const Chain&, const Chain&) = default;
};

}  // namespace iw::sunspec
