#include "gateway/config_file.hpp"

#include "gateway/budget.hpp"

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
    for (const LinePlan& line : plan_lines(*config, ids))
      report(predict(line), *config, config::Severity::warning, findings);
  }
  console.findings(findings);
  return config;
}

}  // namespace iw::gateway
