#include "io/posix/network.hpp"

#include "io/posix/loop.hpp"
#include "io/posix/resolver.hpp"
#include "io/posix/serial_port.hpp"
#include "io/posix/tcp.hpp"
#include "io/posix/udp.hpp"

namespace iw::io::posix {
namespace {

class PosixNetwork final : public Network {
 public:
  PosixNetwork(EpollLoop& loop, Log* log) : loop_(loop), resolver_(loop), log_(log) {}

  Task<Result<StreamPtr>> connect(Endpoint to, Instant deadline) override {
    return connect_tcp(loop_, resolver_, std::move(to), deadline);
  }
  Result<StreamPtr> open_serial(const SerialSettings& settings) override {
    return open_serial_port(loop_, settings, log_);
  }
  Result<ListenerPtr> listen(const Endpoint& at) override { return listen_tcp(loop_, at); }
  Result<DatagramSocketPtr> bind(const Endpoint& at) override { return bind_udp(loop_, at); }

  [[nodiscard]] Executor& executor() override { return loop_; }

 private:
  EpollLoop& loop_;
  Resolver resolver_;
  Log* log_;
};

}  // namespace

std::unique_ptr<Network> make_network(EpollLoop& loop, Log* log) {
  return std::make_unique<PosixNetwork>(loop, log);
}

}  // namespace iw::io::posix
