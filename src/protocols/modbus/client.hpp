// Client: one question at a time to the units on one connection. For tools and discovery; polling is Line's.
//
// Lives on one executor. After an error of kind timeout it may be asked again (late answers never become
// another question's); after any other error of the stream it is of no more use.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "io/network.hpp"
#include "io/stream.hpp"
#include "io/task.hpp"
#include "protocols/modbus/address.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/session.hpp"

namespace iw::modbus {

// A reply's PDU, owned. decode_response(request, pdu.bytes()) tells what it says.
class ReplyPdu {
 public:
  ReplyPdu() = default;
  explicit ReplyPdu(Bytes pdu) : bytes_(pdu.begin(), pdu.end()) {}
  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

class Client {
 public:
  // timeout: how long a unit may take to answer; the time on a serial wire is added.
  Client(io::Executor& executor, io::StreamPtr stream, const Framing& framing, Duration timeout);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // Closes the connection; the executor runs on to release it.
  ~Client();

  // Exceptions of the device are answers, not errors: they come back as a PDU.
  io::Task<Result<ReplyPdu>> ask(UnitId unit, Request request);

  // The registers, or the exception as an error with its remedy.
  io::Task<Result<std::vector<std::uint16_t>>> read_registers(UnitId unit, ReadRegisters request);

  [[nodiscard]] std::string peer() const;
  [[nodiscard]] const SessionCounters& counters() const;

 private:
  struct Connection;
  static io::Task<void> receive(std::shared_ptr<Connection> connection);

  std::shared_ptr<Connection> connection_;
};

// Framing that an address implies: RTU silences and the time on the wire from the serial settings.
Framing framing_of(const Address& address);

// Connects, or opens the port. TLS addresses are not for this function: the caller wraps the stream (io/tls).
io::Task<Result<io::StreamPtr>> open_stream(io::Network& network, Address address, Instant deadline);

io::Task<Result<std::unique_ptr<Client>>> connect_client(io::Network& network, Address address,
                                                         Duration timeout);

}  // namespace iw::modbus
