// One simulated device on one endpoint, until stdin closes: what the programs that serve foreign clients
// share.
#pragma once

#include <iostream>
#include <string>

#include <unistd.h>

#include "base/log.hpp"
#include "certificates.hpp"
#include "image.hpp"
#include "io/posix/loop.hpp"
#include "io/posix/random.hpp"
#include "io/task_group.hpp"
#include "sim/modbus_server.hpp"

namespace iw::interop {

// Whoever started us holds the other end of stdin.
class UntilStdinCloses final : private io::posix::Watched {
 public:
  explicit UntilStdinCloses(io::posix::EpollLoop& loop) : loop_(loop) { loop_.watch(STDIN_FILENO, *this); }
  ~UntilStdinCloses() override { loop_.unwatch(STDIN_FILENO, *this); }

 private:
  void on_ready(std::uint32_t events) override {
    if ((events & (EPOLLHUP | EPOLLRDHUP)) != 0) loop_.stop();
  }

  io::posix::EpollLoop& loop_;
};

// Modbus/TCP Security: the server gets the streams of those who may speak.
inline io::Task<void> secure(io::StreamPtr stream, io::tls::TlsContext context, sim::ModbusServer& server,
                             io::Executor& executor) {
  auto secured = co_await io::tls::tls_accept(std::move(stream), context, executor, executor.now() + 5s);
  if (secured && check_role(**secured)) {
    co_await server.serve(std::move(*secured));
  } else {
    std::cerr << "refused: " << (secured ? "the role" : secured.error().message) << std::endl;
  }
}

inline io::Task<void> accept_secured(io::Listener& listener, io::tls::TlsContext context,
                                     sim::ModbusServer& server, io::Executor& executor,
                                     io::TaskGroup& group) {
  for (;;) {
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    group.spawn(secure(std::move(*stream), context, server, executor));
  }
}

struct Where {
  std::string transport = "tcp";  // tls, rtu_over_tcp, serial
  std::string at = "0";           // a port, 0 for any; or a serial device
  Certificates certificates = {};
};

// Says READY <port>; gives the exit code.
inline int serve(sim::Device& device, const Where& where) {
  io::posix::EpollLoop loop;
  io::posix::OsRandom random;
  NullLog log;
  const bool rtu = where.transport == "serial" || where.transport == "rtu_over_tcp";
  sim::ModbusServer server(loop.network(), random, log,
                           {.framing = rtu ? sim::Framing::rtu : sim::Framing::tcp});
  server.add(unit, device);

  io::TaskGroup group(loop);
  io::ListenerPtr listener;  // of TLS; the server has its own
  std::uint16_t port = 0;
  const auto failed = [](const Error& error) {
    std::cerr << error.message << "; " << error.remedy << '\n';
    return 1;
  };
  if (where.transport == "serial") {
    auto stream = loop.network().open_serial({.device = where.at, .baud = 19200});
    if (!stream) return failed(stream.error());
    group.spawn(server.serve(std::move(*stream)));
  } else {
    const io::Endpoint at{"127.0.0.1", static_cast<std::uint16_t>(std::stoi(where.at))};
    if (where.transport == "tls") {
      const auto settings = where.certificates.read();
      if (!settings) return failed(settings.error());
      const auto context = io::tls::make_server_context(*settings);
      if (!context) return failed(context.error());
      auto listening = loop.network().listen(at);
      if (!listening) return failed(listening.error());
      listener = std::move(*listening);
      port = listener->local().port;
      group.spawn(accept_secured(*listener, *context, server, loop, group));
    } else {
      const auto listening = server.listen(at);
      if (!listening) return failed(listening.error());
      port = listening->port;
      group.spawn(server.run());
    }
  }
  std::cout << "READY " << port << std::endl;
  {
    const UntilStdinCloses until_stdin_closes(loop);
    loop.run();
  }
  if (listener) listener->close();
  server.stop();
  while (group.running() > 0)
    loop.run_for(10ms);
  return 0;
}

}  // namespace iw::interop
