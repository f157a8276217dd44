#include "gateway/config_file.hpp"

#include "gateway/config_store.hpp"

namespace iw::gateway {

std::unique_ptr<LoadedConfig> read_config(const std::string& path, io::Files& files, Console& console) {
  const auto text = files.read(path);
  if (!text) {
    console.error(text.error());
    return nullptr;
  }
  config::Findings findings;
  auto config = load_checked(path, *text, files, findings);
  console.findings(findings);
  return config;
}

}  // namespace iw::gateway
