// What every client of the benchmark measures and prints: one JSON object.
#pragma once

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "json/json.hpp"

namespace iw::bench {

struct Options {
  std::size_t devices = 100;
  std::uint16_t first_port = 20'000;
  int period_ms = 0;  // 0: flat out
  double seconds = 5;
  int registers = 100;
  int in_flight = 1;
  int blocks = 1;  // requests of so many registers each
  int writes_per_second = 0;
};

// --devices 500 --first-port 20000 --period-ms 1000 --seconds 5 ...
inline Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string key = argv[i];
    const double value = std::stod(argv[i + 1]);
    if (key == "--devices") options.devices = static_cast<std::size_t>(value);
    if (key == "--first-port") options.first_port = static_cast<std::uint16_t>(value);
    if (key == "--period-ms") options.period_ms = static_cast<int>(value);
    if (key == "--seconds") options.seconds = value;
    if (key == "--registers") options.registers = static_cast<int>(value);
    if (key == "--in-flight") options.in_flight = static_cast<int>(value);
    if (key == "--blocks") options.blocks = static_cast<int>(value);
    if (key == "--writes") options.writes_per_second = static_cast<int>(value);
  }
  return options;
}

inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A number of /proc/self/status: "VmRSS" in kB, "Threads".
inline long status_of(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stol(line.substr(key.size() + 1));
  }
  return 0;
}

inline double quantile(std::vector<float>& values, double q) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

inline nlohmann::ordered_json quantiles(std::vector<float>& values) {
  return {{"p50", quantile(values, 0.5)},
          {"p99", quantile(values, 0.99)},
          {"p999", quantile(values, 0.999)},
          {"max", quantile(values, 1)}};
}

struct Measured {
  std::uint64_t requests = 0;
  double cpu_s = 0;
  double wall_s = 0;
  std::vector<float> gaps_ms = {};  // between two answers of one device
};

inline nlohmann::ordered_json to_json(const Options& options, Measured& measured) {
  const double registers = static_cast<double>(measured.requests) * options.registers;
  return {{"requests", measured.requests},
          {"requests_per_s", static_cast<double>(measured.requests) / measured.wall_s},
          {"cpu_s", measured.cpu_s},
          {"core_percent", 100 * measured.cpu_s / measured.wall_s},
          {"cpu_s_per_million_registers", measured.cpu_s / registers * 1e6},
          {"gap_ms", quantiles(measured.gaps_ms)},
          {"rss_kb", status_of("VmRSS")},
          {"threads", status_of("Threads")}};
}

}  // namespace iw::bench
