#include "io/posix/udp.hpp"

#include <algorithm>
#include <cerrno>

#include <netinet/in.h>

#include "io/posix/address.hpp"
#include "io/posix/errors.hpp"

namespace iw::io::posix {
namespace {

Unexpected cancelled() { return fail(ErrorKind::cancelled, "we closed the socket"); }

class UdpSocket final : public DatagramSocket, private Watched {
 public:
  UdpSocket(EpollLoop& loop, Descriptor descriptor)
      : loop_(loop), descriptor_(std::move(descriptor)), local_(local_endpoint(descriptor_.number())) {
    Address address;
    getsockname(descriptor_.number(), address.data(), &address.size);
    family_ = address.family();
    loop_.watch(descriptor_.number(), *this);
  }
  ~UdpSocket() override { UdpSocket::close(); }

  Result<void> send(Bytes bytes, const Endpoint& to) override {
    if (!descriptor_.open()) return cancelled();
    auto address = parse_address(to.host, to.port);
    if (!address) {
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no address", to.host),
                  "datagrams go to addresses, such as 192.0.2.255, not to names");
    }
    if (family_ == AF_INET6 && address->family() == AF_INET) address = mapped_to_v6(*address);
    if (::sendto(descriptor_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL, address->data(),
                 address->size) < 0) {
      const int error = errno == EAGAIN ? ENOBUFS : errno;
      return fail(system_error(fmt::format("can not send to {}", to_string(to)), error));
    }
    return {};
  }

  [[nodiscard]] Endpoint local() const override { return local_; }

  void close() override {
    if (!descriptor_.open()) return;
    loop_.unwatch(descriptor_.number(), *this);
    descriptor_.close();
    if (receiving_ == nullptr) return;
    loop_.post([op = std::exchange(receiving_, nullptr)] { op->complete(cancelled()); });
  }

 protected:
  std::optional<Result<Datagram>> start_receive(MutableBytes into, Operation<Result<Datagram>>& op) override {
    if (!descriptor_.open()) return cancelled();
    if (readable_) {
      if (auto result = try_receive(into)) return result;
    }
    into_ = into;
    receiving_ = &op;
    return std::nullopt;
  }

 private:
  void on_ready(std::uint32_t events) override {
    if ((events & (EPOLLIN | EPOLLERR)) != 0) readable_ = true;
    if (receiving_ == nullptr || !readable_) return;
    if (auto result = try_receive(into_)) std::exchange(receiving_, nullptr)->complete(std::move(*result));
  }

  std::optional<Result<Datagram>> try_receive(MutableBytes into) {
    for (;;) {
      Address address;
      const ssize_t n =
          ::recvfrom(descriptor_.number(), into.data(), into.size(), 0, address.data(), &address.size);
      if (n >= 0) return Datagram{to_endpoint(address), static_cast<std::size_t>(n)};
      if (errno == EINTR) continue;
      if (errno != EAGAIN)
        return fail(system_error(fmt::format("can not receive on {}", to_string(local_)), errno));
      readable_ = false;
      return std::nullopt;
    }
  }

  EpollLoop& loop_;
  Descriptor descriptor_;
  Endpoint local_;
  int family_ = AF_INET;
  bool readable_ = false;
  MutableBytes into_;
  Operation<Result<Datagram>>* receiving_ = nullptr;
};

}  // namespace

Result<DatagramSocketPtr> bind_udp(EpollLoop& loop, const Endpoint& at) {
  auto descriptor = bind_socket(SOCK_DGRAM, at);
  if (!descriptor) return fail(std::move(descriptor).error());
  const int on = 1;
  setsockopt(descriptor->number(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  return std::make_unique<UdpSocket>(loop, std::move(*descriptor));
}

}  // namespace iw::io::posix
