// Where the gateway keeps its data, for the commands that look into it: as the configuration says, or named
// outright.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/commands/command_line.hpp"
#include "gateway/console.hpp"
#include "io/files.hpp"

namespace iw::gateway {

struct DataFolderOptions {
  std::string config = "interwatt.yaml";
  std::string folder;
};

// -c/--config and --data.
void add_data_folder(const Command& command, DataFolderOptions& options);

enum class Folder : std::uint8_t { must_be_there, may_be_new };
// None when the configuration can not be read, which was said. A configuration that is not there is wrong
// use, and so is a folder that was named and is not.
std::optional<std::string> data_folder(const DataFolderOptions& options, io::Files& files, Console& console,
                                       Folder folder = Folder::must_be_there);

// Ends the command as wrong use, with the remedy, when there is no such file or folder.
void must_be_there(const std::string& option, const std::string& path, std::string_view remedy);

}  // namespace iw::gateway
