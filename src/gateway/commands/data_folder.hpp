// Where the gateway keeps its data, for the commands that look into it: as the configuration says, or named
// outright.
#pragma once

#include <optional>
#include <string>

#include "gateway/console.hpp"
#include "io/files.hpp"

namespace CLI {
class App;
}

namespace iw::gateway {

struct DataFolderOptions {
  std::string config = "interwatt.yaml";
  std::string folder;
};

// -c/--config and --data.
void add_data_folder(CLI::App& command, DataFolderOptions& options);

// None when the configuration can not be read, which was said.
std::optional<std::string> data_folder(const DataFolderOptions& options, io::Files& files, Console& console);

}  // namespace iw::gateway
