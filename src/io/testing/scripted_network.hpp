// ScriptedNetwork: what a driver's unit test says will happen when the driver connects or opens a port, in
// order.
//
//   ScriptedNetwork network(executor);
//   auto device = network.expect_connect({"192.0.2.7", 502});          // the device's end of the pipe
//   network.expect_connect({"192.0.2.7", 502}, Error{ErrorKind::refused, "nobody listens"});
//   network.expect_serial("/dev/ttyUSB0");
//   ...
//   CHECK(network.complaints() == "");                                 // all as expected, nothing left
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "io/network.hpp"
#include "io/testing/pipe.hpp"

namespace iw::io::testing {

class ScriptedNetwork final : public Network {
 public:
  explicit ScriptedNetwork(Executor& executor) : executor_(executor) {}

  // The next connect or open is to this place and succeeds after a while.
  std::unique_ptr<PipeEnd> expect_connect(const Endpoint& to, Duration after = {});
  std::unique_ptr<PipeEnd> expect_serial(const std::string& device);
  // The same, but it fails; a connect that fails with a timeout takes until its deadline.
  void expect_connect(const Endpoint& to, Error error);
  void expect_serial(const std::string& device, Error error);

  [[nodiscard]] std::size_t connects() const { return connects_; }  // tried, with whatever result
  [[nodiscard]] std::size_t opens() const { return opens_; }
  [[nodiscard]] const std::optional<SerialSettings>& last_serial() const { return last_serial_; }
  // What was not expected, and what was expected and did not come; empty when all went by the script.
  [[nodiscard]] std::string complaints() const;

  Task<Result<StreamPtr>> connect(Endpoint to, Instant deadline) override;
  Result<StreamPtr> open_serial(const SerialSettings& settings) override;
  // Not scripted: servers are tested in a World.
  Result<ListenerPtr> listen(const Endpoint& at) override;
  Result<DatagramSocketPtr> bind(const Endpoint& at) override;
  [[nodiscard]] Executor& executor() override { return executor_; }

 private:
  struct Expected {
    std::string place;
    Duration after{};
    std::unique_ptr<PipeEnd> stream = {};  // null: fails with error
    Error error = {};
  };

  std::unique_ptr<PipeEnd> expect(std::string place, Duration after);
  Result<Expected> next(const std::string& place);

  Executor& executor_;
  std::deque<Expected> expected_;
  std::size_t connects_ = 0;
  std::size_t opens_ = 0;
  std::optional<SerialSettings> last_serial_;
  std::string unexpected_;
};

}  // namespace iw::io::testing
