// Address: an IP address and a port as the operating system takes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

#include "io/endpoint.hpp"
#include "io/posix/descriptor.hpp"

namespace iw::io::posix {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Numeric hosts only ("192.0.2.7", "2001:db8::1", "fe80::1%eth0"); nothing for a name. Never blocks.
std::optional<Address> parse_address(const std::string& host, std::uint16_t port);

// A host with a '/' is the path of a Unix socket.
bool is_unix_path(const std::string& host);
Result<Address> unix_address(const std::string& path);
// A socket bound to this path, which only we may connect to. busy: somebody listens there already; what an
// ended process left is taken over.
Result<Descriptor> bind_unix_socket(const std::string& path);

// An IPv4 address as a socket of IPv6 sees it (::ffff:192.0.2.7).
Address mapped_to_v6(const Address& v4);

// Mapped addresses come back as plain IPv4.
Endpoint to_endpoint(const Address& address);

// A socket of this type bound to `at`: an address of this machine, "localhost", or "" or "*" for all
// addresses, IPv4 and IPv6. With SO_REUSEADDR.
Result<Descriptor> bind_socket(int type, const Endpoint& at);

// The address that a socket is bound to.
Endpoint local_endpoint(int descriptor);

}  // namespace iw::io::posix
