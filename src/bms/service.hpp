// Service: a running gateway as a BACnet device: values go to the objects, commands come back as claims, what
// must be known after a restart goes to the disk.
//
// All methods on the core executor; the device lives on the executor of its network. stop() before that ends;
// destroyed after that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bms/audit_trail.hpp"
#include "bms/commander.hpp"
#include "bms/site_device.hpp"
#include "bms/state_files.hpp"
#include "gateway/bacnet_server_config.hpp"
#include "gateway/gateway.hpp"
#include "gateway/telemetry.hpp"
#include "io/task_group.hpp"

namespace iw::bms {

class Service final : private io::Timer {
 public:
  struct Around {
    gateway::Gateway& gateway;
    io::Executor& core;
    io::Network& network;    // of the device, with its executor
    io::Executor& blocking;  // may wait for the disk
    io::Files& files;        // used there, and in apply()
    Log& log;
    std::string version;
  };

  explicit Service(Around around);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() override;

  // As the section says, from now on; none: there is no device. A device whose section has not changed goes
  // on.
  void apply(const std::optional<gateway::BacnetServerSection>& section);
  // Ends the device; then calls `stopped`.
  void stop(std::move_only_function<void()> stopped);

 private:
  struct Running;

  void on_timer() override;
  std::unique_ptr<Running> start(const gateway::BacnetServerSection& section);
  std::unique_ptr<Running> make(const gateway::BacnetServerSection& section, SiteDevice::Memory memory);
  SiteDevice::Hooks hooks(const gateway::BacnetServerSection& section);
  void end(std::unique_ptr<Running> running);
  using Done = std::move_only_function<void(std::optional<bacnet::BacnetError>)>;
  void command(Commander::Order order, Done done);
  void shed(const std::string& path, std::optional<Commander::Shed> wanted, Done done);
  std::move_only_function<void(Result<void>)> answer_there(Done done);
  std::function<void(std::string)> keeper(std::string_view name);
  void hand_over_slots();
  void read_log(const model::Mrid& point, const bacnet::server::LogBounds& minutes,
                std::move_only_function<void(std::vector<bacnet::server::LogItem>)> done);
  [[nodiscard]] std::vector<std::string> trends_of(const gateway::BacnetServerSection& section) const;
  [[nodiscard]] WallTime since() const;
  [[nodiscard]] std::vector<Standing> standings() const;
  [[nodiscard]] Troubles troubles() const;
  void acknowledge(const std::vector<events::EventId>& events, const bacnet::server::Plant::Seen& by);
  void record(security::AuditEntry entry, Done done);
  void told_time(const bacnet::server::Plant::TimeTold& told);

  Around around_;
  io::Executor& there_;  // of the device
  std::string data_folder_;
  StateFiles state_;
  std::unique_ptr<AuditTrail> audit_;     // since the first device
  std::map<std::string, WallTime> told_;  // the time, and when; by whom
  std::unique_ptr<Running> running_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // the bus may outlive us
  // Used there only:
  io::TaskGroup tasks_;
  std::optional<io::TaskGroup> ending_;  // waits for them
};

}  // namespace iw::bms
