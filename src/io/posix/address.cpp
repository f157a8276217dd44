#include "io/posix/address.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/posix/errors.hpp"

namespace iw::io::posix {

std::optional<Address> parse_address(const std::string& host, std::uint16_t port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  if (host.find(':') == std::string::npos) return std::nullopt;
  // getaddrinfo, unlike inet_pton, knows scopes.
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_family = AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  freeaddrinfo(found);
  reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
  return address;
}

bool is_unix_path(const std::string& host) { return host.find('/') != std::string::npos; }

Result<Address> unix_address(const std::string& path) {
  Address address;
  auto* to = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.size() >= sizeof to->sun_path) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("{} is too long for a socket, which takes {} characters", path, sizeof to->sun_path - 1),
        "use a shorter folder for the data");
  }
  to->sun_family = AF_UNIX;
  std::memcpy(to->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

Result<Descriptor> bind_unix_socket(const std::string& path) {
  const auto address = unix_address(path);
  if (!address) return fail(address.error());
  Descriptor descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.open()) return fail(system_error("can not make a socket", errno));
  if (::connect(descriptor.number(), address->data(), address->size) == 0 || errno == EAGAIN) {
    return fail(ErrorKind::busy, fmt::format("somebody listens on {} already", path),
                "another gateway runs with the same data folder: end it first");
  }
  if (errno == ECONNREFUSED) ::unlink(path.c_str());
  // Nobody can connect before listen(), so that nobody can before the mode is right.
  if (::bind(descriptor.number(), address->data(), address->size) != 0 || ::chmod(path.c_str(), 0600) != 0)
    return fail(file_error("listen on", path, errno));
  return descriptor;
}

Address mapped_to_v6(const Address& v4) {
  const auto* from = reinterpret_cast<const sockaddr_in*>(&v4.storage);
  Address address;
  auto* to = reinterpret_cast<sockaddr_in6*>(&address.storage);
  to->sin6_family = AF_INET6;
  to->sin6_port = from->sin_port;
  to->sin6_addr.s6_addr[10] = 0xff;
  to->sin6_addr.s6_addr[11] = 0xff;
  std::memcpy(&to->sin6_addr.s6_addr[12], &from->sin_addr, sizeof(in_addr));
  address.size = sizeof(sockaddr_in6);
  return address;
}

Endpoint to_endpoint(const Address& address) {
  std::array<char, NI_MAXHOST> text{};
  if (address.family() == AF_UNIX)
    return {reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path, 0};
  if (address.family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4->sin_port)};
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size());
  } else {
    getnameinfo(address.data(), address.size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  }
  return {text.data(), ntohs(v6->sin6_port)};
}

Result<Descriptor> bind_socket(int type, const Endpoint& at) {
  const bool everywhere = at.host.empty() || at.host == "*";
  const auto address = parse_address(everywhere               ? "::"
                                     : at.host == "localhost" ? "127.0.0.1"
                                                              : at.host,
                                     at.port);
  if (!address) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no address to listen on", at.host),
                "use an address of this machine (see ip addr), or * for all");
  }
  Descriptor descriptor(socket(address->family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (everywhere && !descriptor.open() && errno == EAFNOSUPPORT)
    return bind_socket(type, {"0.0.0.0", at.port});
  const int on = 1;
  const int off = 0;
  if (descriptor.open()) {
    setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (everywhere) setsockopt(descriptor.number(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (!descriptor.open() || ::bind(descriptor.number(), address->data(), address->size) != 0) {
    return fail(system_error(fmt::format("can not take {}", to_string(at)), errno));
  }
  return descriptor;
}

Endpoint local_endpoint(int descriptor) {
  Address address;
  getsockname(descriptor, address.data(), &address.size);
  return to_endpoint(address);
}

}  // namespace iw::io::posix
