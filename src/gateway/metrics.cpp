#include "gateway/metrics.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace iw::gateway {
namespace {

using formats::Exposition;
using formats::MetricType;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// One number of every member of a list, as a family.
template <class T>
struct Family {
  std::string_view name;
  MetricType type;
  std::string_view help;
  std::function<double(const T&)> value;
};

using driver::LineStatus;

const std::array line_families{
    Family<LineStatus>{"interwatt_line_connected", MetricType::gauge, "Whether the line has its connection.",
                       [](const auto& line) { return line.connected ? 1 : 0; }},
    Family<LineStatus>{"interwatt_line_devices", MetricType::gauge, "Devices on the line.",
                       [](const auto& line) { return static_cast<double>(line.devices); }},
    Family<LineStatus>{"interwatt_line_requests", MetricType::counter, "Requests sent.",
                       [](const auto& line) { return static_cast<double>(line.requests); }},
    Family<LineStatus>{"interwatt_line_answers", MetricType::counter, "Answers that belonged to a request.",
                       [](const auto& line) { return static_cast<double>(line.answers); }},
    Family<LineStatus>{"interwatt_line_connects", MetricType::counter, "Connections made.",
                       [](const auto& line) { return static_cast<double>(line.connects); }},
    Family<LineStatus>{"interwatt_line_skipped_polls", MetricType::counter,
                       "Polls that were due and not sent, because their time had passed.",
                       [](const auto& line) { return static_cast<double>(line.skipped); }},
};

struct ErrorKindOfLine {
  std::string_view kind;
  std::uint64_t LineStatus::* count;
};

constexpr std::array line_errors{
    ErrorKindOfLine{"timeout", &LineStatus::timeouts}, ErrorKindOfLine{"refusal", &LineStatus::refusals},
    ErrorKindOfLine{"spoiled", &LineStatus::spoiled}, ErrorKindOfLine{"late", &LineStatus::late},
    ErrorKindOfLine{"connect", &LineStatus::connect_failures}};

void put_lines(const Health& health, Exposition& out) {
  for (const auto& family : line_families) {
    out.family(family.name, family.type, "", family.help);
    for (const LineStatus& line : health.lines)
      out.sample({{"line", line.url}}, family.value(line));
  }
  out.family("interwatt_line_errors", MetricType::counter, "", "What went wrong on the line, by kind.");
  for (const LineStatus& line : health.lines) {
    for (const auto& [kind, count] : line_errors)
      out.sample({{"line", line.url}, {"kind", std::string(kind)}}, static_cast<double>(line.*count));
  }
  out.family("interwatt_line_planned_busy_ratio", MetricType::gauge, "ratio",
             "Share of the line's time that its polls are planned to take; 1: it is never idle.");
  for (const auto& [url, share] : health.planned_busy)
    out.sample({{"line", url}}, share);
}

void put_devices(const Health& health, Exposition& out) {
  out.family("interwatt_device_online", MetricType::gauge, "", "Whether the device answers.");
  for (const auto& [name, online] : health.devices)
    out.sample({{"device", name}}, online ? 1 : 0);
}

void put_latency(const Health& health, Exposition& out) {
  std::array<double, driver::Latency::bounds.size()> bounds{};
  std::ranges::transform(driver::Latency::bounds, bounds.begin(), [](auto bound) { return seconds(bound); });
  out.family("interwatt_device_answer_seconds", MetricType::histogram, "seconds",
             "How long the device took to answer a request.");
  for (const LineStatus& line : health.lines) {
    for (const auto& [device, latency] : line.latency) {
      const auto name = health.device_names.find(device);
      if (name == health.device_names.end()) continue;
      out.histogram({{"line", line.url}, {"device", name->second}}, bounds, latency.counts,
                    seconds(latency.sum));
    }
  }
}

void put_one(Exposition& out, std::string_view name, MetricType type, std::string_view unit,
             std::string_view help, double value) {
  out.family(name, type, unit, help);
  out.sample({}, value);
}

void put_queues(const Health& health, Exposition& out) {
  put_one(out, "interwatt_bus_batches", MetricType::counter, "", "Batches published.",
          static_cast<double>(health.batches));
  put_one(out, "interwatt_bus_samples", MetricType::counter, "", "Samples published.",
          static_cast<double>(health.samples));
  put_one(out, "interwatt_feed_dropped_batches", MetricType::counter, "",
          "Batches for which there was no room between field and core.",
          static_cast<double>(health.dropped_batches));
}

void put_history(const historian::Status& status, std::uint64_t dropped, Exposition& out) {
  put_one(out, "interwatt_history_samples", MetricType::counter, "", "Samples recorded.",
          static_cast<double>(status.recorded));
  put_one(out, "interwatt_history_lost_samples", MetricType::counter, "",
          "Samples that are not in the history, for want of room or because the disk was ill.",
          static_cast<double>(status.lost + dropped));
  put_one(out, "interwatt_history_unsealed_samples", MetricType::gauge, "", "Samples in the head log.",
          static_cast<double>(status.unsealed));
  put_one(out, "interwatt_history_disk_bytes", MetricType::gauge, "bytes", "What the history takes.",
          static_cast<double>(status.disk_bytes));
  put_one(out, "interwatt_history_free_bytes", MetricType::gauge, "bytes", "What is free on its disk.",
          static_cast<double>(status.free_bytes));
  put_one(out, "interwatt_history_well", MetricType::gauge, "", "Whether the disk can be written.",
          status.trouble ? 0 : 1);
}

void put_events(const Health& health, Exposition& out) {
  out.family("interwatt_events_active", MetricType::gauge, "", "Conditions that last, by severity.");
  for (const auto& [severity, count] : health.active)
    out.sample({{"severity", std::string(events::to_string(severity))}}, static_cast<double>(count));
}

const std::array output_families{
    Family<OutputStatus>{"interwatt_output_samples", MetricType::counter, "Samples delivered.",
                         [](const auto& o) { return static_cast<double>(o.forwarder.samples); }},
    Family<OutputStatus>{"interwatt_output_dropped_samples", MetricType::counter,
                         "Samples for which there was no room while the other side was away.",
                         [](const auto& o) { return static_cast<double>(o.forwarder.dropped); }},
    Family<OutputStatus>{"interwatt_output_rejected_samples", MetricType::counter,
                         "Samples that the other side did not want.",
                         [](const auto& o) { return static_cast<double>(o.forwarder.rejected); }},
    Family<OutputStatus>{"interwatt_output_failures", MetricType::counter, "Attempts that failed.",
                         [](const auto& o) { return static_cast<double>(o.forwarder.failures); }},
    Family<OutputStatus>{"interwatt_output_waiting_samples", MetricType::gauge, "Samples that wait.",
                         [](const auto& o) { return static_cast<double>(o.forwarder.waiting); }},
    Family<OutputStatus>{"interwatt_output_well", MetricType::gauge, "Whether the last attempt succeeded.",
                         [](const auto& o) { return o.forwarder.trouble ? 0 : 1; }},
};

using connectors::Filled;

const std::array fill_families{
    Family<Filled>{"interwatt_output_filled_samples", MetricType::counter,
                   "Samples delivered later, from the history.",
                   [](const auto& f) { return static_cast<double>(f.samples); }},
    Family<Filled>{"interwatt_output_fill_refused_samples", MetricType::counter,
                   "Samples of the past that the other side did not want.",
                   [](const auto& f) { return static_cast<double>(f.refused); }},
    Family<Filled>{"interwatt_output_fill_running", MetricType::gauge,
                   "Whether something of the past is still to be delivered.",
                   [](const auto& f) { return f.missing > Duration{} ? 1 : 0; }},
};
// In seconds, which their names say.
const std::array fill_time_families{
    Family<Filled>{"interwatt_output_fill_missing_seconds", MetricType::gauge,
                   "Time of the past of which the other side still has nothing.",
                   [](const auto& f) { return seconds(f.missing); }},
    Family<Filled>{"interwatt_output_fill_lost_seconds", MetricType::counter,
                   "Time of the past that the other side will never get: it is too long ago.",
                   [](const auto& f) { return seconds(f.given_up); }},
};

void put_filled(const Health& health, const Family<Filled>& family, std::string_view unit, Exposition& out) {
  out.family(family.name, family.type, unit, family.help);
  for (const OutputStatus& output : health.outputs) {
    if (output.forwarder.filled)
      out.sample({{"output", output.name}}, family.value(*output.forwarder.filled));
  }
}

void put_outputs(const Health& health, Exposition& out) {
  if (health.outputs.empty()) return;
  for (const auto& family : output_families) {
    out.family(family.name, family.type, "", family.help);
    for (const OutputStatus& output : health.outputs)
      out.sample({{"output", output.name}}, family.value(output));
  }
  for (const auto& family : fill_families)
    put_filled(health, family, "", out);
  for (const auto& family : fill_time_families)
    put_filled(health, family, "seconds", out);
}

void put_threads(const Health& health, Exposition& out) {
  out.family(
      "interwatt_thread_busy_seconds", MetricType::counter, "seconds",
      "Time at work, not waiting for something to do: its rate is the share in which a thread is busy.");
  for (const ThreadUsage& thread : health.threads)
    out.sample({{"thread", std::string(thread.name)}}, seconds(thread.busy));
}

void put_process(const Health& health, Exposition& out) {
  out.family("interwatt_build", MetricType::info, "", "The version of the program.");
  out.sample({{"version", health.version}}, 1);
  put_one(out, "process_cpu_seconds", MetricType::counter, "seconds", "User and system CPU time.",
          seconds(health.process.cpu));
  put_one(out, "process_resident_memory_bytes", MetricType::gauge, "bytes", "Resident memory.",
          static_cast<double>(health.process.resident_bytes));
  put_one(out, "process_open_fds", MetricType::gauge, "", "Open file descriptors.",
          static_cast<double>(health.process.open_files));
  put_one(out, "process_start_time_seconds", MetricType::gauge, "seconds", "When it started, UTC since 1970.",
          seconds(health.started.time_since_epoch()));
  put_one(out, "interwatt_configuration_reloads", MetricType::counter, "",
          "Configurations taken since the start.", static_cast<double>(health.reloads));
}

}  // namespace

void put_health(const Health& health, Exposition& out) {
  put_process(health, out);
  put_threads(health, out);
  put_lines(health, out);
  put_devices(health, out);
  put_latency(health, out);
  put_queues(health, out);
  if (health.history) put_history(*health.history, health.dropped_samples, out);
  put_events(health, out);
  put_outputs(health, out);
}

}  // namespace iw::gateway
