#include "protocols/modbus/client.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"
#include "io/signal.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"

namespace iw::modbus {

// What the client and its receiving coroutine share; whoever is last lets go of the stream.
struct Client::Connection {
  Connection(io::Executor& e, io::StreamPtr s, const Framing& framing, Duration t)
      : executor(e), stream(std::move(s)), session(framing), timeout(t), changed(e), receiver(e) {}

  io::Executor& executor;
  io::StreamPtr stream;
  Session session;
  Duration timeout;
  io::Signal changed;
  io::TaskGroup receiver;
  Ticket ticket = 0;
  std::optional<Result<ReplyPdu>> outcome;  // of the question under way
  std::optional<Error> ended;
};

Client::Client(io::Executor& executor, io::StreamPtr stream, const Framing& framing, Duration timeout)
    : connection_(std::make_shared<Connection>(executor, std::move(stream), framing, timeout)) {
  connection_->receiver.spawn(receive(connection_));
}

Client::~Client() { connection_->stream->close(); }

std::string Client::peer() const { return connection_->stream->peer(); }

const SessionCounters& Client::counters() const { return connection_->session.counters(); }

io::Task<void> Client::receive(std::shared_ptr<Connection> connection) {
  Connection& c = *connection;
  while (!c.ended) {
    const auto n = co_await c.stream->read_some(c.session.free_space());
    if (!n) {
      c.ended = n.error();
      break;
    }
    c.session.filled(*n);
    while (auto event = c.session.next(c.executor.now())) {
      if (const auto* answer = std::get_if<Answer>(&*event)) {
        c.outcome = ReplyPdu(answer->pdu);
      } else if (auto* spoiled = std::get_if<Spoiled>(&*event)) {
        c.outcome = fail(std::move(spoiled->error));
      } else if (auto* broken = std::get_if<Broken>(&*event)) {
        c.ended = std::move(broken->error);
        c.stream->close();
        break;
      }
    }
    c.changed.set();
  }
  c.changed.set();
}

io::Task<Result<ReplyPdu>> Client::ask(UnitId unit, Request request) {
  const std::shared_ptr<Connection> connection = connection_;
  Connection& c = *connection;
  if (c.ended) co_return fail(*c.ended);
  co_await io::sleep_until(c.executor, c.session.ready_at());
  c.outcome.reset();
  const auto bytes = c.session.ask(++c.ticket, unit, request, c.executor.now(), c.timeout);
  if (!bytes) co_return fail(bytes.error());
  const auto written = co_await c.stream->write(*bytes);
  if (!written) co_return fail(written.error());
  for (;;) {
    if (c.outcome) co_return std::move(*c.outcome);
    if (c.ended) co_return fail(*c.ended);
    if (c.session.expired(c.executor.now())) {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(c.timeout).count();
      co_return fail(ErrorKind::timeout, fmt::format("unit {} did not answer within {} ms", unit.value(), ms),
                     "is the unit id right, and is the device switched on?");
    }
    const auto held_back = c.session.held_back(c.executor.now());
    if (!held_back.empty()) {
      const auto sent = co_await c.stream->write(held_back);
      if (!sent) co_return fail(sent.error());
    }
    co_await c.changed.wait_until(c.session.next_deadline());
  }
}

io::Task<Result<std::vector<std::uint16_t>>> Client::read_registers(UnitId unit, ReadRegisters request) {
  const auto reply = co_await ask(unit, request);
  if (!reply) co_return fail(reply.error());
  const auto response = decode_response(request, reply->bytes());
  if (!response) co_return fail(response.error());
  if (const auto* exception = std::get_if<ExceptionResponse>(&*response))
    co_return fail(to_error(exception->code));
  const auto& registers = std::get<ReadRegistersResponse>(*response);
  std::vector<std::uint16_t> values(registers.count());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = registers.at(i);
  co_return values;
}

Framing framing_of(const Address& address) {
  switch (address.transport) {
    case Transport::tcp:
    case Transport::tls: return {};
    case Transport::rtu_over_tcp: return {.rtu = true, .silence = 0ns, .character = 0ns};
    case Transport::serial: {
      const Duration character = address.serial.character_time();
      return {
          .rtu = true, .silence = rtu_silence(address.serial.baud, character).t3_5, .character = character};
    }
  }
  return {};
}

io::Task<Result<io::StreamPtr>> open_stream(io::Network& network, Address address, Instant deadline) {
  if (address.transport == Transport::serial) co_return network.open_serial(address.serial);
  co_return co_await network.connect(address.endpoint, deadline);
}

io::Task<Result<std::unique_ptr<Client>>> connect_client(io::Network& network, Address address,
                                                         Duration timeout) {
  io::Executor& executor = network.executor();
  auto stream = co_await open_stream(network, address, executor.now() + timeout);
  if (!stream) co_return fail(std::move(stream).error());
  co_return std::make_unique<Client>(executor, std::move(*stream), framing_of(address), timeout);
}

}  // namespace iw::modbus
