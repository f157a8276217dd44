#include "protocols/sunspec/discovery.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/map.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::sunspec {

namespace {

constexpr std::uint64_t sun_s = 0x5375'6E53;
constexpr std::uint16_t end_id = 0xFFFF;
constexpr std::uint32_t address_space = 0x10000;

// Exceptions that say "not now" rather than "not here".
constexpr bool is_passing(std::uint8_t code) {
  return code == 0x05 || code == 0x06 || code == 0x0A || code == 0x0B;
}

}  // namespace

Discovery::Discovery(DiscoveryOptions options) : options_(std::move(options)) {
  chain_.sub_devices.emplace_back();
  if (options_.bases.empty()) {
    no_marker("no base to try");
  } else {
    read_ = {options_.bases.front(), 2};
  }
}

DiscoveryAction Discovery::next() const {
  if (step_ == Step::done) return Done{};
  if (step_ == Step::failed) return error_;
  return read_;
}

void Discovery::on_registers(Bytes registers) {
  if (step_ == Step::done || step_ == Step::failed) return;
  silent_ = false;
  attempt_ = 0;
  if (step_ == Step::alive) return it_lives();
  if (registers.size() != std::size_t{read_.count} * 2) {
    return unreadable(fmt::format("{} bytes instead of {}", registers.size(), read_.count * 2), false);
  }
  const auto first = static_cast<std::uint16_t>(raw_value(registers.first(2)));
  switch (step_) {
    case Step::marker: return found_marker(registers);
    case Step::id: return found_id(first);
    case Step::length: return found_length(first);
    case Step::identity: return found_identity(registers);
    case Step::facts: chain_.models[block_].facts[question_] = first; return next_question();
    case Step::alive:
    case Step::done:
    case Step::failed: return;
  }
}

void Discovery::on_exception(std::uint8_t code) {
  const std::string reason = fmt::format("exception {:02X}", code);
  silent_ = silent_ && code == 0x0B;  // a gateway answered, the device did not
  if (is_passing(code)) return try_again_or(reason);
  attempt_ = 0;
  unreadable(reason, false);
}

// What a device that lives is silent at is asked again after a question that it answers: several silences in
// a row would say that the connection is dead.
void Discovery::on_timeout() {
  if (step_ == Step::marker || step_ == Step::alive) return try_again_or("no answer");
  attempt_ = 0;
  unreadable("no answer", true);
}

void Discovery::try_again_or(const std::string& reason) {
  if (++attempt_ < options_.attempts) return;
  attempt_ = 0;
  unreadable(reason, true);
}

void Discovery::unreadable(const std::string& reason, bool silent) {
  if (step_ == Step::alive) return silent ? lost() : it_lives();
  if (silent && step_ != Step::marker) return ask_whether_it_lives(reason);
  give_up(reason, silent);
}

// Silent at this register, as some devices are past their last model, or switched off in between? Half a
// chain would be half a device. One that comes and goes may be back for this question only: then the register
// is asked again.
void Discovery::ask_whether_it_lives(const std::string& reason) {
  const unsigned times = silence_.read == read_ ? silence_.times + 1 : 1;
  silence_ = {.step = step_, .read = read_, .reason = reason, .times = times};
  step_ = Step::alive;
  read_ = {chain_.base, 2};
}

void Discovery::it_lives() {
  step_ = silence_.step;
  read_ = silence_.read;
  if (silence_.times >= options_.silences) give_up(silence_.reason, true);
}

void Discovery::lost() {
  step_ = Step::failed;
  error_ = {
      ErrorKind::timeout,
      fmt::format("the unit fell silent while its models were read, at register {}", silence_.read.address),
      "check its power and the line; it is asked again"};
}

// What the step asked for can not be had.
void Discovery::give_up(const std::string& reason, bool silent) {
  if (silent && step_ != Step::marker) chain_.cut_short = true;
  switch (step_) {
    case Step::marker: return no_marker(reason);
    case Step::id:
      // An exception past the last model is a usual way to end the chain; silence is not.
      if (chain_.models.empty()) {
        return stop(fmt::format("\"SunS\" is at {}, but no model behind it: {}", chain_.base, reason));
      }
      return silent ? stop(fmt::format("no answer where the model after {} should be, at register {}",
                                       chain_.models.back().id, cursor_))
                    : end_of_chain();
    case Step::length:
      if (silent) return lost();  // there is a model: no device ends here
      return stop(
          fmt::format("the length of model {} at register {} can not be read: {}", id_, cursor_, reason));
    case Step::identity:
      chain_.warnings.push_back(
          fmt::format("model 1 at register {} can not be read: {}", read_.address, reason));
      ++block_;
      return end_of_chain();
    case Step::facts: chain_.models[block_].facts[question_] = std::nullopt; return next_question();
    case Step::alive:
    case Step::done:
    case Step::failed: return;
  }
}

