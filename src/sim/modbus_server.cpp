#include "sim/modbus_server.hpp"

#include <algorithm>

#include "io/sleep.hpp"
#include "protocols/modbus/rtu_frame.hpp"
#include "protocols/modbus/tcp_frame.hpp"

namespace iw::sim {

namespace {

using modbus::ExceptionCode;
using modbus::UnitId;

constexpr UnitId broadcast_unit(0);    // on a serial line
constexpr UnitId device_itself(0xFF);  // over TCP, as is 0 (MODBUS Messaging on TCP/IP 4.4.2.2)
constexpr Duration dribble_gap = 1ms;
constexpr Duration rtu_resync = 100ms;  // silence after which an unfinished request is forgotten
constexpr Duration port_retry = 1s;

// A reply that waits for its time.
struct Reply {
  Instant due{};
  std::size_t size = 0;
  bool dribble = false;
  std::array<std::byte, modbus::max_tcp_adu> bytes;

  [[nodiscard]] Bytes frame() const { return Bytes(bytes).first(size); }
};

// A ring of replies in the order of the requests.
class Outbox {
 public:
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool full() const { return count_ == ring_.size(); }
  [[nodiscard]] Reply& front() { return ring_[head_]; }
  Reply& push() { return ring_[(head_ + count_++) % ring_.size()]; }
  void pop() {
    head_ = (head_ + 1) % ring_.size();
    --count_;
  }

 private:
  std::array<Reply, 16> ring_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

struct ModbusServer::Connection {
  Connection(io::StreamPtr s, io::Executor& executor)
      : stream(std::move(s)), ready(executor), room(executor), sending(executor) {}

