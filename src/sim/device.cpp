#include "sim/device.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace iw::sim {

namespace {

using modbus::ExceptionCode;
using modbus::FunctionCode;

using Refused = std::optional<ExceptionCode>;

Refused write(Device& device, const RegisterWrite& w, Instant now) {
  if (!device.bank.writable(w.table, w.first, w.values.size())) return ExceptionCode::illegal_data_address;
  if (const Refused refused = device.judge(w)) return refused;
  std::ranges::copy(w.values, device.bank.find(w.table, w.first, w.values.size()).begin());
  ++device.counters.writes;
  device.written(w, now);
  if (device.on_write) device.on_write();
  return std::nullopt;
}

// Each of these answers one kind of request, or gives the exception to answer with.
struct Answering {
  Device& device;
  Instant now;
  Writer& out;

  Refused operator()(const modbus::ReadBits& r) const {
    const auto bits = device.bank.find(r.table, r.address, r.count);
    if (bits.empty()) return ExceptionCode::illegal_data_address;
    write_response(out, r, std::vector<bool>(bits.begin(), bits.end()));
    return std::nullopt;
  }

  Refused operator()(const modbus::ReadRegisters& r) const {
    if (r.count > device.faults.max_registers) return ExceptionCode::illegal_data_value;
    const auto registers = device.bank.find(r.table, r.address, r.count);
    if (registers.empty()) return ExceptionCode::illegal_data_address;
    write_response(out, r, registers);
    return std::nullopt;
  }

  Refused operator()(const modbus::WriteSingleCoil& r) const {
    const std::uint16_t value = r.on ? 1 : 0;
    return echo(r, write(device, {Table::coils, r.address, {&value, 1}}, now));
  }

  Refused operator()(const modbus::WriteSingleRegister& r) const {
    return echo(r, write(device, {Table::holding_registers, r.address, {&r.value, 1}}, now));
  }

  Refused operator()(const modbus::WriteMultipleCoils& r) const {
    const std::vector<std::uint16_t> values(r.values.begin(), r.values.end());
    return echo(r, write(device, {Table::coils, r.address, values}, now));
  }

  Refused operator()(const modbus::WriteMultipleRegisters& r) const {
    return echo(r, write(device, {Table::holding_registers, r.address, r.values}, now));
  }

  Refused operator()(const modbus::MaskWriteRegister& r) const {
    const auto current = device.bank.find(Table::holding_registers, r.address, 1);
    if (current.empty()) return ExceptionCode::illegal_data_address;
    const std::uint16_t value = r.applied_to(current[0]);
    return echo(r, write(device, {Table::holding_registers, r.address, {&value, 1}}, now));
  }

  Refused operator()(const modbus::ReadWriteMultipleRegisters& r) const {
    if (r.read_count > device.faults.max_registers) return ExceptionCode::illegal_data_value;
    // Nothing is written when the read would fail.
    if (device.bank.find(Table::holding_registers, r.read_address, r.read_count).empty()) {
      return ExceptionCode::illegal_data_address;
    }
    if (const Refused refused = write(device, {Table::holding_registers, r.write_address, r.values}, now)) {
      return refused;
    }
    device.refresh(now);
    write_response(out, r, device.bank.find(Table::holding_registers, r.read_address, r.read_count));
    return std::nullopt;
  }

  Refused operator()(const modbus::ReadDeviceIdentification& r) const {
    if (device.identity.empty()) return ExceptionCode::illegal_function;
    const auto objects = modbus::identification(r, device.identity);
    if (!objects) return objects.error();
    write_response(out, r, *objects);
    return std::nullopt;
  }

 private:
  template <class Request>
  Refused echo(const Request& request, Refused refused) const {
    if (!refused) write_response(out, request);
    return refused;
  }
};

}  // namespace

void answer(Device& device, Bytes request, Instant now, Writer& out) {
  ++device.counters.requests;
  const auto decoded = modbus::decode_request(request);
  Refused refused;
  if (decoded) {
    device.refresh(now);
    if (device.on_refreshed) device.on_refreshed();
    refused = std::visit(Answering{device, now, out}, *decoded);
  } else {
    refused = decoded.error().code;
  }
  if (refused) {
    const auto function = request.empty() ? FunctionCode{} : static_cast<FunctionCode>(request[0]);
    write_exception(out, function, *refused);
  }
}

std::vector<modbus::DeviceObject> basic_identity(std::string vendor, std::string product,
                                                 std::string revision) {
  return {{0, std::move(vendor)}, {1, std::move(product)}, {2, std::move(revision)}};
}

}  // namespace iw::sim
