// The real Network: TCP, UDP and serial ports of this machine, on one loop.
#pragma once

#include <memory>

#include "base/log.hpp"
#include "io/network.hpp"

namespace iw::io::posix {

class EpollLoop;

std::unique_ptr<Network> make_network(EpollLoop& loop, Log* log);

}  // namespace iw::io::posix
