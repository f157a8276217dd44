// What the operating system says (errno) as an Error that people can act on.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace iw::io::posix {

// "connect to 192.0.2.7:502" + ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, EMFILE ...; `what` says what was tried.
Error system_error(std::string_view what, int error);

// An established connection to `peer` failed.
Error connection_error(std::string_view peer, int error);

// A file or folder operation on `path` failed.
Error file_error(std::string_view what, std::string_view path, int error);

}  // namespace iw::io::posix