void Discovery::no_marker(const std::string& reason) {
  if (base_ < options_.bases.size()) {
    tried_ += fmt::format("{}{}: {}", tried_.empty() ? "" : ", ", options_.bases[base_], reason);
    if (++base_ < options_.bases.size()) {
      read_ = {options_.bases[base_], 2};
      return;
    }
  }
  step_ = Step::failed;
  if (silent_) {
    error_ = {ErrorKind::timeout, fmt::format("the unit does not answer ({})", tried_),
              "check address, unit id, cable and serial settings"};
  } else {
    error_ = {ErrorKind::not_found, fmt::format("this is no SunSpec device: no \"SunS\" ({})", tried_),
              "switch SunSpec on in the device, try another unit id, or use a profile of the device"};
  }
}

void Discovery::found_marker(Bytes registers) {
  if (raw_value(registers) != sun_s) return no_marker(fmt::format("0x{:08X}", raw_value(registers)));
  chain_.base = read_.address;
  cursor_ = std::uint32_t{chain_.base} + 2;
  step_ = Step::id;
  read_ = {static_cast<std::uint16_t>(cursor_), 1};
}

void Discovery::found_id(std::uint16_t id) {
  if (id == end_id) {
    if (chain_.models.empty()) return stop("the chain has no models");
    return end_of_chain();
  }
  if (id == 0) return stop(fmt::format("model id 0 at register {}", cursor_));
  if (chain_.models.size() == options_.max_models) {
    return stop(fmt::format("more than {} models", options_.max_models));
  }
  id_ = id;
  if (cursor_ + 1 >= address_space)
    return stop(fmt::format("model {} at register {} has no length", id, cursor_));
  step_ = Step::length;
  read_ = {static_cast<std::uint16_t>(cursor_ + 1), 1};
}

void Discovery::found_length(std::uint16_t length) {
  if (length == 0) return stop(fmt::format("model {} at register {} has length 0", id_, cursor_));
  const std::uint32_t end = cursor_ + header_registers + length;
  if (end > address_space) {
    return stop(
        fmt::format("model {} at register {} with length {} runs past register 65535", id_, cursor_, length));
  }
  if (id_ == 1 && std::exchange(identified_, true)) chain_.sub_devices.emplace_back();
  chain_.models.push_back({.id = id_,
                           .address = static_cast<std::uint16_t>(cursor_),
                           .length = length,
                           .sub_device = static_cast<std::uint16_t>(chain_.sub_devices.size() - 1)});
  cursor_ = end;
  if (cursor_ == address_space) return end_of_chain();
  step_ = Step::id;
  read_ = {static_cast<std::uint16_t>(cursor_), 1};
}

void Discovery::stop(std::string warning) {
  if (chain_.models.empty()) {
    step_ = Step::failed;
    error_ = {ErrorKind::malformed, std::move(warning),
              "the device's SunSpec map is broken: use a profile instead"};
    return;
  }
  chain_.warnings.push_back(std::move(warning) + ": the chain ends here");
  end_of_chain();
}

// All models are known. What is left to read: who the sub-devices are, then what decides the layouts.
void Discovery::end_of_chain() {
  for (; block_ < chain_.models.size(); ++block_) {
    const ModelBlock& block = chain_.models[block_];
    if (block.id != 1) continue;
    step_ = Step::identity;
    read_ = {block.address,
             static_cast<std::uint16_t>(header_registers + std::min<std::uint16_t>(block.length, 66))};
    return;
  }
  step_ = Step::facts;
  block_ = 0;
  next_question();
}

void Discovery::found_identity(Bytes registers) {
  const ModelBlock& block = chain_.models[block_];
  model::DeviceIdentity& identity = chain_.sub_devices[block.sub_device];
  for (const DecodedPoint& point : decode_model(*find_model(1), registers)) {
    if (point.name == "Mn") identity.manufacturer = point.raw;
    if (point.name == "Md") identity.model = point.raw;
    if (point.name == "Vr") identity.version = point.raw;
    if (point.name == "SN") identity.serial_number = point.raw;
  }
  ++block_;
  end_of_chain();
}

void Discovery::next_question() {
  for (; block_ < chain_.models.size(); ++block_) {
    const ModelBlock& block = chain_.models[block_];
    if (const auto question = open_question(block)) {
      question_ = *question;
      read_ = {static_cast<std::uint16_t>(block.address + question_), 1};
      return;
    }
  }
  step_ = Step::done;
}

}  // namespace iw::sunspec
