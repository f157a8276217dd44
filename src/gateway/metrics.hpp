// Metrics: how the gateway is, for Prometheus: its lines, devices, queues, history, events, outputs and
// process. The values of its points are in formats/point_metrics.hpp. Pure: a Health in, families out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driver/line.hpp"
#include "events/event.hpp"
#include "formats/exposition.hpp"
#include "gateway/outputs.hpp"
#include "historian/historian.hpp"
#include "io/posix/process.hpp"

namespace iw::gateway {

struct ThreadUsage {
  std::string_view name;
  Duration busy{};  // at work since the start, not waiting for something to do
};

struct Health {
  std::string version;
  WallTime started;
  io::posix::ProcessUsage process;
  std::uint64_t reloads = 0;

  std::vector<driver::LineStatus> lines;
  std::map<std::string, double> planned_busy;              // by the url of the line; 1: never idle
  std::vector<std::pair<std::string, bool>> devices = {};  // and whether each answers
  std::map<model::DeviceId, std::string> device_names = {};

  std::uint64_t batches = 0;  // published
  std::uint64_t samples = 0;
  std::uint64_t dropped_batches = 0;                    // between field and core
  std::optional<historian::Status> history = {};        // none: none is kept
  std::uint64_t dropped_samples = 0;                    // on their way to the history
  std::map<events::Severity, std::size_t> active = {};  // events
  std::vector<OutputStatus> outputs = {};
  std::vector<ThreadUsage> threads = {};
};

void put_health(const Health& health, formats::Exposition& out);

}  // namespace iw::gateway
