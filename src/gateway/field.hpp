// Field: all lines of the site, on the field executor. apply() makes them what the configuration says, and
// leaves alone what has not changed: a device is added, changed or removed without its neighbours noticing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "gateway/line_plan.hpp"
#include "io/files.hpp"
#include "io/task_group.hpp"

namespace iw::gateway {

class Field {
 public:
  Field(io::Network& network, io::Random& random, io::Files& files, bus::Feed& feed, Log& log);
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;
  ~Field();

  void apply(const std::vector<LinePlan>& plans);

  // Ends all lines; the field is of no use afterwards.
  io::Task<void> stop();

  // Refused when no line has the device.
  io::Task<model::WriteResult> write(model::WriteCommand command);

  struct LineStatus {
    std::string url;
    bool connected = false;
    std::size_t devices = 0;
    modbus::LineCounters counters;
    modbus::SessionCounters session;
    std::uint64_t skipped = 0;
  };
  [[nodiscard]] std::vector<LineStatus> status() const;

 private:
  struct Running;

  [[nodiscard]] Result<modbus::WrapStream> wrap_of(const LinePlan& plan) const;
  void start(const LinePlan& plan);
  void end(Running& line);
  static void change_devices(Running& line, const LinePlan& plan);
  io::Task<void> run(std::shared_ptr<Running> line);

  io::Network& network_;
  io::Random& random_;
  io::Files& files_;
  bus::Feed& feed_;
  Log& log_;
  io::TaskGroup tasks_;
  std::vector<std::shared_ptr<Running>> lines_;
};

}  // namespace iw::gateway
