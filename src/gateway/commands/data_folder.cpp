#include "gateway/commands/data_folder.hpp"

#include "gateway/config_file.hpp"
#include "io/posix/folders.hpp"

namespace iw::gateway {

void add_data_folder(const Command& command, DataFolderOptions& options) {
  command.add_option("-c,--config", options.config, "configuration file, which says where the data is")
      .show_default();
  command.add_option("--data", options.folder, "the folder of the data itself");
}

std::optional<std::string> data_folder(const DataFolderOptions& options, io::Files& files, Console& console,
                                       Folder folder) {
  if (!options.folder.empty()) {
    if (folder == Folder::must_be_there)
      must_be_there("--data", options.folder,
                    "name the folder where `interwatt run` keeps its data (data: of its configuration)");
    return options.folder;
  }
  must_be_there("--config", options.config,
                "name the configuration with -c, or the folder of the data with --data");
  const auto config = read_config(options.config, files, console);
  if (!config) return std::nullopt;
  return config->data_folder;
}

void must_be_there(const std::string& option, const std::string& path, std::string_view remedy) {
  if (!io::posix::exists(path)) wrong_use(fmt::format("{}: there is no {}; {}", option, path, remedy));
}

}  // namespace iw::gateway
