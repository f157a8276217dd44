// UDP: sockets that may share their port (SO_REUSEADDR) and may broadcast.
#pragma once

#include "io/posix/loop.hpp"

namespace iw::io::posix {

Result<DatagramSocketPtr> bind_udp(EpollLoop& loop, const Endpoint& at);

}  // namespace iw::io::posix
