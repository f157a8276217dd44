#include "sim/fleet.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>

#include "io/signal.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/tcp_frame.hpp"

namespace iw::sim {

namespace {

using modbus::ExceptionCode;
using modbus::FunctionCode;
using modbus::max_tcp_adu;
using modbus::mbap_size;

// Offsets within an ADU.
constexpr std::size_t protocol_at = 2;
constexpr std::size_t length_at = 4;
constexpr std::size_t function_at = 7;
constexpr std::size_t address_at = 8;
constexpr std::size_t count_at = 10;  // or the value of FC 6
constexpr std::size_t data_at = 13;   // of FC 16
constexpr std::size_t smallest_adu = mbap_size + 1;
constexpr std::size_t smallest_request = 12;

std::uint16_t get16(const std::byte* at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) << 8U |
                                    std::to_integer<unsigned>(at[1]));
}
void put16(std::byte* at, std::size_t value) {
  at[0] = static_cast<std::byte>(value >> 8U);
  at[1] = static_cast<std::byte>(value);
}

// Of the ADU that begins here; 0: more bytes are needed; none: this is no frame.
std::optional<std::size_t> adu_size(Bytes in) {
  if (in.size() < smallest_adu) return 0;
  const std::size_t size = length_at + 2 + get16(&in[length_at]);
  if (get16(&in[protocol_at]) != 0 || size < smallest_adu || size > max_tcp_adu) return std::nullopt;
  return size <= in.size() ? size : 0;
}

// How many of the first n are chosen, when a part of all is, evenly spread.
std::size_t chosen(std::size_t n, double part) {
  return static_cast<std::size_t>(std::floor(static_cast<double>(n) * part + 1e-9));
}
bool is_chosen(std::size_t index, double part) { return chosen(index + 1, part) > chosen(index, part); }

}  // namespace

class Fleet::Member {
 public:
  explicit Member(std::uint16_t registers) : image_(std::size_t{registers} * 2) {
    for (std::size_t i = 1; i < registers; ++i)
      put16(&image_[2 * i], i);
  }

  // Answers one ADU into `reply` (max_tcp_adu bytes); gives the length of the reply.
  std::size_t answer(const std::byte* adu, std::size_t size, std::byte* reply) {
    put16(image_.data(), ++answered_);
    std::memcpy(reply, adu, smallest_adu);
    const auto function = static_cast<FunctionCode>(adu[function_at]);
    if (size < smallest_request) return refuse(reply, ExceptionCode::illegal_function);
    const std::size_t first = get16(adu + address_at);
    const std::size_t count = get16(adu + count_at);
    if (function == FunctionCode::read_holding_registers) return read(first, count, reply);
    if (function == FunctionCode::write_single_register) return write(first, 1, adu, adu + count_at, reply);
    if (function != FunctionCode::write_multiple_registers)
      return refuse(reply, ExceptionCode::illegal_function);
    if (size < data_at + 2 * count) return refuse(reply, ExceptionCode::illegal_data_value);
    return write(first, count, adu, adu + data_at, reply);
  }

  io::ListenerPtr listener;
  Behaviour behaviour = Behaviour::plain;

  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint16_t value(std::uint16_t address) const {
    return get16(&image_[std::size_t{address} * 2]);
  }

 private:
  std::size_t read(std::size_t first, std::size_t count, std::byte* reply) const {
    if (count == 0 || count > modbus::max_read_registers)
      return refuse(reply, ExceptionCode::illegal_data_value);
    if (2 * (first + count) > image_.size()) return refuse(reply, ExceptionCode::illegal_data_address);
    put16(reply + length_at, 3 + 2 * count);
    reply[smallest_adu] = static_cast<std::byte>(2 * count);
    std::memcpy(reply + smallest_adu + 1, &image_[2 * first], 2 * count);
    return smallest_adu + 1 + 2 * count;
  }

  std::size_t write(std::size_t first, std::size_t count, const std::byte* adu, const std::byte* data,
                    std::byte* reply) {
    if (count == 0) return refuse(reply, ExceptionCode::illegal_data_value);
    if (2 * (first + count) > image_.size()) return refuse(reply, ExceptionCode::illegal_data_address);
    std::memcpy(&image_[2 * first], data, 2 * count);
    std::memcpy(reply, adu, smallest_request);
    put16(reply + length_at, smallest_request - length_at - 2);
    return smallest_request;
  }

  static std::size_t refuse(std::byte* reply, ExceptionCode code) {
    put16(reply + length_at, 3);
    reply[function_at] |= std::byte{modbus::exception_flag};
    reply[smallest_adu] = static_cast<std::byte>(code);
    return smallest_adu + 1;
  }

  std::vector<std::byte> image_;  // as on the wire
  std::uint64_t answered_ = 0;
};

