// Target: the device that a tool speaks to, as the command line names it.
#pragma once

#include <functional>
#include <string>

#include "commissioning/link.hpp"
#include "gateway/commands/command_line.hpp"

namespace iw::gateway {

using commissioning::Link;
using commissioning::LinkUnit;
using commissioning::Target;
using commissioning::TlsFiles;

// The options that all tools share.
struct TargetOptions {
  std::string url;
  std::string timeout;  // empty: the default of the tool
  TlsFiles tls;
  bool json = false;
};

void add_target_options(const Command& command, TargetOptions& options);

// TLS without the certificates that it needs is an error here, with what is missing.
Result<Target> parse_target(const TargetOptions& options);

// Runs a tool to its end on a loop of its own and gives its exit status.
using Tool = std::function<io::Task<int>(io::Network& network, io::Files& files)>;
int run_tool(const Tool& tool);

}  // namespace iw::gateway
