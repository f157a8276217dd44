#include "io/posix/thread.hpp"

#include <csignal>

#include <pthread.h>

namespace iw::io::posix {

std::thread start_thread(const std::string& name, std::move_only_function<void()> work) {
  // A thread inherits the mask of who starts it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
  return thread;
}

LoopThread::LoopThread(const std::string& name, Log* log)
    : loop_(log), thread_(start_thread(name, [this] { loop_.run(); })) {}

LoopThread::~LoopThread() {
  loop_.stop();
  thread_.join();
}

}  // namespace iw::io::posix
