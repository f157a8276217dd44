// Device: what answers at one Modbus unit id: its registers, who it says it is, and how it misbehaves.
//
// A device model derives from it: refresh() fills the registers from the physics before they are read,
// judge() decides about a write, written() acts on it. A plain Device is just a bank of registers.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/modbus/pdu.hpp"
#include "sim/faults.hpp"
#include "sim/register_bank.hpp"

namespace iw::sim {

struct RegisterWrite {
  Table table{};
  std::uint16_t first = 0;
  std::span<const std::uint16_t> values;

  // The new value of a register, if it is among those written.
  [[nodiscard]] std::optional<std::uint16_t> value_of(std::uint16_t address) const {
    if (address < first || address - first >= static_cast<int>(values.size())) return std::nullopt;
    return values[static_cast<std::size_t>(address - first)];
  }
};

class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  RegisterBank bank;
  std::vector<modbus::DeviceObject> identity;  // of FC 43/14, sorted by id; empty: the function is not known
  Faults faults;

  struct Counters {
    std::uint64_t requests = 0;
    std::uint64_t writes = 0;  // that were done
  };
  Counters counters;
  std::function<void()> on_refreshed;  // told before what is asked is done
  std::function<void()> on_write;      // told after each write that was done

  // Before a read and a write: the registers are to be as the device is now.
  virtual void refresh(Instant /*now*/) {}
  // Before a write to writable registers: none, or the exception that refuses it.
  virtual std::optional<modbus::ExceptionCode> judge(const RegisterWrite& /*write*/) { return std::nullopt; }
  // The registers hold the new values.
  virtual void written(const RegisterWrite& /*write*/, Instant /*now*/) {}
};

// What the device answers to a request PDU, right or wrong, as the standard wants it. Faults are not looked
// at, but for max_registers. The counters count.
void answer(Device& device, Bytes request, Instant now, Writer& out);

// VendorName, ProductCode and MajorMinorRevision, which every device with FC 43/14 must have.
std::vector<modbus::DeviceObject> basic_identity(std::string vendor, std::string product,
                                                 std::string revision);

}  // namespace iw::sim
