// TCP: connect and listen. Every socket has TCP_NODELAY, keepalive after 10 s, 3 probes 5 s apart, and gives
// up on bytes that nobody acknowledges after 10 s, so that a peer that lost its power is noticed. A host
// with a '/' is the path of a Unix socket, for other programs of the same user on this machine.
#pragma once

#include "io/posix/loop.hpp"
#include "io/posix/resolver.hpp"

namespace iw::io::posix {

Task<Result<StreamPtr>> connect_tcp(EpollLoop& loop, Resolver& resolver, Endpoint to, Instant deadline);

Result<ListenerPtr> listen_tcp(EpollLoop& loop, const Endpoint& at);

}  // namespace iw::io::posix
