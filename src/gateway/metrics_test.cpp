#include "gateway/metrics.hpp"

#include <doctest/doctest.h>

namespace iw::gateway {
namespace {

Health example() {
  driver::LineStatus line{.url = "modbus://192.0.2.10"};
  line.connected = true;
  line.requests = 100;
  line.timeouts = 3;
  line.latency[model::DeviceId(1)].add(7ms);
  historian::Status history;
  history.recorded = 5000;
  history.lost = 1;
  history.trouble = Error{ErrorKind::io, "the disk is ill"};
  OutputStatus output{.name = "plant", .forwarder = {.samples = 40, .dropped = 7, .waiting = 2}};
  output.forwarder.filled = {.samples = 30, .refused = 5, .missing = 90s, .given_up = 60s};
  return {.version = "1.2.3",
          .started = WallTime(1500ms),
          .process = {.cpu = 2500ms, .resident_bytes = 4096, .open_files = 12},
          .reloads = 2,
          .lines = {line},
          .planned_busy = {{"modbus://192.0.2.10", 0.25}},
          .devices = {{"pv", true}, {"meter", false}},
          .device_names = {{model::DeviceId(1), "pv"}},
          .batches = 10,
          .samples = 1000,
          .dropped_batches = 1,
          .history = history,
          .dropped_samples = 4,
          .active = {{events::Severity::alarm, 2}},
          .outputs = {output, {.name = "cloud", .forwarder = {}}},
          .threads = {{.name = "core", .busy = 1500ms}, {.name = "field", .busy = 4s}}};
}

std::string rendered(const Health& health) {
  formats::Exposition out(formats::ExpositionFormat::text);
  put_health(health, out);
  return std::move(out).finish();
}

TEST_CASE("the health of the gateway is there for Prometheus to see") {
  const std::string text = rendered(example());
  for (const std::string_view line :
       {"interwatt_build_info{version=\"1.2.3\"} 1",
        "process_cpu_seconds_total 2.5",
        "process_resident_memory_bytes 4096",
        "process_start_time_seconds 1.5",
        "interwatt_configuration_reloads_total 2",
        "interwatt_line_connected{line=\"modbus://192.0.2.10\"} 1",
        "interwatt_line_requests_total{line=\"modbus://192.0.2.10\"} 100",
        "interwatt_line_errors_total{line=\"modbus://192.0.2.10\",kind=\"timeout\"} 3",
        "interwatt_line_errors_total{line=\"modbus://192.0.2.10\",kind=\"late\"} 0",
        "interwatt_line_planned_busy_ratio{line=\"modbus://192.0.2.10\"} 0.25",
        "interwatt_device_online{device=\"pv\"} 1",
        "interwatt_device_online{device=\"meter\"} 0",
        "interwatt_device_answer_seconds_bucket{line=\"modbus://192.0.2.10\",device=\"pv\",le=\"0.005\"} 0",
        "interwatt_device_answer_seconds_bucket{line=\"modbus://192.0.2.10\",device=\"pv\",le=\"0.01\"} 1",
        "interwatt_device_answer_seconds_count{line=\"modbus://192.0.2.10\",device=\"pv\"} 1",
        "interwatt_bus_samples_total 1000",
        "interwatt_feed_dropped_batches_total 1",
        "interwatt_history_samples_total 5000",
        "interwatt_history_lost_samples_total 5",
        "interwatt_history_well 0",
        "interwatt_events_active{severity=\"alarm\"} 2",
        "interwatt_output_samples_total{output=\"plant\"} 40",
        "interwatt_output_dropped_samples_total{output=\"plant\"} 7",
        "interwatt_output_waiting_samples{output=\"plant\"} 2",
        "interwatt_output_well{output=\"plant\"} 1",
        "interwatt_output_filled_samples_total{output=\"plant\"} 30",
        "interwatt_output_fill_refused_samples_total{output=\"plant\"} 5",
        "interwatt_output_fill_running{output=\"plant\"} 1",
        "interwatt_output_fill_missing_seconds{output=\"plant\"} 90",
        "interwatt_output_fill_lost_seconds_total{output=\"plant\"} 60",
        "interwatt_thread_busy_seconds_total{thread=\"core\"} 1.5",
        "interwatt_thread_busy_seconds_total{thread=\"field\"} 4"}) {
    CAPTURE(line);
    const bool found = text.contains(fmt::format("\n{}\n", line));
    CHECK(found);
  }
}

TEST_CASE("an output that is not filled up from the history says nothing of that") {
  const std::string text = rendered(example());
  CHECK(text.contains("interwatt_output_well{output=\"cloud\"}"));
  CHECK(!text.contains("interwatt_output_fill_running{output=\"cloud\"}"));
}

TEST_CASE("a gateway without history and outputs shows none") {
  Health health = example();
  health.history.reset();
  health.outputs.clear();
  const std::string text = rendered(health);
  CHECK(!text.contains("interwatt_history"));
  CHECK(!text.contains("interwatt_output"));
}

}  // namespace
}  // namespace iw::gateway
