// Line: the one owner of one road to one or more devices: a TCP endpoint, a TLS endpoint, a serial port.
//
// It connects, polls every device by its schedule, answers questions and writes before polls, keeps the gaps
// that the devices need, notices who is silent without letting the others pay, and reconnects. All on the
// executor of the network; the feed gets what it learns.
//
//   Line line(settings, {network, random, feed, log});
//   line.add(device);            // at any time, also while running
//   co_await line.run();         // until stop()
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "bus/feed.hpp"
#include "driver/line.hpp"
#include "io/network.hpp"
#include "io/random.hpp"
#include "io/signal.hpp"
#include "io/task_group.hpp"
#include "model/command.hpp"
#include "polling/back_off.hpp"
#include "polling/rates.hpp"
#include "protocols/modbus/client.hpp"
#include "protocols/modbus/queued_write.hpp"
#include "protocols/modbus/schedule.hpp"
#include "protocols/modbus/session.hpp"

namespace iw::modbus {

// Turns the connected stream into the one that is used, or refuses it: TLS.
using WrapStream = std::function<io::Task<Result<io::StreamPtr>>(io::StreamPtr stream, Instant deadline)>;

struct LineSettings {
  std::string name;
  Address address;        // its unit is not used
  Duration timeout = 1s;  // how long a unit may take to answer
  Duration connect_timeout = 3s;
  Duration connect_delay = 0ns;  // between the connection and the first request
  Duration gap = 0ns;            // between an answer and the next request
  std::uint16_t in_flight = 1;   // requests outstanding at once, at most; more than one is tried out
  polling::BackOffSettings reconnect = {.forgiven = 1, .first = 1s, .longest = 30s};
  polling::BackOffSettings unit_back_off = {};
  WrapStream wrap = {};

  friend bool operator==(const LineSettings& a, const LineSettings& b) {
    return a.name == b.name && a.address == b.address && a.timeout == b.timeout &&
           a.connect_timeout == b.connect_timeout && a.connect_delay == b.connect_delay && a.gap == b.gap &&
           a.in_flight == b.in_flight && a.reconnect == b.reconnect && a.unit_back_off == b.unit_back_off;
  }
};

// Which questions go first: those of writes before all polls, those of a discovery in turn with them, those
// of a guest, who looks for other units, only while no poll is due.
enum class Turn : std::uint8_t { before_polls, among_polls, between_polls };

// What a device's discovery may do: ask its unit.
class UnitAccess {
 public:
  UnitAccess() = default;
  UnitAccess(const UnitAccess&) = delete;
  UnitAccess& operator=(const UnitAccess&) = delete;
  virtual ~UnitAccess() = default;
  virtual io::Task<Result<ReplyPdu>> ask(Request request) = 0;
};

using Discover = std::function<io::Task<Result<RegisterMap>>(UnitAccess& unit)>;

struct LineDevice {
  model::DeviceId id;
  std::string name;
  UnitId unit;
  std::shared_ptr<const RegisterMap>
      map;            // what to read; shared by devices of one profile; none: discover finds out
  Discover discover;  // asked when the device is first heard of (SunSpec), and again, between polls, while
                      // its map is cut short; may be empty
  polling::RateTable rates;
};

struct LineCounters {
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t exceptions = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t spoiled = 0;
  std::uint64_t connects = 0;
  std::uint64_t connect_failures = 0;
};

class Line {
 public:
  struct Surroundings {
    io::Network& network;
    io::Random& random;
    bus::Feed& feed;
    Log& log;
  };

  Line(LineSettings settings, Surroundings surroundings);
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line();

  void add(LineDevice device);
  // The device is no longer polled; its points are said to be gone.
  void remove(model::DeviceId device);

  io::Task<void> run();
  // run() ends soon after. May be called at any time, on the executor.
  void stop();

  // Fails at once while the line is not connected. A guest waits for an answer for `patience` at most, and
  // for no longer than half the fastest period of the devices, so that no poll misses its slot for him; busy:
  // the polls left him no time.
  io::Task<Result<ReplyPdu>> ask(UnitId unit, Request request, Turn turn = Turn::before_polls,
                                 std::optional<Duration> patience = std::nullopt);

  // Writes a point and reads it back (write.cpp). Never sends the same write twice.
  io::Task<model::WriteResult> write(model::WriteCommand command);

  [[nodiscard]] const LineSettings& settings() const { return settings_; }
  [[nodiscard]] const LineCounters& counters() const { return counters_; }
  [[nodiscard]] const SessionCounters& session_counters() const { return session_.counters(); }
  [[nodiscard]] std::vector<driver::RequestRecord> recent_requests() const;
  [[nodiscard]] std::map<model::DeviceId, driver::Latency> latency() const { return requests_.latency(); }
  // The registers of each point as they were read last. From the first call on they are kept.
  [[nodiscard]] std::vector<driver::RawPoint> raw_points(model::DeviceId device);
  [[nodiscard]] bool connected() const { return stream_ != nullptr; }
  [[nodiscard]] std::size_t window() const { return window_; }
  // Requests that were due and not sent because the slot had passed.
  [[nodiscard]] std::uint64_t skipped() const;

 private:
  struct Device;
  // What a write needs to know of its point; the device may go, or be mapped anew, while the write waits.
  struct WriteTarget {
    UnitId unit;
    std::shared_ptr<const RegisterMap> map;
    std::uint16_t index = 0;
    std::vector<std::uint16_t> polled;  // its registers as last polled; empty: they were not