  io::StreamPtr stream;
  Outbox outbox;
  io::Signal ready;  // there is something to send
  io::Signal room;   // something was sent
  io::TaskGroup sending;
};

ModbusServer::ModbusServer(io::Network& network, io::Random& random, Log& log, ServerSettings settings)
    : network_(network),
      executor_(network.executor()),
      random_(random),
      log_(log),
      settings_(settings),
      wake_(executor_),
      serving_(executor_) {}

ModbusServer::~ModbusServer() = default;

void ModbusServer::add(UnitId unit, Device& device) {
  units_[unit.value()] = &device;
  if (first_ == nullptr) first_ = &device;
}

Result<io::Endpoint> ModbusServer::listen(const io::Endpoint& at) {
  auto listener = network_.listen(at);
  if (!listener) return fail(std::move(listener).error());
  listener_ = std::move(*listener);
  endpoint_ = listener_->local();
  return endpoint_;
}

io::Task<void> ModbusServer::run() {
  while (!stopping_) {
    if (refuse_until_ > executor_.now()) {
      listener_.reset();
      co_await wake_.wait_until(refuse_until_);
      continue;
    }
    if (!listener_) {
      const auto listening = listen(endpoint_);
      if (!listening) {
        log_.warning("simulated device at {}: {}; trying again", to_string(endpoint_),
                     listening.error().message);
        co_await wake_.wait_until(executor_.now() + port_retry);
        continue;
      }
    }
    auto stream = co_await listener_->accept();
    if (!stream) {
      if (stream.error().kind != ErrorKind::cancelled) {
        log_.warning("simulated device at {}: {}", to_string(endpoint_), stream.error().message);
        co_await wake_.wait_until(executor_.now() + port_retry);
      }
    } else if (stopping_ || open_.size() >= settings_.max_connections) {
      (*stream)->close();
    } else {
      serving_.spawn(serve(std::move(*stream)));
    }
  }
  co_await serving_.join();
}

void ModbusServer::stop() {
  stopping_ = true;
  if (listener_) listener_->close();
  wake_.close();
  close_connections();
}

void ModbusServer::refuse_for(Duration duration) {
  refuse_until_ = executor_.now() + duration;
  if (listener_) listener_->close();
  wake_.set();
  close_connections();
}

void ModbusServer::close_connections() {
  // Closing `ready` may end the connection, and so take it out of the list.
  const std::vector<Connection*> all = open_;
  for (Connection* connection : all) {
    connection->stream->close();
    connection->ready.close();
  }
}

io::Task<void> ModbusServer::serve(io::StreamPtr stream) {
  Connection connection(std::move(stream), executor_);
  open_.push_back(&connection);
  connection.sending.spawn(send(connection));
  if (settings_.framing == Framing::tcp) {
    co_await receive_tcp(connection);
  } else {
    co_await receive_rtu(connection);
  }
  connection.ready.close();
  connection.stream->close();
  co_await connection.sending.join();
  std::erase(open_, &connection);
}

io::Task<void> ModbusServer::receive_tcp(Connection& connection) {
  modbus::TcpFramer framer;
  for (;;) {
    const auto n = co_await connection.stream->read_some(framer.free_space());
    if (!n) co_return;
    framer.filled(*n);
    while (const auto frame = framer.next()) {
      if (!*frame) co_return;
      while (connection.outbox.full()) {
        if (co_await connection.room.wait() == io::Wake::closed) co_return;
      }
      if (!take(connection, {(*frame)->tid, (*frame)->unit, (*frame)->pdu})) co_return;
    }
  }
}

io::Task<void> ModbusServer::receive_rtu(Connection& connection) {
  modbus::RtuServerFramer framer;
  Instant last_byte = executor_.now();
  for (;;) {
    const MutableBytes into = framer.free_space();
    const auto n = co_await connection.stream->read_some(into);
    if (!n) co_return;
    const Instant now = executor_.now();
    if (now - last_byte > rtu_resync) {
      framer.resync();
      std::ranges::copy(into.first(*n), framer.free_space().begin());
    }
    last_byte = now;
    framer.filled(*n);
    while (const auto frame = framer.next()) {
      if (frame->unit == broadcast_unit) {
        broadcast({0, frame->unit, frame->pdu});
        continue;
      }
      while (connection.outbox.full()) {
        if (co_await connection.room.wait() == io::Wake::closed) co_return;
      }
      if (!take(connection, {0, frame->unit, frame->pdu})) co_return;
    }
  }
}

io::Task<void> ModbusServer::send(Connection& connection) {
  for (;;) {
    if (connection.ready.closed()) break;
    if (connection.outbox.empty()) {
      co_await connection.ready.wait();
      continue;
    }
    Reply& reply = connection.outbox.front();
    if (reply.due > executor_.now()) {
      co_await connection.ready.wait_until(reply.due);
      continue;
    }
    const Bytes frame = reply.frame();
    const std::size_t piece = reply.dribble ? 1 : frame.size();
    bool sent = true;
    for (std::size_t at = 0; sent && at < frame.size(); at += piece) {
      if (at > 0) co_await io::sleep_for(executor_, dribble_gap);
      const auto written = co_await connection.stream->write(frame.subspan(at, piece));
      sent = written.has_value();
    }
    if (!sent) break;
    connection.outbox.pop();
    connection.room.set();
  }
  connection.room.close();
  connection.stream->close();
}

bool ModbusServer::take(Connection& connection, const Incoming& request) {
  Device* device = find(request.unit);
  const bool dead = device == nullptr || device->faults.silent;
  if (dead && device != nullptr) ++device->counters.requests;
  if (dead && !settings_.bus && (device != nullptr || settings_.framing == Framing::rtu))
    return true;  // silence

  static constexpr Faults none;
  const Faults& faults = device != nullptr ? device->faults : none;
  if (faults.one_at_a_time && !connection.outbox.empty()) return true;
  if (faults.reset_every != 0 && (device->counters.requests + 1) % faults.reset_every == 0) {
    ++device->counters.requests;
    return false;
  }

  std::array<std::byte, modbus::max_pdu> pdu;
  Writer out(pdu);
  const Instant now = executor_.now();
  Instant due = now + faults.delay;
  const auto function =
      request.pdu.empty() ? modbus::FunctionCode{} : static_cast<modbus::FunctionCode>(request.pdu[0]);
  if (dead) {
    write_exception(out, function, ExceptionCode::gateway_target_failed_to_respond);
    if (settings_.bus) due = due_on_bus(settings_.bus->unit_timeout);
  } else {
    if (faults.busy) {
      ++device->counters.requests;
      write_exception(out, function, ExceptionCode::server_device_busy);
    } else {
      answer(*device, request.pdu, now, out);
    }
    if (settings_.bus) due = due_on_bus(bus_time(request.pdu.size(), out.size()) + faults.delay);
  }
  if (chance(faults.late_rate)) due += faults.late_by;

  const UnitId unit(static_cast<std::uint8_t>(request.unit.value() + (faults.wrong_unit ? 1 : 0)));
  // Of no question that is under way: nothing would tell an answer with its id from the right one.
  const auto tid = static_cast<std::uint16_t>(request.tid ^ (faults.wrong_transaction ? 0x8000 : 0));
  Reply& reply = connection.outbox.push();
  reply.due = due;
  reply.dribble = faults.dribble;
  // A PDU of at most 253 bytes always fits.
  reply.size = settings_.framing == Framing::tcp ? *encode_tcp(tid, unit, out.written(), reply.bytes)
                                                 : *encode_rtu(unit, out.written(), reply.bytes);
  if (chance(faults.garble_rate)) {
    reply.bytes[random_.below(reply.size)] ^= std::byte{1} << static_cast<int>(random_.below(8));
  }
  connection.ready.set();
  return true;
}

void ModbusServer::broadcast(const Incoming& request) {
  std::array<std::byte, modbus::max_pdu> unsent;
  for (Device* device : units_) {
    if (device == nullptr || device->faults.silent) continue;
    Writer out(unsent);
    answer(*device, request.pdu, executor_.now(), out);
  }
}

// Request and reply with unit id and CRC, the silence of 3.5 characters around each, and the unit's own time.
Duration ModbusServer::bus_time(std::size_t request_pdu, std::size_t reply_pdu) {
  const auto characters = static_cast<std::int64_t>(request_pdu + reply_pdu + 2 * 3 + 7);
  return settings_.bus->character_time * characters + settings_.bus->turnaround;
}

Instant ModbusServer::due_on_bus(Duration cost) {
  bus_free_ = std::max(bus_free_, executor_.now()) + cost;
  return bus_free_;
}

Device* ModbusServer::find(UnitId unit) const {
  if (Device* device = units_[unit.value()]) return device;
  const bool itself = settings_.framing == Framing::tcp && !settings_.bus &&
                      (unit == broadcast_unit || unit == device_itself);
  return settings_.any_unit || itself ? first_ : nullptr;
}

}  // namespace iw::sim
