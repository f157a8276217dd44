#include "gateway/config_file.hpp"

#include "gateway/budget.hpp"
#include "gateway/line_plan.hpp"

namespace iw::gateway {

std::unique_ptr<LoadedConfig> read_config(const std::string& path, io::Files& files, Console& console) {
  const auto text = files.read(path);
  if (!text) {
    console.error(text.error());
    return nullptr;
  }
  config::Findings findings;
  auto config = load_config(path, *text, files, findings);
  // It runs all the same, as often as it can.
  DeviceIds ids;
  if (config) {
    for (const driver::LinePlanPtr& line : plan_lines(*config, ids))
      report(line->budget(), *config, config::Severity::warning, findings);
  }
  console.findings(findings);
  return config;
}

}  // namespace iw::gateway
