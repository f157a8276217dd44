// The BACnet device of a gateway that a command runs, on a thread of its own that exists only when there is
// one. It follows the configuration by itself, however that is changed.
#pragma once

#include <memory>
#include <optional>

#include "bms/service.hpp"
#include "gateway/runtime.hpp"

namespace iw::gateway {

class ServedBms final : private io::Timer {
 public:
  // All outlive it. From now on there is what the gateway's configuration says.
  ServedBms(Runtime& runtime, Gateway& gateway, Log& log);
  ServedBms(const ServedBms&) = delete;
  ServedBms& operator=(const ServedBms&) = delete;
  ~ServedBms() override = default;

  // Before the gateway ends; calls `stopped` when there is no device any more.
  void stop(std::move_only_function<void()> stopped);

 private:
  void on_timer() override;
  void apply();

  Runtime& runtime_;
  Gateway& gateway_;
  Log& log_;
  std::optional<std::uint64_t> reloads_;  // of the configuration that was applied
  std::unique_ptr<bms::Service> service_;
  std::unique_ptr<io::posix::LoopThread> thread_;  // ends before what lived on it
};

}  // namespace iw::gateway
