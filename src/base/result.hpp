// Result<T>: a value, or an Error that says what happened, where, and what to do about it.
//
// Expected failures (a silent device, bad bytes, a wrong file) travel as values; exceptions mean a bug or a
// failed start. Functions that can fail return Result<T>; the caller looks at it or passes it on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace iw {

// What kind of failure it was, for code that must decide; the message is for people.
enum class ErrorKind : std::uint8_t {
  invalid_argument,  // the caller or the configuration asks for something impossible
  malformed,         // bytes or text that do not follow the standard
  timeout,           // nobody answered in time
  refused,           // the host answered that nobody listens (ECONNREFUSED)
  unreachable,       // no route, no such host, no such serial port
  reset,             // the peer broke the connection
  closed,            // the peer ended the connection in the regular way
  cancelled,         // we ended it ourselves
  busy,              // somebody else owns it, or it asks us to come back later
  denied,            // permission, certificate or role
  unsupported,       // the peer, or we, do not have this function
  rejected,          // the device understood and said no (a protocol exception)
  not_found,         // no such file, point, profile
  exhausted,         // a bounded queue, memory, file descriptors or disk are full
  io,                // anything else the operating system reported
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;      // what happened, and where (line, unit, register, clause)
  std::string remedy = {};  // what to do about it; may be empty

  friend bool operator==(const Error&, const Error&) = default;

  // The same error, said from one room further up: "<context>: <message>".
  [[nodiscard]] Error in(std::string_view context) && {
    message.insert(0, fmt::format("{}: ", context));
    return std::move(*this);
  }
};

template <class T>
using Result = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

[[nodiscard]] inline Unexpected fail(ErrorKind kind, std::string message, std::string remedy = {}) {
  return Unexpected(Error{kind, std::move(message), std::move(remedy)});
}

// For passing on: `if (!r) return fail(std::move(r).error());`
[[nodiscard]] inline Unexpected fail(Error error) { return Unexpected(std::move(error)); }

}  // namespace iw
