// FakeDevice: a Modbus TCP device, or one behind a gateway that passes RTU frames on, for tests of the
// client's side, with the habits that devices have. It lives behind a FakeNetwork, which connects to it or
// refuses to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "io/network.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "io/testing/pipe.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/rtu_frame.hpp"
#include "protocols/modbus/tcp_frame.hpp"

namespace iw::modbus::testing {

class FakeDevice {
 public:
  explicit FakeDevice(io::Executor& executor) : executor_(executor), tasks_(executor) {}

  // What it does, changeable at any time.
  Duration delay = 0ns;                                    // before each answer
  std::set<std::uint8_t> silent = {};                      // units that never answer
  std::set<std::uint8_t> without_path = {};                // units for which the gateway answers 0A
  std::set<std::uint16_t> silent_at = {};                  // addresses at which it does not answer a read
  std::set<std::uint16_t> holes = {};                      // addresses it does not have
  std::map<std::uint16_t, std::uint16_t> registers = {};   // others hold their own address
  std::set<std::uint16_t> read_only = {};                  // addresses that it refuses to write
  bool one_at_a_time = false;                              // drops what comes while it is busy
  bool mute_writes = false;                                // does a write and does not answer it
  std::function<std::uint16_t(std::uint16_t)> clamp = {};  // what becomes of a written value
  std::optional<ExceptionCode> exception = {};             // the answer to everything
  bool nonsense = false;                                   // answers with what is no Modbus
  bool rtu = false;                                        // of the next connection

  // What it saw.
  struct Seen {
    Instant at;
    std::uint8_t unit = 0;
    Request request;
  };
  std::vector<Seen> seen;
  std::size_t most_at_once = 0;

  [[nodiscard]] std::size_t count(std::uint8_t unit) const {
    return static_cast<std::size_t>(std::ranges::count(seen, unit, &Seen::unit));
  }
  [[nodiscard]] std::vector<Request> writes() const {
    std::vector<Request> found;
    for (const Seen& s : seen) {
      if (is_write(s.request)) found.push_back(s.request);
    }
    return found;
  }

  io::StreamPtr connect() {
    auto [ours, theirs] = io::testing::make_pipe(executor_);
    end_ = std::move(ours);
    tasks_.spawn(rtu ? serve_rtu() : serve());
    return std::move(theirs);
  }
  void hang_up() { end_->close(); }

 private:
  io::Task<void> serve() {
    const std::shared_ptr<io::testing::PipeEnd> end = end_;
    TcpFramer framer;
    for (;;) {
      const auto n = co_await end->read_some(framer.free_space());
      if (!n) co_return;
      framer.filled(*n);
      while (auto frame = framer.next()) {
        if (!*frame) co_return;
        if (!take(end, (*frame)->tid, (*frame)->unit, (*frame)->pdu)) co_return;
      }
    }
  }

  io::Task<void> serve_rtu() {
    const std::shared_ptr<io::testing::PipeEnd> end = end_;
    RtuServerFramer framer;
    for (;;) {
      const auto n = co_await end->read_some(framer.free_space());
      if (!n) co_return;
      framer.filled(*n);
      while (const auto frame = framer.next()) {
        if (!take(end, {}, frame->unit, frame->pdu)) co_return;
      }
    }
  }

  // False when it is no request.
  bool take(const std::shared_ptr<io::testing::PipeEnd>& end, std::optional<std::uint16_t> tid, UnitId unit,
            Bytes pdu) {
    const auto request = decode_request(pdu);
    if (!request) return false;
    seen.push_back({.at = executor_.now(), .unit = unit.value(), .request = *request});
    if (silent.contains(unit.value()) || is_silent_at(*request)) return true;
    if (one_at_a_time && busy_ > 0) return true;
    ++busy_;
    most_at_once = std::max(most_at_once, busy_);
    tasks_.spawn(answer(end, tid, unit, *request));
    return true;
  }

