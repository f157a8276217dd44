#include "io/posix/errors.hpp"

#include <cerrno>
#include <system_error>

namespace iw::io::posix {
namespace {

std::string words(int error) { return std::generic_category().message(error); }

ErrorKind kind_of(int error) {
  switch (error) {
    case ECONNREFUSED: return ErrorKind::refused;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN: return ErrorKind::unreachable;
    case ETIMEDOUT: return ErrorKind::timeout;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE: return ErrorKind::reset;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorKind::denied;
    case EADDRINUSE:
    case EBUSY: return ErrorKind::busy;
    case EADDRNOTAVAIL:
    case EINVAL:
    case EAFNOSUPPORT:
    case ENAMETOOLONG: return ErrorKind::invalid_argument;
    case ENOENT:
    case ENOTDIR: return ErrorKind::not_found;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case ENOSPC:
    case EDQUOT: return ErrorKind::exhausted;
    case EOPNOTSUPP: return ErrorKind::unsupported;
    default: return ErrorKind::io;
  }
}

std::string_view remedy_for(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "is the protocol (for example Modbus TCP) switched on in the device, and is the port right?";
    case EHOSTUNREACH:
    case EHOSTDOWN: return "is the device switched on and plugged in, and is the address right?";
    case ENETUNREACH:
    case ENETDOWN:
      return "does this machine have a network interface and a route to that network? see: ip route";
    case EMFILE: return "raise the limit of open files: LimitNOFILE= of the service, or ulimit -n";
    case ENFILE:
      return "the whole machine has too many open files: raise fs.file-max, or find who leaks them";
    case EADDRINUSE: return "another program has this port: see ss -lnp, stop it or choose another port";
    case EADDRNOTAVAIL: return "no interface of this machine has that address: see ip addr, or use 0.0.0.0";
    case EACCES:
    case EPERM: return "ports below 1024 need CAP_NET_BIND_SERVICE; a firewall may also forbid it";
    default: return "";
  }
}

std::string_view file_remedy_for(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "give the user that runs this program access to it: see ls -ld on each folder of the path";
    case EROFS:
      return "the file system is mounted read-only; after an error of the disk Linux does that by itself";
    case ENOSPC:
    case EDQUOT: return "make room on the disk: see df -h and df -i";
    case EMFILE:
    case ENFILE: return remedy_for(error);
    default: return "";
  }
}

}  // namespace

Error system_error(std::string_view what, int error) {
  return {kind_of(error), fmt::format("{}: {}", what, words(error)), std::string(remedy_for(error))};
}

Error connection_error(std::string_view peer, int error) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
      return {ErrorKind::reset, fmt::format("{} broke the connection", peer),
              "the device may have restarted, or allow fewer connections than it has"};
    case ETIMEDOUT:
      return {ErrorKind::timeout, fmt::format("{} no longer acknowledges what we send", peer),
              "is it still switched on and plugged in?"};
    default: return system_error(fmt::format("connection to {}", peer), error);
  }
}

Error file_error(std::string_view what, std::string_view path, int error) {
  return {kind_of(error), fmt::format("can not {} {}: {}", what, path, words(error)),
          std::string(file_remedy_for(error))};
}

}  // namespace iw::io::posix
