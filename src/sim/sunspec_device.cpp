#include "sim/sunspec_device.hpp"

#include <algorithm>

namespace iw::sim {

using enum modbus::Table;
using sunspec::ModelImage;

SunSpecDevice::SunSpecDevice(std::string_view maker, std::string_view model, std::string_view serial_number) {
  image_.add(1).set("Mn", maker).set("Md", model).set("Vr", "1.0").set("SN", serial_number);
  identity = basic_identity(std::string(maker), std::string(model), "1.0");
}

ModelImage& SunSpecDevice::add_model(std::uint16_t id, const sunspec::Shape& shape) {
  return image_.add(id, shape);
}

void SunSpecDevice::publish() {
  const auto registers = image_.registers();
  bank.add(holding_registers, image_.base(), registers.size());
  std::ranges::copy(registers, bank.find(holding_registers, image_.base(), registers.size()).begin());
}

void SunSpecDevice::allow(const ModelImage& model, std::span<const std::string_view> writable) {
  for (const sunspec::PlacedPoint& point : model.points()) {
    if (std::ranges::find(writable, point.path) == writable.end()) continue;
    bank.add(holding_registers, address(model, point.path), point.definition->size, Access::read_write);
  }
}

void SunSpecDevice::publish(const ModelImage& model) {
  const auto registers = model.registers();
  const auto first = static_cast<std::uint16_t>(image_.address(model));
  std::ranges::copy(registers, bank.find(holding_registers, first, registers.size()).begin());
}

std::uint16_t SunSpecDevice::address(const ModelImage& model, std::string_view point) const {
  return static_cast<std::uint16_t>(image_.address(model) + model.offset(point));
}

std::uint16_t SunSpecDevice::value16(const ModelImage& model, std::string_view point) const {
  return bank.at(holding_registers, address(model, point));
}

std::uint32_t SunSpecDevice::value32(const ModelImage& model, std::string_view point) const {
  const auto words = bank.find(holding_registers, address(model, point), 2);
  return std::uint32_t{words[0]} << 16U | words[1];
}

void SunSpecDevice::set16(const ModelImage& model, std::string_view point, std::uint16_t value) {
  bank.at(holding_registers, address(model, point)) = value;
}

void SunSpecDevice::set32(const ModelImage& model, std::string_view point, std::uint32_t value) {
  const auto words = bank.find(holding_registers, address(model, point), 2);
  words[0] = static_cast<std::uint16_t>(value >> 16U);
  words[1] = static_cast<std::uint16_t>(value);
}

}  // namespace iw::sim
