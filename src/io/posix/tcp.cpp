#include "io/posix/tcp.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "io/posix/descriptor_stream.hpp"
#include "io/posix/errors.hpp"
#include "io/signal.hpp"

namespace iw::io::posix {
namespace {

void set_option(int descriptor, int level, int name, int value) {
  // Best effort: a connection without the option is still a connection.
  setsockopt(descriptor, level, name, &value, sizeof value);
}

void configure(int descriptor) {
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 10'000);
}

class TcpStream final : public DescriptorStream {
 public:
  TcpStream(EpollLoop& loop, Descriptor descriptor, std::string peer)
      : DescriptorStream(loop, std::move(descriptor), std::move(peer), true) {}

 protected:
  ssize_t receive(int descriptor, MutableBytes into) override {
    return ::recv(descriptor, into.data(), into.size(), 0);
  }
  ssize_t send(int descriptor, Bytes bytes) override {
    return ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  [[nodiscard]] Error failure(int error) const override {
    if (error == 0) return {ErrorKind::closed, fmt::format("{} closed the connection", peer())};
    return connection_error(peer(), error);
  }
};

// Lets a coroutine wait until a socket has something to say.
class Readiness final : private Watched {
 public:
  Readiness(EpollLoop& loop, int descriptor) : loop_(loop), descriptor_(descriptor), ready_(loop) {
    loop_.watch(descriptor_, *this);
  }
  ~Readiness() override { unwatch(); }

  auto wait_until(Instant deadline) { return ready_.wait_until(deadline); }
  // Before the descriptor is closed; who waits goes on waiting until wake().
  void unwatch() {
    if (descriptor_ >= 0) loop_.unwatch(std::exchange(descriptor_, -1), *this);
  }
  void wake() { ready_.set(); }

 private:
  void on_ready(std::uint32_t /*events*/) override { ready_.set(); }

  EpollLoop& loop_;
  int descriptor_;
  Signal ready_;
};

Error connect_error(const std::string& peer, int error) {
  if (error == ECONNREFUSED) {
    Error refused = system_error(peer, error);
    refused.message = fmt::format("nobody listens on {}", peer);
    return refused;
  }
  if (error == ETIMEDOUT) {
    return {ErrorKind::timeout, fmt::format("{} does not answer", peer),
            "is the device switched on and in this network? a firewall may drop the packets silently"};
  }
  return system_error(fmt::format("can not connect to {}", peer), error);
}

// A connected socket, or the errno.
Task<tl::expected<Descriptor, int>> connect_socket(EpollLoop& loop, Address address, Instant deadline) {
  Descriptor descriptor(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.open()) co_return tl::unexpected(errno);
  configure(descriptor.number());
  if (::connect(descriptor.number(), address.data(), address.size) != 0) {
    if (errno != EINPROGRESS) co_return tl::unexpected(errno);
    Readiness readiness(loop, descriptor.number());
    const Wake wake = co_await readiness.wait_until(deadline);
    if (wake == Wake::deadline) co_return tl::unexpected(ETIMEDOUT);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(descriptor.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return tl::unexpected(error);
  }
  co_return descriptor;
}

class TcpListener final : public Listener {
 public:
  TcpListener(EpollLoop& loop, Descriptor descriptor)
      : socket_(std::make_shared<Socket>(loop, std::move(descriptor))) {}
  ~TcpListener() override { TcpListener::close(); }

  Task<Result<StreamPtr>> accept() override { return accept_from(socket_); }
  [[nodiscard]] Endpoint local() const override { return socket_->local; }
  void close() override {
    if (!socket_->descriptor.open()) return;
    socket_->readiness.unwatch();
    socket_->descriptor.close();
    // The one who waits in accept() wakes after this call.
    socket_->loop.post([socket = socket_] { socket->readiness.wake(); });
  }

 private:
  // Shared with the coroutine that waits in accept().
  struct Socket {
    Socket(EpollLoop& on, Descriptor taken)
        : loop(on),
          descriptor(std::move(taken)),
          local(local_endpoint(descriptor.number())),
          readiness(loop, descriptor.number()) {}

    EpollLoop& loop;
    Descriptor descriptor;
    Endpoint local;
    Readiness readiness;
  };

  static Task<Result<StreamPtr>> accept_from(std::shared_ptr<Socket> socket) {
    while (socket->descriptor.open()) {
      Address address;
      Descriptor descriptor(
          accept4(socket->descriptor.number(), address.data(), &address.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (descriptor.open()) {
        configure(descriptor.number());
        co_return std::make_unique<TcpStream>(
            socket->loop, std::move(descriptor),
            address.family() == AF_UNIX ? socket->local.host : to_string(to_endpoint(address)));
      }
      const int error = errno;
      if (error == EAGAIN) {
        co_await socket->readiness.wait_until(never);
      } else if (error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS) {
        // The connection still waits in the kernel: asking again at once would be a busy loop.
        co_await socket->readiness.wait_until(socket->loop.now() + 100ms);
        co_return fail(system_error(fmt::format("can not accept on {}", to_string(socket->local)), error));
      }
      // Anything else is the misfortune of a connection that broke before we took it.
    }
    co_return fail(ErrorKind::cancelled, fmt::format("we no longer listen on {}", to_string(socket->local)));
  }

  std::shared_ptr<Socket> socket_;
};

}  // namespace

Task<Result<StreamPtr>> connect_tcp(EpollLoop& loop, Resolver& resolver, Endpoint to, Instant deadline) {
  if (is_unix_path(to.host)) {
    const auto address = unix_address(to.host);
    if (!address) co_return fail(address.error());
    auto descriptor = co_await connect_socket(loop, *address, deadline);
    if (!descriptor) co_return fail(connect_error(to.host, descriptor.error()));
    co_return std::make_unique<TcpStream>(loop, std::move(*descriptor), to.host);
  }
  auto addresses = co_await resolver.resolve(to, deadline);
  if (!addresses) co_return fail(std::move(addresses).error());
  int error = EHOSTUNREACH;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    // A first address that is silent leaves the others their share of the time.
    const auto left = static_cast<std::int64_t>(addresses->size() - i);
    const Instant now = loop.now();
    const Instant share = left == 1 || deadline == never ? deadline : now + (deadline - now) / left;
    auto descriptor = co_await connect_socket(loop, (*addresses)[i], share);
    if (descriptor) co_return std::make_unique<TcpStream>(loop, std::move(*descriptor), to_string(to));
    error = descriptor.error();
  }
  co_return fail(connect_error(to_string(to), error));
}

Result<ListenerPtr> listen_tcp(EpollLoop& loop, const Endpoint& at) {
  auto descriptor = is_unix_path(at.host) ? bind_unix_socket(at.host) : bind_socket(SOCK_STREAM, at);
  if (!descriptor) return fail(std::move(descriptor).error());
  if (::listen(descriptor->number(), SOMAXCONN) != 0) {
    return fail(system_error(fmt::format("can not listen on {}", to_string(at)), errno));
  }
  return std::make_unique<TcpListener>(loop, std::move(*descriptor));
}

}  // namespace iw::io::posix
