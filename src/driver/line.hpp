// LinePlan: what one line is to do, made from the configuration. Line: one that does it.
//
// A plan is made on the core and carried out on the field executor: it holds all that it needs. A line is the
// one owner of its road; it lives on the field executor, puts what it learns into the feed, and never lets
// one of its devices pay for another.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "bus/feed.hpp"
#include "driver/budget.hpp"
#include "driver/request_log.hpp"
#include "io/files.hpp"
#include "io/network.hpp"
#include "io/random.hpp"
#include "io/task.hpp"
#include "model/command.hpp"

namespace iw::driver {

// What a line stands on. All outlive it.
struct Surroundings {
  io::Network& network;
  io::Random& random;
  io::Files& files;
  bus::Feed& feed;
  Log& log;
  // Where what was given to Feed::remember is found after a restart; empty: nothing is kept.
  std::string memory = {};
};

struct LineStatus {
  std::string url;
  bool connected = false;
  std::size_t devices = 0;
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t refusals = 0;  // the device said no
  std::uint64_t timeouts = 0;
  std::uint64_t spoiled = 0;  // what came was no answer
  std::uint64_t late = 0;     // answers that nobody waited for any more
  std::uint64_t connects = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t skipped = 0;  // polls that were due and not sent because their slot had passed
  std::map<model::DeviceId, Latency> latency = {};  // of the devices that answered
};

// What lay on the wire for a point when it was read last.
struct RawPoint {
  std::uint16_t index = 0;  // of the point
  std::string source;       // "holding register 40083"
  std::vector<std::uint16_t> words = {};
};

class LinePlan;

class Line {
 public:
  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  virtual ~Line() = default;

  // Until stop(), or until end().
  virtual io::Task<void> run() = 0;
  virtual void stop() = 0;
  // All devices leave, and are said to be removed; then as stop().
  virtual void end() = 0;

  // Does from now on what the plan says: devices are added, changed and removed while the others go on. False
  // when the road itself has changed: then nothing is done, and the line has to be started anew.
  virtual bool follow(const LinePlan& plan) = 0;
  // The first half of that: the devices leave, and are said to be removed, that the plan has not, or has
  // otherwise. One that moves to another line has to leave here before it is added there.
  virtual bool let_go(const LinePlan& plan) = 0;

  [[nodiscard]] virtual bool has(model::DeviceId device) const = 0;
  // Of a device that it has. Never sends the same write twice.
  virtual io::Task<model::WriteResult> write(model::WriteCommand command) = 0;
  // A question to any station of it that is not one of its polls, in the bytes of its protocol (of Modbus the
  // PDU), and what was answered. It is asked while no poll is due, and waits for `patience` at most: who
  // looks around on a bus that has one owner costs nobody anything.
  virtual io::Task<Result<std::vector<std::byte>>> ask_station(std::uint8_t /*station*/,
                                                               std::vector<std::byte> /*question*/,
                                                               Duration /*patience*/) {
    co_return fail(ErrorKind::unsupported, "this line takes no questions but its own");
  }
  // Somebody has seen what the device reported (bus::DeviceAlarm::what): it is told, where it wants to know.
  virtual void acknowledge(model::DeviceId /*device*/, const std::string& /*what*/,
                           const std::string& /*by*/) {}

  [[nodiscard]] virtual LineStatus status() const = 0;
  // The newest first; none of a line that keeps none.
  [[nodiscard]] virtual std::vector<RequestRecord> recent_requests() const { return {}; }
  // Of the points of a device that it keeps; the first call may begin to keep them.
  [[nodiscard]] virtual std::vector<RawPoint> raw_points(model::DeviceId /*device*/) { return {}; }
};

// Certificates that a line uses: ours, with its private key, or (without a key) those of whom it trusts.
struct CertificateFile {
  std::string file;
  std::string key = {};
};

class LinePlan {
 public:
  LinePlan() = default;
  LinePlan(const LinePlan&) = delete;
  LinePlan& operator=(const LinePlan&) = delete;
  virtual ~LinePlan() = default;

  // Its identity: no two lines of a configuration have the same.
  [[nodiscard]] virtual const std::string& url() const = 0;
  [[nodiscard]] virtual LineBudget budget() const = 0;
  // Read anew for each connection.
  [[nodiscard]] virtual std::vector<CertificateFile> certificates() const { return {}; }
  // Nothing is sent before run().
  [[nodiscard]] virtual std::unique_ptr<Line> start(const Surroundings& surroundings) const = 0;
};

using LinePlanPtr = std::shared_ptr<const LinePlan>;

}  // namespace iw::driver
