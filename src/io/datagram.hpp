// DatagramSocket: UDP, or the likeness of it in a simulated world.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "io/endpoint.hpp"
#include "io/operation.hpp"

namespace iw::io {

struct Datagram {
  Endpoint peer;
  std::size_t size = 0;  // bytes of the span that were filled; what did not fit is lost, as in UDP
};

class DatagramSocket {
 public:
  DatagramSocket() = default;
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;
  virtual ~DatagramSocket() = default;

  auto receive(MutableBytes into) {
    return awaiting<Result<Datagram>>(
        [this, into](Operation<Result<Datagram>>& op) { return start_receive(into, op); });
  }
  // Hands the datagram to the operating system or drops it; never waits.
  virtual Result<void> send(Bytes bytes, const Endpoint& to) = 0;
  [[nodiscard]] virtual Endpoint local() const = 0;
  virtual void close() = 0;

 protected:
  virtual std::optional<Result<Datagram>> start_receive(MutableBytes into,
                                                        Operation<Result<Datagram>>& op) = 0;
};

using DatagramSocketPtr = std::unique_ptr<DatagramSocket>;

}  // namespace iw::io