// Shared by who reads and who delivers, so that neither is left with half of it.
struct Fleet::Connection {
  struct Delivery {
    Instant due;
    std::vector<std::byte> bytes;
  };

  Connection(io::StreamPtr s, io::Executor& executor) : stream(std::move(s)), ready(executor) {}
  void close() {
    stream->close();
    ready.close();
  }

  io::StreamPtr stream;
  std::deque<Delivery> outbox;  // of a delayed device, in the order of the requests
  io::Signal ready;             // the outbox got something
};

Fleet::Fleet(io::Network& network, FleetSettings settings)
    : network_(network), settings_(std::move(settings)), tasks_(network.executor()) {
  members_.reserve(settings_.devices);
  std::size_t good = 0;
  for (std::size_t i = 0; i < settings_.devices; ++i) {
    Member& member = *members_.emplace_back(std::make_unique<Member>(settings_.registers));
    if (is_chosen(i, settings_.silent)) {
      member.behaviour = Behaviour::silent;
    } else if (is_chosen(good++, settings_.delayed)) {
      member.behaviour = Behaviour::delayed;
    }
  }
}

Fleet::~Fleet() = default;

Fleet::Behaviour Fleet::behaviour(std::size_t device) const { return members_.at(device)->behaviour; }
std::uint64_t Fleet::answered(std::size_t device) const { return members_.at(device)->answered(); }
std::uint16_t Fleet::value(std::size_t device, std::uint16_t address) const {
  return members_.at(device)->value(address);
}

Result<std::vector<io::Endpoint>> Fleet::listen() {
  std::vector<io::Endpoint> endpoints;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto port = settings_.first_port == 0 ? std::size_t{0} : settings_.first_port + i;
    auto listener = network_.listen({settings_.address, static_cast<std::uint16_t>(port)});
    if (!listener) {
      for (const auto& member : members_)
        member->listener.reset();
      return fail(std::move(listener).error());
    }
    members_[i]->listener = std::move(*listener);
    endpoints.push_back(members_[i]->listener->local());
  }
  return endpoints;
}

io::Task<void> Fleet::run() {
  for (const auto& member : members_)
    tasks_.spawn(accept(*member));
  co_await tasks_.join();
}

void Fleet::stop() {
  stopping_ = true;
  for (const auto& member : members_) {
    if (member->listener) member->listener->close();
  }
  for (const auto& connection : open_)
    connection->close();
}

io::Task<void> Fleet::accept(Member& member) {
  while (!stopping_) {
    auto stream = co_await member.listener->accept();
    if (!stream) co_return;
    auto connection = std::make_shared<Connection>(std::move(*stream), network_.executor());
    if (member.behaviour == Behaviour::delayed) tasks_.spawn(deliver(connection));
    tasks_.spawn(serve(member, std::move(connection)));
  }
}

// The one writer to a connection of a delayed device.
io::Task<void> Fleet::deliver(std::shared_ptr<Connection> connection) {
  Connection& c = *connection;
  while (!c.ready.closed()) {
    const Instant due = c.outbox.empty() ? never : c.outbox.front().due;
    if (due > network_.executor().now()) {
      co_await c.ready.wait_until(due);
      continue;
    }
    const auto written = co_await c.stream->write(c.outbox.front().bytes);
    if (!written) break;
    c.outbox.pop_front();
  }
  c.close();
}

io::Task<void> Fleet::serve(Member& member, std::shared_ptr<Connection> connection) {
  Connection& c = *connection;
  open_.push_back(connection);
  std::array<std::byte, 8 * max_tcp_adu> in;
  std::array<std::byte, 16 * max_tcp_adu> out;
  std::size_t have = 0;
  for (bool good = !stopping_; good;) {
    const auto n = co_await c.stream->read_some(MutableBytes(in).subspan(have));
    if (!n) break;
    if (member.behaviour == Behaviour::silent) continue;
    have += *n;

    std::size_t at = 0;
    while (good) {
      std::size_t filled = 0;
      while (filled + max_tcp_adu <= out.size()) {
        const auto size = adu_size(Bytes(in).subspan(at, have - at));
        good = size.has_value();
        if (!good || *size == 0) break;
        filled += member.answer(&in[at], *size, &out[filled]);
        at += *size;
      }
      if (filled == 0) break;
      const Bytes answers = Bytes(out).first(filled);
      if (member.behaviour == Behaviour::delayed) {
        c.outbox.push_back({network_.executor().now() + settings_.delay, {answers.begin(), answers.end()}});
        c.ready.set();
      } else {
        const auto written = co_await c.stream->write(answers);
        good = good && written.has_value();
      }
    }
    have -= at;
    if (have > 0 && at > 0) std::memmove(in.data(), &in[at], have);
  }
  c.close();
  std::erase(open_, connection);
}

}  // namespace iw::sim
