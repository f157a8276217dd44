// Commands of a Line on their way to a device.
#pragma once

#include "io/operation.hpp"
#include "protocols/bacnet/line.hpp"

namespace iw::bacnet {

// The parameters of WriteProperty; Null relinquishes.
std::vector<std::byte> write_parameters(ObjectId object, PropertyReference property, const Value& value,
                                        std::optional<std::uint8_t> priority);

// Where a command goes.
struct Line::Target {
  DevicePtr device;
  Binding binding;
  ObjectPoint point;
  std::uint16_t index = 0;
  std::optional<std::uint8_t> priority;
};

// A command on its way; who gave it waits for what becomes of it.
struct Line::Wish {
  Target target;
  Value value;
  model::WriteCommand command;
  io::Operation<model::WriteResult>* waiting = nullptr;
};

}  // namespace iw::bacnet
