// What a command that speaks to devices needs: a loop, its network, files and chance. For tools that do one
// thing on the main thread.
#pragma once

#include <utility>

#include "io/posix/files.hpp"
#include "io/posix/loop.hpp"
#include "io/posix/random.hpp"
#include "io/task_group.hpp"

namespace iw::gateway {

class Surroundings {
 public:
  explicit Surroundings(Log* log = nullptr) : loop_(log) {}

  [[nodiscard]] io::posix::EpollLoop& loop() { return loop_; }
  [[nodiscard]] io::Network& network() { return loop_.network(); }
  [[nodiscard]] io::Executor& executor() { return loop_; }
  [[nodiscard]] io::Files& files() { return files_; }
  [[nodiscard]] io::Random& random() { return random_; }

  // Runs the task to its end.
  void run(io::Task<void> task) {
    io::TaskGroup group(loop_);
    auto main = [](io::Task<void> t, io::posix::EpollLoop& loop) -> io::Task<void> {
      co_await std::move(t);
      loop.stop();
    };
    group.spawn(main(std::move(task), loop_));
    if (group.running() > 0) loop_.run();
    loop_.run_for(0ns);  // what is still to be released
  }

 private:
  io::posix::EpollLoop loop_;
  io::posix::PosixFiles files_;
  io::posix::OsRandom random_;
};

}  // namespace iw::gateway
