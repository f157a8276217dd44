// What the tests of this room share: a coroutine run on a real loop, to its end.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "io/posix/loop.hpp"
#include "io/task_group.hpp"

namespace iw::io::posix {

// Runs the tasks until all have ended; a test that hangs fails.
template <class... Tasks>
void run(EpollLoop& loop, Tasks... tasks) {
  TaskGroup group(loop);
  TaskGroup owner(loop);
  auto end = [&]() -> Task<void> {
    co_await group.join();
    loop.stop();
  };
  (group.spawn(std::move(tasks)), ...);
  owner.spawn(end());
  loop.run_for(20s);
  REQUIRE(group.running() == 0);
}

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

}  // namespace iw::io::posix
