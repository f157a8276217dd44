// interwatt: the program.

#include <exception>

#include <sys/stat.h>

#include "gateway/commands/cert.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/config.hpp"

namespace {

constexpr const char* description =
    "Interwatt: the vendor-neutral gateway for energy systems.\n"
    "Reads inverters, batteries, meters and chargers of any maker as one model.";

constexpr const char* first_steps =
    "First steps:\n"
    "  interwatt demo                                   a simulated site, live\n"
    "  interwatt try modbus://192.0.2.10?unit=1         is there a device, and what does it say?\n"
    "  interwatt check interwatt.yaml                   what is wrong with a configuration\n"
    "  interwatt run -c interwatt.yaml                  the gateway\n";

}  // namespace

int main(int argc, char** argv) {
  umask(027);  // what is kept of a site is for its user and group; what is made to be read says so itself
  const iw::gateway::CommandLine line(description, IW_VERSION);
  iw::gateway::Console console;
  iw::gateway::Program program{.app = line.root(), .console = console};
  program.app.footer(first_steps);
  program.app.require_subcommand();
  for (const auto add : {iw::gateway::add_demo,      iw::gateway::add_run,      iw::gateway::add_check,
                         iw::gateway::add_config,    iw::gateway::add_try,      iw::gateway::add_scan,
                         iw::gateway::add_read,      iw::gateway::add_write,    iw::gateway::add_bacnet,
                         iw::gateway::add_tail,      iw::gateway::add_query,    iw::gateway::add_events,
                         iw::gateway::add_control,   iw::gateway::add_drill,    iw::gateway::add_audit,
                         iw::gateway::add_historian, iw::gateway::add_simulate, iw::gateway::add_import,
                         iw::gateway::add_export,    iw::gateway::add_decode,   iw::gateway::add_profiles,
                         iw::gateway::add_user,      iw::gateway::add_cert}) {
    add(program);
  }
  try {
    const int misused = line.parse(argc, argv);
    return misused != 0 ? misused : program.status;
  } catch (const std::exception& failure) {
    console.error({iw::ErrorKind::io, failure.what()});
    return 1;
  }
}
