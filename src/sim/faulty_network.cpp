#include "sim/faulty_network.hpp"

#include <map>
#include <vector>

#include "io/task_group.hpp"

namespace iw::sim {
namespace {

class FaultySocket final : public io::DatagramSocket, private io::Timer {
 public:
  FaultySocket(io::DatagramSocketPtr socket, io::Executor& executor, io::Random& random, const Faults& faults)
      : socket_(std::move(socket)), executor_(executor), random_(random), faults_(faults), tasks_(executor) {}

  Result<void> send(Bytes bytes, const io::Endpoint& to) override {
    if (faults_.silent) return {};
    std::vector<std::byte> datagram(bytes.begin(), bytes.end());
    if (chance(faults_.garble_rate) && !datagram.empty()) {
      const std::uint64_t bit = random_.below(8 * datagram.size());
      datagram[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
    const Duration after = faults_.delay + (chance(faults_.late_rate) ? faults_.late_by : Duration{});
    if (after <= Duration{}) return socket_->send(datagram, to);
    waiting_.emplace(executor_.now() + after, Outgoing{.to = to, .bytes = std::move(datagram)});
    executor_.arm(*this, waiting_.begin()->first);
    return {};
  }
  [[nodiscard]] io::Endpoint local() const override { return socket_->local(); }
  void close() override {
    disarm();
    waiting_.clear();
    socket_->close();
  }

 protected:
  std::optional<Result<io::Datagram>> start_receive(MutableBytes into,
                                                    io::Operation<Result<io::Datagram>>& op) override {
    tasks_.spawn(receive_for(into, op));
    return std::nullopt;
  }

 private:
  struct Outgoing {
    io::Endpoint to;
    std::vector<std::byte> bytes;
  };

  io::Task<void> receive_for(MutableBytes into, io::Operation<Result<io::Datagram>>& op) {
    auto datagram = co_await socket_->receive(into);
    op.complete(std::move(datagram));
  }
  [[nodiscard]] bool chance(double rate) { return rate > 0 && random_.unit() < rate; }

  void on_timer() override {
    const Instant now = executor_.now();
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      const Outgoing& next = waiting_.begin()->second;
      (void)socket_->send(next.bytes, next.to);
      waiting_.erase(waiting_.begin());
    }
    if (!waiting_.empty()) executor_.arm(*this, waiting_.begin()->first);
  }

  io::DatagramSocketPtr socket_;
  io::Executor& executor_;
  io::Random& random_;
  const Faults& faults_;
  io::TaskGroup tasks_;
  std::multimap<Instant, Outgoing> waiting_;
};

}  // namespace

Result<io::DatagramSocketPtr> FaultyNetwork::bind(const io::Endpoint& at) {
  auto socket = network_.bind(at);
  if (!socket) return socket;
  return std::make_unique<FaultySocket>(std::move(*socket), executor(), random_, faults_);
}

}  // namespace iw::sim
