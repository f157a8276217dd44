// PipeNetwork: a network in memory, for tests of what listens: connect() to a listener gives the other end of
// a pipe.
#pragma once

#include <deque>
#include <map>

#include "io/network.hpp"
#include "io/signal.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/pipe.hpp"

namespace iw::sim::testing {

class PipeNetwork final : public io::Network {
 public:
  explicit PipeNetwork(io::Executor& executor) : executor_(executor) {}

  [[nodiscard]] io::Executor& executor() override { return executor_; }

  io::Task<Result<io::StreamPtr>> connect(io::Endpoint to, Instant /*deadline*/) override {
    auto end = dial(to.port);
    if (!end) co_return fail(ErrorKind::refused, "nobody listens at " + to_string(to));
    co_return io::StreamPtr(std::move(end));
  }

  // The same without waiting: nothing when nobody listens.
  std::unique_ptr<io::testing::PipeEnd> dial(std::uint16_t port) {
    const auto found = listeners_.find(port);
    if (found == listeners_.end()) return nullptr;
    auto [ours, theirs] = io::testing::make_pipe(executor_);
    found->second->arrived(std::move(theirs));
    return std::move(ours);
  }

  Result<io::ListenerPtr> listen(const io::Endpoint& at) override {
    const std::uint16_t port = at.port != 0 ? at.port : next_port_++;
    if (listeners_.contains(port)) return fail(ErrorKind::busy, "somebody listens at " + to_string(at));
    auto listener = std::make_unique<PipeListener>(*this, io::Endpoint{at.host, port});
    listeners_[port] = listener.get();
    return listener;
  }

  Result<io::StreamPtr> open_serial(const io::SerialSettings& settings) override {
    return fail(ErrorKind::unreachable, "no serial port " + settings.device);
  }
  Result<io::DatagramSocketPtr> bind(const io::Endpoint& at) override {
    return fail(ErrorKind::unsupported, "no datagrams at " + to_string(at));
  }

 private:
  class PipeListener final : public io::Listener {
   public:
    PipeListener(PipeNetwork& network, io::Endpoint at)
        : network_(network), local_(std::move(at)), wake_(network.executor_) {}
    ~PipeListener() override { network_.listeners_.erase(local_.port); }

    void arrived(io::StreamPtr stream) {
      waiting_.push_back(std::move(stream));
      network_.executor_.post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) wake_.set();
      });
    }

    io::Task<Result<io::StreamPtr>> accept() override {
      while (waiting_.empty()) {
        if (co_await wake_.wait() == io::Wake::closed) co_return fail(ErrorKind::cancelled, "closed");
      }
      io::StreamPtr stream = std::move(waiting_.front());
      waiting_.pop_front();
      co_return stream;
    }
    [[nodiscard]] io::Endpoint local() const override { return local_; }
    void close() override {
      network_.listeners_.erase(local_.port);
      network_.executor_.post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) wake_.close();
      });
    }

   private:
    PipeNetwork& network_;
    io::Endpoint local_;
    io::Signal wake_;
    std::deque<io::StreamPtr> waiting_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  };

  io::Executor& executor_;
  std::map<std::uint16_t, PipeListener*> listeners_;
  std::uint16_t next_port_ = 40'000;
};

}  // namespace iw::sim::testing
