// run_blocking: work that waits for a disk, or computes for long, off the core: the coroutine waits on the
// core while the work runs on another executor. Nothing of the core may be touched there.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "io/executor.hpp"
#include "io/operation.hpp"
#include "io/task.hpp"

namespace iw::api {

template <class Work>
io::Task<std::invoke_result_t<Work&>> run_blocking(io::Executor& core, io::Executor& blocking, Work work) {
  using T = std::invoke_result_t<Work&>;
  co_return co_await io::awaiting<T>([&](io::Operation<T>& done) -> std::optional<T> {
    blocking.post([&core, &work, &done] {
      core.post([&done, result = work()]() mutable { done.complete(std::move(result)); });
    });
    return std::nullopt;
  });
}

}  // namespace iw::api
