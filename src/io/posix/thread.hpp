// LoopThread: an EpollLoop on a thread of its own. The destructor stops the loop and waits for its thread;
// what lives on the loop has ended before.
#pragma once

#include <string>
#include <thread>

#include "io/posix/loop.hpp"

namespace iw::io::posix {

// A thread with a name (at most 15 characters) that receives no signals: those are for the main thread.
std::thread start_thread(const std::string& name, std::move_only_function<void()> work);

class LoopThread {
 public:
  explicit LoopThread(const std::string& name, Log* log = nullptr);
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread();

  [[nodiscard]] EpollLoop& loop() { return loop_; }
  [[nodiscard]] Executor& executor() { return loop_; }
  [[nodiscard]] Network& network() { return loop_.network(); }

 private:
  EpollLoop loop_;
  std::thread thread_;
};

}  // namespace iw::io::posix
