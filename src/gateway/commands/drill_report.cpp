#include "gateway/commands/drill_report.hpp"

#include <algorithm>

#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::size_t count_checks(const DrillReport& report, bool passed) {
  std::size_t count = 0;
  for (const DrillStep& step : report.steps)
    count += static_cast<std::size_t>(std::ranges::count(step.checks, passed, &DrillCheck::passed));
  return count;
}

}  // namespace

// A drill that tried nothing proves nothing.
bool DrillReport::passed() const {
  return broken_off.empty() && count_checks(*this, false) == 0 && count_checks(*this, true) > 0;
}

Json to_json(const DrillReport& report) {
  Json steps = Json::array();
  for (const DrillStep& step : report.steps) {
    Json checks = Json::array();
    for (const DrillCheck& check : step.checks) {
      checks.push_back({{"expected", check.expected},
                        {"passed", check.passed},
                        {"took_s", seconds(check.took)},
                        {"seen", check.seen}});
    }
    steps.push_back({{"what", step.what}, {"skipped", step.skipped}, {"checks", std::move(checks)}});
  }
  return {{"passed", report.passed()},
          {"site", report.site},
          {"simulated", report.simulated},
          {"broken_off", report.broken_off},
          {"steps", std::move(steps)}};
}

void show(const DrillStep& step, Console& console) {
  console.out(console.styled(Style::bold, step.what) +
              (step.skipped.empty() ? "" : ": not tried, " + step.skipped));
  for (const DrillCheck& check : step.checks) {
    console.out(
        fmt::format("  {} {:5.1f} s  {}{}{}",
                    console.styled(check.passed ? Style::good : Style::bad, check.passed ? "pass" : "FAIL"),
                    seconds(check.took), check.expected, check.seen.empty() ? "" : ": ", check.seen));
  }
}

void show_verdict(const DrillReport& report, Console& console) {
  if (!report.broken_off.empty()) console.note("broken off: " + report.broken_off);
  const std::size_t failed = count_checks(report, false);
  console.out(fmt::format(
      "{}: {} checks passed, {} failed",
      report.passed() ? console.styled(Style::good, "passed") : console.styled(Style::bad, "FAILED"),
      count_checks(report, true), failed));
}

}  // namespace iw::gateway
