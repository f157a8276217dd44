// PacedNetwork: a Network that does not begin many connections in one moment. After a power cut, or when a
// switch comes back, all lines of a site reconnect together; switches, gateways and devices bear some at a
// time.
//
// Only connect() is paced, in the order of the calls; its deadline counts from when its turn has come. On the
// executor of the network, like all that is made by it.
#pragma once

#include <cstddef>
#include <deque>

#include "io/network.hpp"
#include "io/operation.hpp"

namespace iw::io {

struct Pace {
  std::size_t at_once = 50;
  Duration every = 20ms;  // one more, beyond those
};

class PacedNetwork final : public Network, private Timer {
 public:
  explicit PacedNetwork(Network& network, Pace pace = {}) : network_(network), pace_(pace) {}

  // Whoever waits for a turn, or asks for one from now on, is cancelled.
  void stop();

  Task<Result<StreamPtr>> connect(Endpoint to, Instant deadline) override;
  Result<StreamPtr> open_serial(const SerialSettings& settings) override {
    return network_.open_serial(settings);
  }
  Result<ListenerPtr> listen(const Endpoint& at) override { return network_.listen(at); }
  Result<DatagramSocketPtr> bind(const Endpoint& at) override { return network_.bind(at); }
  [[nodiscard]] Executor& executor() override { return network_.executor(); }

 private:
  // True when it is somebody's turn, which is then taken.
  bool take_turn();
  void on_timer() override;

  Network& network_;
  Pace pace_;
  Instant next_turn_ = Instant::min();
  std::deque<Operation<bool>*> waiting_;
  bool stopped_ = false;
};

}  // namespace iw::io
