#include "base/result.hpp"

namespace iw {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return "invalid argument";
    case ErrorKind::malformed: return "malformed";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::refused: return "refused";
    case ErrorKind::unreachable: return "unreachable";
    case ErrorKind::reset: return "reset";
    case ErrorKind::closed: return "closed";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::busy: return "busy";
    case ErrorKind::denied: return "denied";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::rejected: return "rejected";
    case ErrorKind::not_found: return "not found";
    case ErrorKind::exhausted: return "exhausted";
    case ErrorKind::io: return "input/output error";
  }
  return "unknown";
}

}  // namespace iw
