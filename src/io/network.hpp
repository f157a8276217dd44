// Network: where streams, sockets and ports come from. The real one is io/posix, the simulated one io/world,
// the scripted one io/testing.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/datagram.hpp"
#include "io/endpoint.hpp"
#include "io/executor.hpp"
#include "io/serial.hpp"
#include "io/stream.hpp"
#include "io/task.hpp"

namespace iw::io {

// Takes connections. accept() ends with kind cancelled when the listener is closed.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  virtual Task<Result<StreamPtr>> accept() = 0;
  [[nodiscard]] virtual Endpoint local() const = 0;  // the port that was really taken, when 0 was asked for
  virtual void close() = 0;
};

using ListenerPtr = std::unique_ptr<Listener>;

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // Resolves and connects within the deadline; refused, unreachable, timeout and reset are told apart. Here
  // and in listen(), the real network takes a host with a '/' for the path of a Unix socket of mode 0600.
  virtual Task<Result<StreamPtr>> connect(Endpoint to, Instant deadline) = 0;
  // Opens the port for us alone: busy when another process has it, denied, unreachable when it is not there.
  virtual Result<StreamPtr> open_serial(const SerialSettings& settings) = 0;
  virtual Result<ListenerPtr> listen(const Endpoint& at) = 0;
  virtual Result<DatagramSocketPtr> bind(const Endpoint& at) = 0;

  [[nodiscard]] virtual Executor& executor() = 0;
};

}  // namespace iw::io
