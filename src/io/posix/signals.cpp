#include "io/posix/signals.hpp"

#include <cerrno>
#include <system_error>

#include <sys/signalfd.h>

namespace iw::io::posix {

Signals::Signals(EpollLoop& loop, std::move_only_function<void(int)> on_signal)
    : loop_(loop), on_signal_(std::move(on_signal)) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&wanted, number);
  pthread_sigmask(SIG_BLOCK, &wanted, &before_);
  descriptor_ = Descriptor(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor_.open()) throw std::system_error(errno, std::generic_category(), "signalfd");
  loop_.watch(descriptor_.number(), *this);
}

Signals::~Signals() {
  loop_.unwatch(descriptor_.number(), *this);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Signals::on_ready(std::uint32_t /*events*/) {
  signalfd_siginfo info{};
  while (::read(descriptor_.number(), &info, sizeof info) == sizeof info)
    on_signal_(static_cast<int>(info.ssi_signo));
}

}  // namespace iw::io::posix
