// excerpt_of: the coroutine waits for a part of the history as the recorder has it, which is then read on an
// executor that may wait for disks (run_blocking).
#pragma once

#include <utility>

#include "gateway/recorder.hpp"
#include "io/operation.hpp"
#include "io/task.hpp"

namespace iw::api {

inline io::Task<historian::Excerpt> excerpt_of(const gateway::Recorder& recorder,
                                               historian::Excerpt::Wanted wanted) {
  using historian::Excerpt;
  co_return co_await io::awaiting<Excerpt>([&](io::Operation<Excerpt>& done) -> std::optional<Excerpt> {
    recorder.excerpt(std::move(wanted), [&done](Excerpt excerpt) { done.complete(std::move(excerpt)); });
    return std::nullopt;
  });
}

}  // namespace iw::api
