// FailNth: proves that every failure of the IO is survived. Wraps a Network; the Nth of all operations on it
// and on its streams (connect, open, read, write) fails; those before and after go through.
//
//   for (std::size_t n = 1;; ++n) {
//     FailNth network(scripted, n);
//     ... the whole story: it must end well or with an error that is said ...
//     if (!network.failed()) break;  // there is no Nth operation: all were tried
//   }
#pragma once

#include <cstddef>
#include <memory>

#include "io/network.hpp"

namespace iw::io::testing {

class FailNth final : public Network {
 public:
  FailNth(Network& inner, std::size_t nth, ErrorKind kind = ErrorKind::io)
      : inner_(inner), count_(std::make_shared<Count>(nth, kind)) {}

  [[nodiscard]] bool failed() const { return count_->left == 0; }

  // Wraps a stream that did not come from this network.
  [[nodiscard]] StreamPtr wrap(StreamPtr stream);

  Task<Result<StreamPtr>> connect(Endpoint to, Instant deadline) override;
  Result<StreamPtr> open_serial(const SerialSettings& settings) override;
  Result<ListenerPtr> listen(const Endpoint& at) override { return inner_.listen(at); }
  Result<DatagramSocketPtr> bind(const Endpoint& at) override { return inner_.bind(at); }
  [[nodiscard]] Executor& executor() override { return inner_.executor(); }

 private:
  class Stream;

  // Shared with the streams, which may outlive the network.
  struct Count {
    Count(std::size_t nth, ErrorKind with) : left(nth), kind(with) {}
    // True for the Nth.
    bool hit() {
      if (left == 0) return false;
      --left;
      return left == 0;
    }
    [[nodiscard]] Unexpected error() const { return iw::fail(kind, "failed by the test"); }

    std::size_t left;
    ErrorKind kind;
  };

  Network& inner_;
  std::shared_ptr<Count> count_;
};

}  // namespace iw::io::testing