    [[nodiscard]] const RegisterPoint& point() const { return map->points[index]; }
  };
  // A question from ask(), waiting or under way. Lives in the frame of ask().
  struct Question;
  // What is outstanding under a ticket: a poll of a device, or a question.
  struct Outstanding {
    Ticket ticket = 0;
    UnitId unit;
    std::shared_ptr<Device> device;  // of a poll
    PolledBlockPtr block;
    Question* question = nullptr;
    Instant sent;
    driver::SentRequest logged;
    bool in_company = false;  // others were outstanding when it was sent
  };

  io::Task<Result<io::StreamPtr>> connect();
  io::Task<void> transmit();
  io::Task<void> receive();
  [[nodiscard]] Instant discovery_due(const Device& device) const;
  io::Task<void> discover(std::shared_ptr<Device> device);
  void look_again(const std::shared_ptr<Device>& device, Result<RegisterMap> map);
  [[nodiscard]] bool may_send(Instant now) const;
  Bytes next_to_send(Instant now);
  Outstanding& note_sent(Ticket ticket, UnitId unit, Instant now);
  Bytes send_question(std::deque<Question*>& questions, Instant now);
  [[nodiscard]] Duration wire_time(const Request& request) const;
  [[nodiscard]] Duration patience_of(const Question& guest) const;
  [[nodiscard]] bool has_time_for_guest(Instant now) const;
  void turn_guests_away(Instant now);
  Bytes send_poll(Instant now);

  void handle(Answer answer, Instant now);
  void handle_poll(const Outstanding& poll, Bytes pdu, Instant now);
  void handle_exception(const Outstanding& poll, ExceptionCode code, Instant now);
  void postpone(const Outstanding& poll, ExceptionCode code, Instant now);
  void no_path(const Outstanding& poll, Instant now);
  void tell_damage(Device& device, PolledBlock& block, bool damaged);
  void expire(Instant now);
  void missed(const Outstanding& entry, Error why, Instant now);
  [[nodiscard]] driver::SentRequest log_sent(UnitId unit, const Device* device, const Request& request,
                                             Bytes frame, Instant now);
  void log_end(const Outstanding& entry, driver::RequestOutcome outcome, Instant now, Bytes pdu = {});
  [[nodiscard]] bool tells_of_the_connection(UnitId unit) const;
  void widen_window();
  [[nodiscard]] std::optional<Error> not_connected() const;
  void disconnected(const Error& why);
  [[nodiscard]] Instant next_wake_up() const;
  Outstanding take(Ticket ticket);
  void start(const std::shared_ptr<Device>& device);

  void publish_values(Device& device, const PolledBlock& block, Instant sent, Instant now);
  void mark(Device& device, model::Quality quality);
  void mark_block(Device& device, const PolledBlock& block, model::Quality quality);
  void mark_missing(Device& device);
  void describe(const Device& device);
  void heard_of(Device& device);
  void report(Device& device, bus::DeviceState state, std::string reason, std::string remedy = {});
  void offline(Device& device, const Error& why);
  [[nodiscard]] Device* find(model::DeviceId id);
  [[nodiscard]] std::optional<WriteTarget> write_target(model::PointId point);
  [[nodiscard]] Result<WriteTarget> admit(const model::WriteCommand& command);
  // Of a point, as the device was told it last and as that still runs.
  [[nodiscard]] bool timer_runs(const model::WriteCommand& command, const RegisterPoint& point);
  io::Task<std::optional<Error>> set_timer(UnitAccess& unit, const model::WriteCommand& command,
                                           const RegisterPoint& point, DeviceLimits limits);

  LineSettings settings_;
  io::Network& network_;
  io::Executor& executor_;
  io::Random& random_;
  bus::Feed& feed_;
  Log& log_;

  io::TaskGroup tasks_;
  io::Signal wake_;
  Session session_;
  io::StreamPtr stream_;
  polling::BackOff link_back_off_;
  polling::BackOff gateway_back_off_;  // of a gateway that says it can not (exception 0A)
  std::optional<Error> link_error_;    // why it is not connected
  std::vector<std::shared_ptr<Device>> devices_;
  std::deque<Question*> questions_;  // that go before polls
  std::deque<Question*> inquiries_;  // that take their turn among polls
  std::deque<Question*> guests_;     // that are asked while no poll is due
  std::vector<Outstanding> outstanding_;
  QueuedWrite::Queue write_queue_;
  Ticket next_ticket_ = 1;
  Instant not_before_{};    // gap and connect delay
  std::size_t window_ = 1;  // requests outstanding at once, as tried out so far
  std::uint32_t window_good_ = 0;
  bool window_settled_ = false;
  bool stopping_ = false;
  std::uint32_t unanswered_ = 0;    // requests in a row that should have brought some byte from the line
  Instant probe_not_before_{};      // of devices that are given up
  Instant discovery_not_before_{};  // of devices that nobody has heard of, while others are polled
  model::SampleBatch& batch_;       // the feed's: empty between two uses
  LineCounters counters_;
  driver::RequestLog requests_;
};

// One unit of a line.
class LineUnit final : public UnitAccess {
 public:
  LineUnit(Line& line, UnitId unit, Turn turn = Turn::before_polls) : line_(line), unit_(unit), turn_(turn) {}
  io::Task<Result<ReplyPdu>> ask(Request request) override {
    return line_.ask(unit_, std::move(request), turn_);
  }

 private:
  Line& line_;
  UnitId unit_;
  Turn turn_;
};

}  // namespace iw::modbus
