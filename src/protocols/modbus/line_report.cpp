// What a line tells of its devices and of its requests.

#include <limits>

#include "base/overloaded.hpp"
#include "protocols/modbus/line_device.hpp"

namespace iw::modbus {
namespace {

using bus::DeviceState;
using driver::RequestOutcome;
using model::Quality;

// A device that stays offline for another reason than before: said no more often than that.
constexpr Duration new_reason_after = 10s;

constexpr Quality not_there = Quality(model::Validity::invalid).with(model::Detail::bad_reference);

driver::Asked asked_of(const Request& request) {
  const auto about = [&](std::uint16_t first, std::size_t count) {
    return driver::Asked{.function = static_cast<std::uint8_t>(function_of(request)),
                         .first = first,
                         .count = static_cast<std::uint16_t>(count)};
  };
  return std::visit(
      overloaded{
          [&](const ReadBits& read) { return about(read.address, read.count); },
          [&](const ReadRegisters& read) { return about(read.address, read.count); },
          [&](const WriteSingleCoil& write) { return about(write.address, 1); },
          [&](const WriteSingleRegister& write) { return about(write.address, 1); },
          [&](const WriteMultipleCoils& write) { return about(write.address, write.values.size()); },
          [&](const WriteMultipleRegisters& write) { return about(write.address, write.values.size()); },
          [&](const MaskWriteRegister& write) { return about(write.address, 1); },
          [&](const ReadWriteMultipleRegisters& both) { return about(both.read_address, both.read_count); },
          [&](const ReadDeviceIdentification&) { return about(0, 0); }},
      request);
}

}  // namespace

void Line::describe(const Device& device) {
  model::DeviceDescription description{.device = device.config.id,
                                       .name = device.config.name,
                                       .identity = device.config.map->identity,
                                       .points = {},
                                       .kinds = device.config.map->kinds};
  for (const RegisterPoint& point : device.config.map->points)
    description.points.push_back(point.point);
  feed_.describe(std::move(description));
}

void Line::report(Device& device, DeviceState state, std::string reason, std::string remedy) {
  device.state = state;
  feed_.report({.device = device.config.id,
                .time = executor_.clock().wall_now(),
                .state = state,
                .reason = std::move(reason),
                .remedy = std::move(remedy)});
}

void Line::offline(Device& device, const Error& why) {
  const Instant now = executor_.now();
  const bool known = device.state == DeviceState::offline;
  if (known && (why.kind == device.lost_by || now - device.lost_at < new_reason_after)) return;
  device.lost_by = why.kind;
  device.lost_at = now;
  device.timers.clear();
  if (!known) mark(device, gone);
  report(device, DeviceState::offline, why.message, why.remedy);
}

void Line::heard_of(Device& device) {
  if (device.state == DeviceState::online) return;
  if (device.config.map->cut_short) {
    device.second_look = polling::BackOff(second_looks);
    device.second_look.failed(executor_.now(), random_.unit());
  }
  report(device, DeviceState::online, "answers");
}

// ---- What goes to the feed

void Line::publish_values(Device& device, const PolledBlock& /*block*/, Instant sent, Instant now) {
  batch_.device = device.config.id;
  batch_.received = now;
  batch_.source_time = executor_.clock().wall_now() - (now - sent) / 2;  // the middle of the request
  feed_.publish(batch_);
  batch_.clear();
}

void Line::mark_block(Device& device, const PolledBlock& block, Quality quality) {
  const Instant now = executor_.now();
  block.reader.mark(quality, batch_);
  publish_values(device, block, now, now);
}

void Line::mark(Device& device, Quality quality) {
  if (!device.schedule) return;
  for (const PolledBlockPtr& block : device.schedule->blocks())
    mark_block(device, *block, quality);
}

// Points that can not be had are said to be so, not left out.
void Line::mark_missing(Device& device) {
  const Plan& plan = device.schedule->plan();
  for (const auto& indexes : {plan.unreadable(), plan.missing()}) {
    for (const std::uint16_t index : indexes)
      batch_.add(index, std::numeric_limits<double>::quiet_NaN(), not_there);
  }
  if (batch_.empty()) return;
  batch_.device = device.config.id;
  batch_.received = executor_.now();
  batch_.source_time = executor_.clock().wall_now();
  feed_.publish(batch_);
  batch_.clear();
}

// ---- What is told of the last requests

driver::SentRequest Line::log_sent(UnitId unit, const Device* device, const Request& request, Bytes frame,
                                   Instant now) {
  if (device == nullptr) {  // of a question
    const auto found = std::ranges::find_if(devices_, [&](const auto& d) { return d->config.unit == unit; });
    if (found != devices_.end()) device = found->get();
  }
  const model::DeviceId id = device != nullptr ? device->config.id : model::DeviceId();
  return requests_.sent(id, asked_of(request), frame, now);
}

// Nothing of a device that was removed in the meantime.
void Line::log_end(const Outstanding& entry, RequestOutcome outcome, Instant now, Bytes pdu) {
  if (entry.logged.number != 0) requests_.ended(entry.logged, outcome, now, pdu);
}

std::vector<driver::RequestRecord> Line::recent_requests() const {
  std::vector<driver::SentRequest> under_way;
  for (const Outstanding& entry : outstanding_)
    under_way.push_back(entry.logged);
  return requests_.recent(executor_.clock(), under_way);
}

}  // namespace iw::modbus
