// FaultyNetwork: the datagrams of a simulated device on their way out: delayed, late, garbled or never sent,
// as its Faults say. Everything else is the network's.
#pragma once

#include "io/network.hpp"
#include "io/random.hpp"
#include "sim/faults.hpp"

namespace iw::sim {

class FaultyNetwork final : public io::Network {
 public:
  // All outlive it and its sockets.
  FaultyNetwork(io::Network& network, io::Random& random, const Faults& faults)
      : network_(network), random_(random), faults_(faults) {}

  io::Task<Result<io::StreamPtr>> connect(io::Endpoint to, Instant deadline) override {
    return network_.connect(std::move(to), deadline);
  }
  Result<io::StreamPtr> open_serial(const io::SerialSettings& settings) override {
    return network_.open_serial(settings);
  }
  Result<io::ListenerPtr> listen(const io::Endpoint& at) override { return network_.listen(at); }
  Result<io::DatagramSocketPtr> bind(const io::Endpoint& at) override;

  [[nodiscard]] io::Executor& executor() override { return network_.executor(); }

 private:
  io::Network& network_;
  io::Random& random_;
  const Faults& faults_;
};

}  // namespace iw::sim
