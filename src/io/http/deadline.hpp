// Deadline: closes a stream when the time is up, so that what waits on the stream ends.
#pragma once

#include "io/executor.hpp"
#include "io/stream.hpp"

namespace iw::io::http {

class Deadline final : private Timer {
 public:
  explicit Deadline(Executor& executor) : executor_(executor) {}

  // Instead of the deadline before, if there was one.
  void set(ByteStream& stream, Duration from_now) {
    stream_ = &stream;
    executor_.arm(*this, executor_.now() + from_now);
  }
  void clear() { disarm(); }
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  void on_timer() override {
    passed_ = true;
    stream_->close();
  }

  Executor& executor_;
  ByteStream* stream_ = nullptr;
  bool passed_ = false;
};

}  // namespace iw::io::http
