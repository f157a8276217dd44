#include "gateway/commands/data_folder.hpp"

#include <CLI/CLI.hpp>

#include "gateway/config_file.hpp"

namespace iw::gateway {

void add_data_folder(CLI::App& command, DataFolderOptions& options) {
  command.add_option("-c,--config", options.config, "configuration file, which says where the data is")
      ->capture_default_str();
  command.add_option("--data", options.folder, "the folder of the data itself");
}

std::optional<std::string> data_folder(const DataFolderOptions& options, io::Files& files, Console& console) {
  if (!options.folder.empty()) return options.folder;
  const auto config = read_config(options.config, files, console);
  if (!config) return std::nullopt;
  return config->data_folder;
}

}  // namespace iw::gateway
