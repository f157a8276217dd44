// The command line: one function a command, each of which adds itself to the program. A command's callback
// does the work and gives the exit status.
//
// Exit status: 0 done; 1 it did not work (the device said no, the file has errors); 2 wrong use.
#pragma once

#include <functional>

#include "gateway/commands/command_line.hpp"
#include "gateway/console.hpp"

namespace iw::gateway {

struct Program {
  Command app;
  Console& console;
  int status = 0;  // what main() returns
};

void add_run(Program& program);
void add_demo(Program& program);
void add_check(Program& program);
void add_query(Program& program);
void add_events(Program& program);
void add_historian(Program& program);
void add_control(Program& program);
void add_audit(Program& program);
void add_drill(Program& program);
void add_tail(Program& program);
void add_simulate(Program& program);
void add_try(Program& program);
void add_scan(Program& program);
void add_read(Program& program);
void add_write(Program& program);
void add_bacnet(Program& program);
void add_decode(Program& program);
void add_import(Program& program);
void add_export(Program& program);
void add_profiles(Program& program);
void add_user(Program& program);

}  // namespace iw::gateway
