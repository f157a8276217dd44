// Serial ports: raw bytes at any speed, for us alone (flock and TIOCEXCL), with RS-485 direction where the
// port can.
#pragma once

#include "io/posix/loop.hpp"

namespace iw::io::posix {

// log, which may be null, hears of an RS-485 mode that the port does not have.
Result<StreamPtr> open_serial_port(EpollLoop& loop, const SerialSettings& settings, Log* log);

}  // namespace iw::io::posix
