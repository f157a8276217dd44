// ByteStream: an ordered, two-way flow of bytes: TCP, TLS, a serial port, or one end of a pipe in a test.
//
// One read and one write may be outstanding at a time. Spans stay alive until the operation ends. All on the
// executor of the stream. Ends: closed (the peer hung up), reset, cancelled (we closed it), io.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "io/operation.hpp"

namespace iw::io {

class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  // At least one byte; the end of the stream is an error of kind closed.
  auto read_some(MutableBytes into) {
    return awaiting<Result<std::size_t>>(
        [this, into](Operation<Result<std::size_t>>& op) { return start_read(into, op); });
  }

  // All bytes, handed to the operating system.
  auto write(Bytes bytes) {
    return awaiting<Result<void>>(
        [this, bytes](Operation<Result<void>>& op) { return start_write(bytes, op); });
  }

  // Ends the stream; what waits on it completes with kind cancelled, after this call.
  virtual void close() = 0;

  // Who is at the other end, for messages: "192.0.2.7:502", "/dev/ttyUSB0".
  [[nodiscard]] virtual std::string peer() const = 0;

  // The backend's side, and the way for a stream that wraps another: see Operation.
  virtual std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                        Operation<Result<std::size_t>>& op) = 0;
  virtual std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) = 0;
};

using StreamPtr = std::unique_ptr<ByteStream>;

}  // namespace iw::io