  // tid: none of RTU.
  io::Task<void> answer(std::shared_ptr<io::testing::PipeEnd> end, std::optional<std::uint16_t> tid,
                        UnitId unit, Request request) {
    if (delay > 0ns) co_await io::sleep_for(executor_, delay);
    --busy_;
    std::array<std::byte, max_pdu> pdu{};
    Writer writer(pdu);
    if (without_path.contains(unit.value())) {
      write_exception(writer, function_of(request), ExceptionCode::gateway_path_unavailable);
    } else {
      respond(writer, request);
    }
    if (mute_writes && is_write(request)) co_return;
    std::array<std::byte, max_tcp_adu> adu{};
    const auto size =
        tid ? encode_tcp(*tid, unit, writer.written(), adu) : encode_rtu(unit, writer.written(), adu);
    if (nonsense) adu[2] = std::byte{0x5A};  // the protocol id
    const auto written = co_await end->write(Bytes(adu).first(*size));
    if (!written) co_return;
  }

  bool is_silent_at(const Request& request) const {
    const auto* read = std::get_if<ReadRegisters>(&request);
    if (read == nullptr) return false;
    const auto first = silent_at.lower_bound(read->address);
    return first != silent_at.end() && *first < unsigned{read->address} + read->count;
  }

  std::uint16_t value(std::uint16_t address) const {
    const auto found = registers.find(address);
    return found != registers.end() ? found->second : address;
  }

  void respond(Writer& writer, const Request& request) {
    if (exception) return write_exception(writer, function_of(request), *exception);
    if (const auto* read = std::get_if<ReadRegisters>(&request)) {
      std::vector<std::uint16_t> values;
      for (unsigned a = read->address; a < unsigned{read->address} + read->count; ++a) {
        if (holes.contains(static_cast<std::uint16_t>(a))) {
          return write_exception(writer, function_of(request), ExceptionCode::illegal_data_address);
        }
        values.push_back(value(static_cast<std::uint16_t>(a)));
      }
      write_response(writer, *read, values);
    } else if (const auto* write = std::get_if<WriteSingleRegister>(&request)) {
      if (read_only.contains(write->address)) {
        return write_exception(writer, function_of(request), ExceptionCode::illegal_data_address);
      }
      registers[write->address] = clamp ? clamp(write->value) : write->value;
      write_response(writer, *write);
    } else if (const auto* several = std::get_if<WriteMultipleRegisters>(&request)) {
      for (std::size_t i = 0; i < several->values.size(); ++i) {
        const auto address = static_cast<std::uint16_t>(several->address + i);
        if (read_only.contains(address))
          return write_exception(writer, function_of(request), ExceptionCode::illegal_data_address);
        registers[address] = several->values[i];
      }
      write_response(writer, *several);
    } else if (const auto* mask = std::get_if<MaskWriteRegister>(&request)) {
      const std::uint16_t held = mask->applied_to(value(mask->address));
      registers[mask->address] = clamp ? clamp(held) : held;
      write_response(writer, *mask);
    } else {
      write_exception(writer, function_of(request), ExceptionCode::illegal_function);
    }
  }

  io::Executor& executor_;
  io::TaskGroup tasks_;
  std::shared_ptr<io::testing::PipeEnd> end_;
  std::size_t busy_ = 0;
};

// Connects to its one device while that is on; counts the attempts.
class FakeNetwork final : public io::Network {
 public:
  FakeNetwork(io::Executor& executor, FakeDevice& device) : executor_(executor), device_(device) {}

  bool on = true;
  std::size_t attempts = 0;

  io::Task<Result<io::StreamPtr>> connect(io::Endpoint to, Instant /*deadline*/) override {
    ++attempts;
    if (!on) co_return fail(ErrorKind::refused, fmt::format("nobody listens on {}", io::to_string(to)));
    co_return device_.connect();
  }
  Result<io::StreamPtr> open_serial(const io::SerialSettings& settings) override {
    return fail(ErrorKind::unreachable, settings.device);
  }
  Result<io::ListenerPtr> listen(const io::Endpoint& at) override { return fail(ErrorKind::denied, at.host); }
  Result<io::DatagramSocketPtr> bind(const io::Endpoint& at) override {
    return fail(ErrorKind::denied, at.host);
  }
  [[nodiscard]] io::Executor& executor() override { return executor_; }

 private:
  io::Executor& executor_;
  FakeDevice& device_;
};

}  // namespace iw::modbus::testing
